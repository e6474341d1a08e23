"""What checking X12 files found, in the two forms it is told in: a line a finding, and the stable JSON of `x12 check --json`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from edi_gateway import x12
from edi_gateway.cli.outcome import FINDINGS, GOOD, UNUSABLE, counted, one_line
from edi_gateway.faults import Fault, Severity

LONGEST_VALUE = 60
_PLACE_PARTS = ("segment", "position", "loop", "element", "component", "repetition", "offset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How findings are told: the rules they were judged by, and the acknowledgment whose codes they get."""

    rules: x12.Rules
    form: x12.Form

    def as_json(self, fault: Fault) -> dict[str, Any]:
        """A finding. Shape: `ak` is None where no acknowledgment has a code for it."""
        place = fault.place.known()
        return {
            "code": fault.code,
            "ak": x12.ack_text(fault, self.form),
            **{part: place.get(part) for part in _PLACE_PARTS},
            "value": fault.value,
            "message": fault.message,
            "fix": fault.fix,
            "severity": self.rules.severity(fault).value,
        }

    def line(self, fault: Fault, file: str | None) -> str:
        """A finding on one line. `file` is None where there is only one file."""
        place = fault.place
        designator = place.segment or ""
        if place.element is not None:
            designator += f"{place.element:02}" + (f"-{place.component}" if place.component else "")
        parts = (
            file,
            fault.code,
            x12.ack_text(fault, self.form) or "-",
            f"set {place.set_id} {place.set_control or ''}".rstrip() if place.set_id else None,
            f"segment {place.position}" if place.position else None,
            f"loop {place.loop}" if place.loop else None,
            designator,
            f"byte {place.offset}" if place.offset is not None else None,
            _cut(fault.value),
        )
        return one_line("  ".join(part for part in parts if part) + f": {fault.message} {fault.fix}".rstrip())

    def weighs(self, fault: Fault) -> bool:
        """Whether a finding is more than a note."""
        return self.rules.severity(fault) is not Severity.NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSet:
    """One transaction set's verdict and faults; its bytes are let go."""

    set_id: str
    control: str
    release: str
    group: str
    verdict: x12.Verdict
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundInterchange:
    """One interchange with its groups and sets, or (`header` None) bytes that are no interchange."""

    header: x12.Interchange | None
    groups: tuple[x12.Group, ...] = ()
    sets: tuple[FoundSet, ...] = ()
    faults: tuple[Fault, ...] = ()

    def envelope_faults(self) -> Iterator[tuple[str | None, Fault]]:
        """The faults of the interchange and, each with its control number, of its groups."""
        for fault in self.faults:
            yield None, fault
        for group in self.groups:
            for fault in group.faults:
                yield group.control, fault


@dataclass(slots=True)
class Tally:
    """How much was found in one file, counted as it is read."""

    interchanges: int = 0
    verdicts: dict[x12.Verdict, int] = field(default_factory=dict)
    findings: int = 0
    is_weighty: bool = False
    is_x12: bool = False

    def add(self, found: FoundInterchange, judging: Judging) -> None:
        faults = [fault for _, fault in found.envelope_faults()] + [fault for one in found.sets for fault in one.faults]
        self.interchanges += found.header is not None
        self.findings += len(faults)
        self.is_weighty |= any(map(judging.weighs, faults))
        self.is_x12 |= found.header is not None or any(x12.ack_code(fault) for fault in faults)
        for one in found.sets:
            self.verdicts[one.verdict] = self.verdicts.get(one.verdict, 0) + 1

    def words(self) -> str:
        """The count in one line."""
        verdicts = [f"{self.verdicts[verdict]} {verdict.value.replace('_', ' ')}" for verdict in x12.Verdict if verdict in self.verdicts]
        sets = counted(sum(self.verdicts.values()), "set")
        told = f" ({', '.join(verdicts)})" if verdicts else ""
        return f"{counted(self.interchanges, 'interchange')}, {sets}{told}, {counted(self.findings, 'finding')}"

    @property
    def exit_code(self) -> int:
        """Unusable is a file that is no X12 at all; one whose ISA is broken is a finding."""
        if not self.is_x12:
            return UNUSABLE
        return FINDINGS if self.is_weighty else GOOD


def gather(events: Iterable[x12.Event]) -> Iterator[FoundInterchange]:
    """The events of a stream put together, an interchange at a time. A set is rejected with its group and its interchange."""
    groups: list[x12.Group] = []
    sets: list[FoundSet] = []
    open_sets: list[FoundSet] = []
    for event in events:
        match event:
            case x12.TransactionSet():
                open_sets.append(
                    FoundSet(
                        set_id=event.set_id,
                        control=event.control,
                        release=event.release,
                        group=event.group.control,
                        verdict=event.verdict,
                        faults=event.faults,
                    )
                )
            case x12.Group():
                groups.append(event)
                sets += _under(event.verdict, open_sets)
                open_sets.clear()
            case x12.Interchange():
                yield FoundInterchange(header=event, groups=tuple(groups), sets=tuple(_under(event.verdict, sets)), faults=event.faults)
                groups.clear()
                sets.clear()
            case Fault():
                yield FoundInterchange(header=None, faults=(event,))


def interchange_json(found: FoundInterchange, file: str, judging: Judging) -> dict[str, Any]:
    """An interchange. Shape: `faults` are its own and its groups', the latter with their group; None for bytes that are no interchange."""
    header = found.header
    return {
        "file": file,
        "control": header.control_number if header else None,
        "sender": f"{header.sender_qualifier}:{header.sender}" if header else None,
        "receiver": f"{header.receiver_qualifier}:{header.receiver}" if header else None,
        "version": header.version if header else None,
        "verdict": header.verdict.letter if header else None,
        "groups": [
            {"functional_id": one.functional_id, "control": one.control, "release": one.release, "verdict": one.verdict.letter}
            for one in found.groups
        ],
        "faults": [{"group": group, **judging.as_json(fault)} for group, fault in found.envelope_faults()],
    }


def set_json(one: FoundSet, found: FoundInterchange, file: str, judging: Judging) -> dict[str, Any]:
    """A transaction set with its verdict (A, E or R) and faults."""
    return {
        "file": file,
        "interchange": found.header.control_number if found.header else None,
        "group": one.group,
        "release": one.release,
        "set": one.set_id,
        "control": one.control,
        "verdict": one.verdict.letter,
        "faults": [judging.as_json(fault) for fault in one.faults],
    }


def _under(verdict: x12.Verdict, sets: Iterable[FoundSet]) -> list[FoundSet]:
    if verdict is not x12.Verdict.REJECTED:
        return list(sets)
    return [replace(one, verdict=verdict) for one in sets]


def _cut(value: str | None) -> str | None:
    if value is None:
        return None
    return repr(value) if len(value) <= LONGEST_VALUE else repr(value[:LONGEST_VALUE]) + "…"
