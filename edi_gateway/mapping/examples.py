"""A bad and a good example of every finding: the reference prints them, and tests hold that they are so.

Shape:  a map's is what stands below the header of a map of a PurchaseOrder and X12 004010 850, or a whole map where it begins with
        `map:`; a table's, the lines of its file; a run's, the segments of a document or the JSON of a record.
"""

from collections.abc import Mapping
from types import MappingProxyType

HEADER = "map: example\nrecord: PurchaseOrder\nschema: X12 004010 850\n"
Example = tuple[str, str]

_UNITS = (
    "fields: {id: BEG/03, lines: {each: PO1, fields: {quantity: PO1/02, unit_code: PO1/03, seller_item_id: 'PO1/pair[VN]'}, "
    "units: {quantity: quantity, unit: unit_code, item: seller_item_id, table: packs, ours: EA}}}"
)


def _deep(levels: int) -> str:
    """A map whose parts stand within parts, each twice: 2 to the power of `levels` rows."""
    parts = ["  p0: {name: N1/02}", *(f"  p{at}: {{a: {{fields: p{at - 1}}}, b: {{fields: p{at - 1}}}}}" for at in range(1, levels))]
    return "\n".join(["parts:", *parts, f"fields: {{id: BEG/03, ship_to: {{at: 'N1[ST]', fields: p{levels - 1}}}}}"])


MAPS: Mapping[str, Example] = MappingProxyType(
    {
        "MAP-101": ("fields: {id: BEG/03", "fields: {id: BEG/03}"),
        "MAP-102": ("fields: {id: BEG/03, id: BEG/04}", "fields: {id: BEG/03, release_number: BEG/04}"),
        "MAP-103": ("fields: {id: &a BEG/03, release_number: *a}", "fields: {id: BEG/03, release_number: BEG/04}"),
        "MAP-104": ("map: example\nrecord: PurchaseOrder\nfields: {id: BEG/03}", f"{HEADER}fields: {{id: BEG/03}}"),
        "MAP-105": ("feilds: {type: BEG/02}\nfields: {id: BEG/03}", "fields: {id: BEG/03, type: BEG/02}"),
        "MAP-106": ("fields: {id: [BEG/03]}", "fields: {id: BEG/03}"),
        "MAP-107": ("fields: {id: BEG03}", "fields: {id: BEG/03}"),
        "MAP-108": ("fields: {id: BEG/33}", "fields: {id: BEG/03}"),
        "MAP-109": ("fields: {id: 'REF[DP]/04'}", "fields: {id: 'REF[DP]/04-2'}"),
        "MAP-110": ("fields: {id: 'BEG/pair[VN]'}", "fields: {id: BEG/03}"),
        "MAP-111": ("fields: {id: BEG/03, total_amount: BEG/05}", "fields: {id: BEG/03, issue_date: BEG/05}"),
        "MAP-112": ("fields: {id: BEG/03, issued: BEG/05}", "fields: {id: BEG/03, issue_date: BEG/05}"),
        "MAP-113": ("fields: {id: {at: BEG, fields: {number: BEG/03}}}", "fields: {id: BEG/03}"),
        "MAP-114": (
            "fields: {id: BEG/03, lines: {at: PO1, fields: {quantity: PO1/02}}}",
            "fields: {id: BEG/03, lines: {each: PO1, fields: {quantity: PO1/02}}}",
        ),
        "MAP-115": ("map: example\nextends: x12/004010/85", "map: example\nextends: x12/004010/850"),
        "MAP-116": ("map: example\nextends: example", "map: example\nextends: x12/004010/850"),
        "MAP-117": (
            "map: example\nextends: x12/004010/850\nomit: [depratment]",
            "map: example\nextends: x12/004010/850\nomit: [department]",
        ),
        "MAP-118": ("fields: {issue_date: BEG/05}", "fields: {id: BEG/03, issue_date: BEG/05}"),
        "MAP-119": ("fields: {id: BEG/03, ship_to: N1/02}", "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: {name: N1/02}}}"),
        "MAP-120": ("fields: {id: BEG/03, release_number: BEG/03}", "fields: {id: BEG/03, release_number: BEG/04}"),
        "MAP-121": ("fields: {id: BEG/03}\nequations: {CTT/01: count(line)}", "fields: {id: BEG/03}\nequations: {CTT/01: count(lines)}"),
        "MAP-122": ("fields: {id: BEG/03, issue_date: BEG/05 = today}", "fields: {id: BEG/03, issue_date: BEG/05 = 20260105}"),
        "MAP-123": (
            "map: example\nrecord: Order\nschema: X12 004010 850\nfields: {id: BEG/03}",
            f"{HEADER}fields: {{id: BEG/03}}",
        ),
        "MAP-124": ("fields: {id: BEG/03, department: 'RFE[DP]/02'}", "fields: {id: BEG/03, department: 'REF[DP]/02'}"),
        "MAP-125": (
            "map: example\nrecord: PurchaseOrder\nschema: X12 4010 850\nfields: {id: BEG/03}",
            f"{HEADER}fields: {{id: BEG/03}}",
        ),
        "MAP-126": (
            "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: party}}",
            "parts: {party: {name: N1/02}}\nfields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: party}}",
        ),
        "MAP-127": (_deep(14), _deep(3)),
        "MAP-201": (
            "tables: {kind: {rush: RO, hurry: RO}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
            "tables: {kind: {rush: RO, dropship: DS}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
        ),
        "MAP-202": (
            "tables: {kind: {rush: RO, accept: {SA: new}}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
            "tables: {kind: {new: NE, accept: {SA: new}}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
        ),
        "MAP-203": (
            "tables: {kind: {NE: RO, new: NE, other: keep}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
            "tables: {kind: {rush: RO, new: NE, other: keep}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
        ),
        "MAP-204": (
            "tables: {kind: {rush: RO}}\nfields: {id: BEG/03, type: BEG/02 via knid}",
            "tables: {kind: {rush: RO}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
        ),
        "MAP-205": ("fields: {id: BEG/03 via !uper}", "fields: {id: BEG/03 via !upper}"),
        "MAP-206": (
            "tables: {kind: {rush: QQ}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
            "tables: {kind: {rush: RO}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
        ),
        "MAP-207": ("fields: {id: BEG/03, department: 'REF[ZZZZ]/02'}", "fields: {id: BEG/03, department: 'REF[DP]/02'}"),
        "MAP-208": (
            "tables: {kind: {rush: RO}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
            "tables: {kind: {rush: RO, other: keep}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
        ),
        "MAP-209": ("tables: {kind: {rush: RO}}\nfields: {id: BEG/03}", "fields: {id: BEG/03}"),
        "MAP-301": (
            "fields: {id: BEG/03, department: {is: 'REF[DP]/02', when: type == 'SA'}, type: BEG/02}",
            "fields: {id: BEG/03, type: BEG/02, department: {is: 'REF[DP]/02', when: type == 'SA'}}",
        ),
        "MAP-302": (
            "fields: {id: BEG/03}",
            "fields: {id: BEG/03, purpose: BEG/01 = 00, type: BEG/02, issue_date: BEG/05, lines: {each: PO1, fields: {quantity: PO1/02}}}",
        ),
        "MAP-303": (
            "map: example\nextends: target/810\nomit: [payment_terms]",
            "map: example\nextends: target/810",
        ),
        "MAP-304": ("fields: {id: BEG/03, type: {in: BEG/02}}", "fields: {id: BEG/03, type: BEG/02}"),
        "MAP-305": (
            "fields: {id: BEG/03, department: 'REF[DP]/02', customer_reference: 'REF[03=K]/02'}",
            "fields: {id: BEG/03, department: 'REF[DP]/02', customer_reference: 'REF[CR]/02'}",
        ),
        "MAP-306": ("fields: {id: BEG/03, currency: 'CUR[BY|SE]/02'}", "fields: {id: BEG/03, currency: 'CUR[BY]/02'}"),
        "MAP-310": (
            "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: {name: N1/02, id: N1/04}}}",
            "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: {name: N1/02, id_scheme: N1/03, id: N1/04}}}",
        ),
    }
)

