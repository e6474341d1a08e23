"""A bad and a good example of every finding in a map's or table's text: the reference prints them, and tests hold that they are so.

Shape:  each is what stands below the header of a map of a PurchaseOrder and X12 004010 850, or a whole map where it begins with
        `map:`; of a table, the lines of its file.
"""

from collections.abc import Mapping
from types import MappingProxyType

HEADER = "map: example\nrecord: PurchaseOrder\nschema: X12 004010 850\n"
Example = tuple[str, str]

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
        "MAP-304": ("fields: {id: BEG/03, type: {in: BEG/02}}", "fields: {id: BEG/03, type: BEG/02}"),
        "MAP-305": (
            "fields: {id: BEG/03, department: 'REF[DP]/02', customer_reference: 'REF[03=K]/02'}",
            "fields: {id: BEG/03, department: 'REF[DP]/02', customer_reference: 'REF[CR]/02'}",
        ),
        "MAP-306": ("fields: {id: BEG/03, currency: 'CUR[BY|SE]/02'}", "fields: {id: BEG/03, currency: 'CUR[BY]/02'}"),
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
WITHOUT = frozenset({"MAP-127", "MAP-303"})
"""A map of 5,000 rows, and a note that stands for what is not there: no line would show them."""
