"""One thing that the doctor looked at."""

from dataclasses import dataclass

from edi_gateway.faults import Fault, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `words` say what was found; `is_left_out` that it could not be looked at, or need not be."""

    name: str
    words: str
    faults: tuple[Fault, ...] = ()
    is_left_out: bool = False

    @property
    def status(self) -> str:
        """ "ok", "warning", "fault" or "left out"."""
        severities = {fault.severity for fault in self.faults}
        if Severity.ERROR in severities:
            return "fault"
        if Severity.WARNING in severities:
            return "warning"
        return "left out" if self.is_left_out else "ok"