TABLES: Mapping[str, Example] = MappingProxyType(
    {
        "MAP-210": ('record,document\nOUR-1,"B1', "record,document\nOUR-1,B1"),
        "MAP-211": ("record,document,until\nOUR-1,B1,2026-03-31", "record,document,to\nOUR-1,B1,2026-03-31"),
        "MAP-212": ("record\nOUR-1", "record,document\nOUR-1,B1"),
        "MAP-213": ("record,document,from\nOUR-1,B1,1.4.2026", "record,document,from\nOUR-1,B1,2026-04-01"),
        "MAP-214": ("record,document\nOUR-1,B1\nOUR-2,B1", "record,document\nOUR-1,B1\nOUR-2,B2"),
    }
)
GUIDE = "guide: example/850\ntitle: Example\nsource: Example\ndate: 2026-01-05\nschema: X12 004010 850\nrules:\n"
_KIND = "tables: {kind: {rush: RO, new: NE}}\nfields: {id: BEG/03, type: BEG/02 via kind}"
_RUSH = "tables: {kind: {rush: RO}}\nfields: {id: BEG/03, type: BEG/02 via kind}"

GUIDED: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "MAP-215": ("  - {at: BEG/02, codes: [RO, NE]}\n", _RUSH, _KIND),
        "MAP-216": ("  - {at: BEG/02, codes: [RO]}\n", _KIND, _RUSH),
        "MAP-307": (
            "  - {at: 'REF[DP]', use: required}\n",
            "fields: {id: BEG/03}",
            "fields: {id: BEG/03, department: 'REF[DP]/02'}",
        ),
        "MAP-308": ("  - {at: BEG/04, use: forbidden}\n", "fields: {id: BEG/03, release_number: BEG/04}", "fields: {id: BEG/03}"),
        "MAP-309": (
            "  - {at: PO1/06, codes: [VN, IB]}\n",
            "fields: {id: BEG/03, lines: {each: PO1, fields: {seller_item_id: 'PO1/pair[VN]'}}}",
            "fields: {id: BEG/03, lines: {each: PO1, fields: {seller_item_id: 'PO1/pair[VN|IB]'}}}",
        ),
    }
)
"""Per finding beside a guide: the guide's rule, a map that does not keep to it, and one that does."""

