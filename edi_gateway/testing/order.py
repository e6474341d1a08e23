"""One made-up order in its three forms: X12, canonical record and ERP file."""

from collections.abc import Sequence
from typing import Any

ORDER_LINES = (
    ("1", "48", "CA", "21.6", "00012345600012", "NG-1001", "Oat bar, 24 pack"),
    ("2", "12", "CA", "118.75", "00012345600029", "NG-1002", "Green tea, 100 g tin"),
    ("3", "144", "EA", "3.4", "00012345600036", "NG-1003", "Paper cups, 50"),
)


def x12(control: int, functional: str, sender: str, receiver: str, sets: Sequence[Sequence[str]]) -> bytes:
    """An interchange of one group around these sets; each set is its segments without ST and SE, its id first."""
    lines = [
        f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260310*1432*U*00401*{control:09}*0*P*>",
        f"GS*{functional}*{sender}*{receiver}*20260310*1432*{control}*X*004010",
    ]
    for number, (set_id, *body) in enumerate(sets, 1):
        lines += [f"ST*{set_id}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    lines += [f"GE*{len(sets)}*{control}", f"IEA*1*{control:09}"]
    return "".join(line + "~\n" for line in lines).encode()


def order_segments(po: str) -> list[str]:
    """The body of an 850."""
    lines = [f"PO1*{n}*{quantity}*{unit}*{price}**UK*{gtin}*IN*{item}" for n, quantity, unit, price, gtin, item, _ in ORDER_LINES]
    with_names = [part for line, spec in zip(lines, ORDER_LINES, strict=True) for part in (line, f"PID*F****{spec[-1]}")]
    return [
        "850",
        f"BEG*00*SA*{po}**20260310",
        "CUR*BY*USD",
        "REF*DP*0417",
        "DTM*002*20260317",
        "N1*ST*Northgate DC 7*92*0007",
        "N3*4100 Harbor Way",
        "N4*Tacoma*WA*98421*US",
        *with_names,
        f"CTT*{len(ORDER_LINES)}",
    ]


def order_record(po: str) -> dict[str, Any]:
    """The canonical record of the same order."""
    names = ("line_id", "quantity", "unit_code", "unit_price", "gtin", "buyer_item_id", "description")
    return {
        "id": po,
        "purpose": "original",
        "type": "stand_alone",
        "issue_date": "2026-03-10",
        "currency": "USD",
        "department": "0417",
        "requested_delivery_period": {"start": "2026-03-17"},
        "buyer": {"id": "NORTHGATE", "name": "Northgate Stores"},
        "ship_to": {
            "id": "0007",
            "id_scheme": "92",
            "name": "Northgate DC 7",
            "street": "4100 Harbor Way",
            "city": "Tacoma",
            "region": "WA",
            "postal_code": "98421",
            "country": "US",
        },
        "lines": [dict(zip(names, line, strict=True)) for line in ORDER_LINES],
        "total_lines": len(ORDER_LINES),
    }


def order_csv(po: str) -> bytes:
    """The same order as the ERP gets it."""
    head = f"ORDER,{po},20260310,USD,0007,Northgate DC 7\n"
    return (head + "".join(f"LINE,{n},{q},{u},{p},{g},{i},{d!r}\n".replace("'", '"') for n, q, u, p, g, i, d in ORDER_LINES)).encode()
