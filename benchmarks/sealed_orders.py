"""What a retailer posts: 850s of 60 lines and about 10 KB, each another one, signed and encrypted, sealed beforehand."""

import os
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from endpoint_bench import http_request
from x12_files import purchase_order

from edi_gateway import as2
from edi_gateway.bootstrap import read_terms
from edi_gateway.demo.homes import Pair
from edi_gateway.work import system_clock

LINES = 60
_ARTICLE = re.compile(r"[*]UP[*]\d{12}")


@dataclass(frozen=True)
class Posting:
    """An order, sealed: its number and the HTTP request."""

    po: str
    request: bytes


def order(number: int, draw: random.Random) -> tuple[str, bytes]:
    """A PO number of its own, and the interchange that holds the order."""
    po = f"PL{number:08}"
    body = purchase_order(draw, LINES)
    body[0] = f"BEG*00*SA*{po}**20261128"
    lines = [
        f"ISA*00*          *00*          *ZZ*RETAILER       *ZZ*SUPPLIER       *261128*1015*U*00401*{number:09}*0*P*>",
        f"GS*PO*RETAILER*SUPPLIER*20261128*1015*{number}*X*004010",
        f"ST*850*{number:09}",
        *_longer(body, draw),
    ]
    lines += [f"SE*{len(lines) - 1}*{number:09}", f"GE*1*{number}", f"IEA*1*{number:09}"]
    return po, "".join(f"{line}~\n" for line in lines).encode()


def _longer(body: Sequence[str], draw: random.Random) -> Iterator[str]:
    """The order with what lines of real ones have besides: a buyer's number, packs and references, and a delivery date of their own."""
    started = False
    for line in body:
        if started and line.startswith(("PO1*", "CTT*")):
            yield f"DTM*002*202612{draw.randint(1, 28):02}"
        started = started or line.startswith("PO1*")
        if line.startswith("PO1*"):
            yield _ARTICLE.sub(_checked, f"{line}*IN*{draw.randint(10**7, 10**8)}")
        elif not line.startswith("PID*"):
            yield line
        else:
            yield f"{line}, 24 a case"
            yield f"PO4*{draw.randint(1, 48)}"
            yield f"REF*LI*{draw.randint(10**9, 10**10)}"


def _checked(found: re.Match[str]) -> str:
    """A U.P.C. number with the check digit that it ought to have."""
    digits = found[0][4:15]
    odd, even = (sum(map(int, digits[start::2])) for start in (0, 1))
    return f"*UP*{digits}{-(3 * odd + even) % 10}"


def seal_all(pair: Pair, numbers: range) -> list[Posting]:
    """The retailer's orders as HTTP requests, each under a Message-ID of its own."""
    terms, now, draw = read_terms(pair.retailer.home), system_clock.now(), random.Random(numbers.start)
    key, recipient = terms.keys.signing(now), terms.keys.recipient(terms.book.partners[0], now)
    sealed = []
    for number in numbers:
        po, content = order(number, draw)
        message = as2.seal(
            content,
            as2_from="RETAILER",
            as2_to="SUPPLIER",
            message_id=f"<{number}.{os.urandom(4).hex()}@bench.invalid>",
            when=now,
            signing_key=key,
            recipients=[recipient],
        )
        sealed.append(Posting(po=po, request=http_request(message)))
    return sealed