RUNS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "MAP-401": (
            "fields: {id: BEG/03, lines: {each: PO1, fields: {quantity: PO1/02}}}\nequations: {CTT/01: count(lines)}",
            "BEG*00*NE*P1~PO1*1*24~CTT*2",
            "BEG*00*NE*P1~PO1*1*24~CTT*1",
        ),
        "MAP-402": (_RUSH, "BEG*00*NE*P1", "BEG*00*RO*P1"),
        "MAP-403": (_RUSH, '{"id": "P1", "type": "hurry"}', '{"id": "P1", "type": "rush"}'),
        "MAP-404": ("fields: {id: BEG/03}", "BEG*00*NE", "BEG*00*NE*P1"),
        "MAP-405": ("fields: {id: BEG/03, issue_date: BEG/05}", "BEG*00*NE*P1**20261305", "BEG*00*NE*P1**20260105"),
        "MAP-406": (
            "fields: {id: BEG/03, backorder_allowed: CSH/01, lines: {each: PO1, fields: {gtin: 'PO1/pair[UP]'}}}"
            "\nequations: {CTT/01: 'sum(0.5 for l in lines)'}",
            '{"id": "P1", "lines": [{"gtin": "1"}]}',
            '{"id": "P1", "lines": [{"gtin": "1"}, {"gtin": "2"}]}',
        ),
        "MAP-407": (
            "map: unread\nrecord: PurchaseOrder\nschema: X12 004010 850\nfields: {id: BEG/03}",
            "BEG**NE*P1",
            "BEG***P1",
        ),
        "MAP-408": (
            "fields: {id: BEG/03, lines: {each: PO1, fields: {gtin: 'PO1/pair[UP:12|EN:13]'}}}",
            '{"id": "P1", "lines": [{"gtin": "4006381"}]}',
            '{"id": "P1", "lines": [{"gtin": "4006381333931"}]}',
        ),
        "MAP-409": (
            "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: {contact: {at: PER, fields: {name: 'PER/pair[WP]', "
            "function: 'PER/pair[FX]', telephone: 'PER/pair[TE]', email: 'PER/pair[EM]'}}}}}",
            '{"id": "P1", "ship_to": {"contact": {"name": "a", "function": "b", "telephone": "c", "email": "d"}}}',
            '{"id": "P1", "ship_to": {"contact": {"name": "a", "function": "b", "telephone": "c"}}}',
        ),
        "MAP-410": (
            "fields: {id: BEG/03, department: 'REF[DP]/02', references: {each: REF, fields: {qualifier: REF/01, id: REF/02}}}",
            '{"id": "P1", "references": [{"qualifier": "DP", "id": "7"}]}',
            '{"id": "P1", "department": "7"}',
        ),
        "MAP-411": (
            "map: example\nrecord: PurchaseOrder\nschema: X12 005010 850\nfields: {id: BEG/03, department: 'REF[DP]/02'}",
            "BEG**NE*P1~REF*DP*A^B",
            "BEG**NE*P1~REF*DP*A",
        ),
        "MAP-412": (
            "map: example\nrecord: PurchaseOrder\nschema: X12 005010 850\n"
            "fields: {id: BEG/03, department: 'REF[DP]/02^1', customer_reference: 'REF[DP]/02^2'}",
            '{"id": "P1", "customer_reference": "B"}',
            '{"id": "P1", "department": "A", "customer_reference": "B"}',
        ),
        "MAP-413": (
            "fields: {id: BEG/03, lines: {each: PO1, fields: {gtin: 'PO1/pair[UP] via ?gtin'}}}",
            "BEG**NE*P1~PO1**24****UP*614141000037",
            "BEG**NE*P1~PO1**24****UP*614141000036",
        ),
        "MAP-414": (_UNITS, "BEG**NE*P1~PO1**2*BX***VN*SKU-77", "BEG**NE*P1~PO1**2*CA***VN*SKU-77"),
        "MAP-415": (
            _UNITS,
            '{"id": "P1", "lines": [{"quantity": "30", "unit_code": "EA", "seller_item_id": "SKU-77"}]}',
            '{"id": "P1", "lines": [{"quantity": "24", "unit_code": "EA", "seller_item_id": "SKU-77"}]}',
        ),
    }
)
"""Per finding of a run: a map, a document or record that gives it, and one that does not. A record begins with a brace."""

PACKS = "item,unit,size\nSKU-77,CA,12\n"
"""The table of pack sizes that the examples about units use."""
