"""What an agreement asks of a reading: how strict, which characters, which faults are tolerated."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from edi_gateway.faults import Fault, Severity
from edi_gateway.x12.charset import Charset
from edi_gateway.x12.guide import Guide


class Mode(StrEnum):
    """How deviations from the standard weigh."""

    STRICT = "strict"
    """an error rejects its transaction set"""
    TOLERANT = "tolerant"
    """errors of segments and elements are noted and the set is accepted; only a set that cannot be delimited or named is rejected"""


class Verdict(StrEnum):
    """What becomes of a transaction set."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    REJECTED = "rejected"

    @property
    def letter(self) -> str:
        """As AK501 and AK901 write it."""
        return {"accepted": "A", "accepted_with_errors": "E", "rejected": "R"}[self.value]


_OF_CONTENT = ("X12-4", "X12-5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How to judge one partner's interchanges.

    Shape:  `tolerated` are codes of faults that are noted but reject nothing, `rejecting` codes that reject in any mode;
            `release` reads the groups as another release than GS08 names; `guides` are held against the sets they are for.
    """

    mode: Mode = Mode.STRICT
    charset: Charset = Charset.UTF8
    tolerated: frozenset[str] = frozenset()
    rejecting: frozenset[str] = frozenset()
    release: str | None = None
    guides: tuple[Guide, ...] = ()

    def severity(self, fault: Fault) -> Severity:
        """How a fault weighs under these rules."""
        if fault.code in self.rejecting:
            return Severity.ERROR
        if fault.severity is Severity.ERROR and (
            fault.code in self.tolerated or (self.mode is Mode.TOLERANT and fault.code.startswith(_OF_CONTENT))
        ):
            return Severity.WARNING
        return fault.severity

    def guide(self, release: str, set_id: str) -> Guide | None:
        """The guide for a set, None where there is none."""
        return next((one for one in self.guides if one.set_id == set_id and release.startswith(one.release)), None)

    def verdict(self, faults: Iterable[Fault]) -> Verdict:
        """The verdict on a transaction set that has these faults."""
        severities = {self.severity(fault) for fault in faults}
        if Severity.ERROR in severities:
            return Verdict.REJECTED
        return Verdict.ACCEPTED_WITH_ERRORS if Severity.WARNING in severities else Verdict.ACCEPTED
