"""Made-up X12 files of any size for the benchmarks: many sets, no two alike, always the same for a seed."""

import random
from collections.abc import Callable, Iterator

_UNITS = ("EA", "CA", "DZ", "PK")
_ADJECTIVES = ("Blue", "Red", "Large", "Small", "Folding", "Steel", "Cotton", "Paper")
_NOUNS = ("mug", "plate", "chair", "lamp", "towel", "basket", "frame", "kettle")


def purchase_order(draw: random.Random, lines: int) -> list[str]:
    """An 850's body of so many lines, with parties, dates, notes and allowances."""
    store = draw.randint(1, 9999)
    quantities = [draw.randint(1, 480) for _ in range(lines)]
    body = [
        f"BEG*00*SA*PO{draw.randint(10**7, 10**8)}**2026{_day(draw)}",
        f"REF*DP*{draw.randint(1, 99):03}",
        f"REF*IA*{draw.randint(10**5, 10**6)}",
        f"PER*BD*{draw.choice(_ADJECTIVES)} {draw.choice(_NOUNS)}*TE*{draw.randint(10**9, 10**10)}",
        "FOB*PP",
        f"ITD*01*3*{draw.randint(1, 3)}**{draw.choice((10, 15, 20))}**{draw.choice((30, 45, 60))}",
        f"DTM*063*2026{_day(draw)}",
        f"DTM*064*2026{_day(draw)}",
        "N9*L1*SPECIAL",
        f"MSG*Deliver to dock {draw.randint(1, 40)}, call {draw.randint(100, 999)} ahead.",
        f"N1*BY*Big Retail Store {store}*92*{store:04}",
        f"N1*ST*Big Retail Store {store}*92*{store:04}",
        f"N3*{draw.randint(1, 9999)} Harbor Road",
        f"N4*Newark*NJ*{draw.randint(10000, 99999)}*US",
    ]
    for number, quantity in enumerate(quantities, 1):
        price = draw.randint(50, 99999) / 100
        item = f"PO1*{number}*{quantity}*{draw.choice(_UNITS)}*{price}*PE*{_item(draw)}"
        body += [item, f"PID*F****{draw.choice(_ADJECTIVES)} {draw.choice(_NOUNS)} no. {draw.randint(1, 9999)}"]
        if number % 3 == 0:
            body.append(f"SAC*A*C310***{draw.randint(100, 99999)}")
    return [*body, f"CTT*{lines}*{sum(quantities)}"]


def ship_notice(draw: random.Random, lines: int) -> list[str]:
    """An 856's body: a shipment, orders, packs and items, `lines` items in all."""
    body = [
        f"BSN*00*SHP{draw.randint(10**6, 10**7)}*2026{_day(draw)}*{draw.randint(10, 23)}{draw.randint(10, 59)}*0001",
        "HL*1**S",
        f"TD1*CTN25*{lines}****G*{draw.randint(10, 9999) / 10}*LB",
        "TD5**2*UPSN*M",
        f"REF*BM*BOL{draw.randint(10**6, 10**7)}",
        f"DTM*011*2026{_day(draw)}",
        "N1*SF*Acme Supply*92*AC01",
        f"N1*ST*Big Retail DC*92*{draw.randint(1, 9999):04}",
    ]
    level = order = 1
    for number in range(1, lines + 1):
        if number % 5 == 1:
            level += 1
            order = level
            body += [f"HL*{level}*1*O", f"PRF*PO{draw.randint(10**7, 10**8)}***2026{_day(draw)}"]
        level += 2
        body += [
            f"HL*{level - 1}*{order}*P",
            f"MAN*GM*000{draw.randint(10**16, 10**17 - 1)}",
            f"HL*{level}*{level - 1}*I",
            f"LIN*{number}*{_item(draw)}",
            f"SN1*{number}*{draw.randint(1, 480)}*{draw.choice(_UNITS)}",
            f"PID*F****{draw.choice(_ADJECTIVES)} {draw.choice(_NOUNS)}",
        ]
    return [*body, f"CTT*{level}"]


def invoice(draw: random.Random, lines: int) -> list[str]:
    """An 810's body of so many lines."""
    body = [
        f"BIG*2026{_day(draw)}*INV{draw.randint(10**6, 10**7)}*2026{_day(draw)}*PO{draw.randint(10**7, 10**8)}***DI",
        "CUR*SE*USD",
        f"REF*DP*{draw.randint(1, 99):03}",
        f"N1*ST*Big Retail DC*92*{draw.randint(1, 9999):04}",
        "N1*RI*Acme Supply*92*AC01",
        "ITD*01*3*2**10**30",
        f"DTM*011*2026{_day(draw)}",
    ]
    for number in range(1, lines + 1):
        price = draw.randint(50, 99999) / 100
        item = f"IT1*{number}*{draw.randint(1, 480)}*{draw.choice(_UNITS)}*{price}**{_item(draw)}"
        body += [item, f"PID*F****{draw.choice(_ADJECTIVES)} {draw.choice(_NOUNS)} no. {draw.randint(1, 9999)}"]
    return [*body, f"SAC*A*C310***{draw.randint(100, 9999)}", f"TDS*{draw.randint(10**4, 10**8)}", "CAD*M***UPSN", f"CTT*{lines}"]


BODIES: dict[str, tuple[str, Callable[[random.Random, int], list[str]]]] = {
    "850": ("PO", purchase_order),
    "856": ("SH", ship_notice),
    "810": ("IN", invoice),
}


def chunks(set_id: str, size: int, *, lines: int = 10, seed: int = 1) -> Iterator[bytes]:
    """An interchange of about `size` bytes of one kind of set, a set a chunk."""
    functional_id, make = BODIES[set_id]
    draw = random.Random(seed)
    header = "ISA*00*          *00*          *ZZ*BIGRETAIL      *01*ACMESUPPLY     *261120*1015*U*00401*000000101*0*T*>~"
    yield f"{header}GS*{functional_id}*BIGRETAIL*ACMESUPPLY*20261120*1015*101*X*004010~".encode()
    written = count = 0
    while written < size:
        count += 1
        body = make(draw, lines)
        chunk = "".join(f"{line}~" for line in (f"ST*{set_id}*{count:06}", *body, f"SE*{len(body) + 2}*{count:06}")).encode()
        written += len(chunk)
        yield chunk
    yield f"GE*{count}*101~IEA*1*000000101~".encode()


def content(set_id: str, size: int, *, lines: int = 10, seed: int = 1) -> bytes:
    """The same, whole."""
    return b"".join(chunks(set_id, size, lines=lines, seed=seed))


def _day(draw: random.Random) -> str:
    return f"{draw.randint(1, 12):02}{draw.randint(1, 28):02}"


def _item(draw: random.Random) -> str:
    return f"UP*{draw.randint(10**11, 10**12 - 1)}*VN*AC-{draw.randint(100, 99999)}"
