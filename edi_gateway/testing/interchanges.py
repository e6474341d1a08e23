"""X12 text for tests, written by hand rather than by our own writer: sets, groups and interchanges put together from lines."""

from collections.abc import Sequence

Set = Sequence[str]
"""The lines of one set, its id first: no ST, no SE."""


def order_lines(po: str, *, unit: str = "EA") -> Set:
    """An 850 for two articles."""
    return (
        "850",
        f"BEG*00*SA*{po}**20260302",
        "DTM*002*20260317",
        "N1*ST*Example Stores DC 4*92*0042",
        "N3*1 Dock Road",
        "N4*Springfield*IL*62701*US",
        f"PO1*1*24*{unit}*3.1**BP*B000123*VP*SKU-77",
        "PO1*2*6*CA*18**BP*B000124*VP*SKU-78",
        "CTT*2",
    )


def group(functional: str, control: str, sets: Sequence[Set], *, sender: str = "RETAILER", receiver: str = "SUPPLIER") -> list[str]:
    """A functional group of these sets, numbered from 0001."""
    lines = [f"GS*{functional}*{sender}*{receiver}*20260302*0900*{control}*X*004010"]
    for number, (set_id, *body) in enumerate(sets, 1):
        lines += [f"ST*{set_id}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    return [*lines, f"GE*{len(sets)}*{control}"]


def interchange(
    groups: Sequence[Sequence[str]],
    *,
    control: int = 1,
    sender: str = "RETAILER",
    receiver: str = "SUPPLIER",
    wants_ta1: bool = False,
    ta1s: Sequence[str] = (),
) -> bytes:
    """An interchange of these groups."""
    head = f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260302*0900*U*00401*{control:09}*{wants_ta1:d}*P*>"
    lines = [head, *ta1s, *(line for one in groups for line in one), f"IEA*{len(groups)}*{control:09}"]
    return "".join(f"{line}~\n" for line in lines).encode()


def orders(*numbers: str, control: int = 1) -> bytes:
    """An interchange from the retailer to the supplier: one group, an 850 for each PO number."""
    return interchange([group("PO", str(control), [order_lines(number) for number in numbers])], control=control)


def acknowledgment(
    functional: str,
    group_control: str,
    verdict: str,
    *,
    sets: Sequence[Sequence[str]] = (),
    counts: tuple[int, int, int] = (1, 1, 1),
    control: int = 900,
    sender: str = "RETAILER",
    receiver: str = "SUPPLIER",
) -> bytes:
    """An interchange with a 997 for one group. Shape: `sets` are the lines of each AK2 loop, AK2 and AK5 among them."""
    body = [f"AK1*{functional}*{group_control}", *(line for one in sets for line in one), f"AK9*{verdict}*{'*'.join(map(str, counts))}"]
    made = group("FA", str(control), [("997", *body)], sender=sender, receiver=receiver)
    return interchange([made], control=control, sender=sender, receiver=receiver)
