"""What checking X12 files found, in the two forms it is told in: a line a finding, and the stable JSON of `x12 check --json`."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from edi_gateway import x12
from edi_gateway.cli.outcome import FINDINGS, GOOD, UNUSABLE, counted, one_line
from edi_gateway.faults import Fault, Severity

LONGEST_VALUE = 60
_PLACE_PARTS = ("segment", "position", "loop", "element", "component", "repetition", "offset")


def faults_of(event: x12.Event) -> tuple[Fault, ...]:
    """The faults that come with an event of a stream."""
    return (event,) if isinstance(event, Fault) else event.faults


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


@dataclass(slots=True)
class Tally:
    """How much one file holds, counted as it is read, so that its size does not matter.

    Shape:  a set is rejected with its group and its interchange, so it counts when those are complete.
    """

    judging: Judging
    interchanges: int = 0
    findings: int = 0
    verdicts: Counter[x12.Verdict] = field(default_factory=Counter)
    _is_weighty: bool = False
    _is_x12: bool = False
    _of_group: Counter[x12.Verdict] = field(default_factory=Counter)
    _of_interchange: Counter[x12.Verdict] = field(default_factory=Counter)

    def take(self, event: x12.Event) -> None:
        faults = faults_of(event)
        self.findings += len(faults)
        self._is_weighty |= any(map(self.judging.weighs, faults))
        match event:
            case x12.TransactionSet():
                self._of_group[event.verdict] += 1
            case x12.Group():
                self._of_interchange += _under(event.verdict, self._of_group)
                self._of_group.clear()
            case x12.Interchange():
                self.interchanges += 1
                self._is_x12 = True
                self.verdicts += _under(event.verdict, self._of_interchange)
                self._of_interchange.clear()
            case Fault():
                self._is_x12 |= x12.ack_code(event) is not None

    def words(self) -> str:
        """The count in one line."""
        verdicts = [f"{self.verdicts[verdict]} {verdict.value.replace('_', ' ')}" for verdict in x12.Verdict if self.verdicts[verdict]]
        told = f" ({', '.join(verdicts)})" if verdicts else ""
        sets = f"{counted(self.verdicts.total(), 'set')}{told}"
        return f"{counted(self.interchanges, 'interchange')}, {sets}, {counted(self.findings, 'finding')}"

    @property
    def exit_code(self) -> int:
        """Unusable is a file that is no X12 at all; one whose ISA is broken is a finding."""
        if not self._is_x12:
            return UNUSABLE
        return FINDINGS if self._is_weighty else GOOD


class JsonFindings:
    """Everything that was found in any number of files, as one JSON object."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._interchanges: list[dict[str, Any]] = []
        self._sets: list[dict[str, Any]] = []
        self._groups: list[x12.Group] = []
        self._before: list[Fault] = []
        self._of_group: list[dict[str, Any]] = []
        self._of_interchange: list[dict[str, Any]] = []

    def take(self, event: x12.Event, file: str, more: dict[str, Any]) -> None:
        """One event of a file's stream. Shape: `more` goes beside what is said of a set."""
        match event:
            case x12.TransactionSet():
                self._of_group.append({**self._set(event, file), **more})
            case x12.Group():
                self._groups.append(event)
                self._of_interchange += _marked(event.verdict, self._of_group)
                self._of_group.clear()
            case x12.Interchange():
                self._interchanges.append(self._interchange(event, file))
                self._groups.clear()
                self._sets += _marked(event.verdict, self._of_interchange)
                self._of_interchange.clear()
            case Fault():
                self._around(file, event)

    def _around(self, file: str, fault: Fault) -> None:
        """What was passed over stands with the interchange before it, or else with the one after it; an ISA that is broken stands alone."""
        last = self._interchanges[-1] if self._interchanges else None
        if fault.severity is Severity.ERROR:
            self.end_of(file)
            self.outside(file, (fault,))
        elif last is not None and last["file"] == file:
            last["faults"].append(self._of_interchanges(fault))
        else:
            self._before.append(fault)

    def end_of(self, file: str) -> None:
        """A file was read to its end."""
        if self._before:
            self.outside(file, self._before)
            self._before = []

    def outside(self, file: str, faults: Iterable[Fault]) -> None:
        """Faults of bytes that are no interchange: they stand as one without a control number."""
        nobody = dict.fromkeys(("control", "sender", "receiver", "version", "verdict"))
        told = [self._of_interchanges(fault) for fault in faults]
        self._interchanges.append({"file": file, **nobody, "groups": [], "faults": told})

    def as_json(self) -> dict[str, Any]:
        count = sum(len(one["faults"]) for one in (*self._interchanges, *self._sets))
        return {"interchanges": self._interchanges, "sets": self._sets, "faults": count}

    def _interchange(self, one: x12.Interchange, file: str) -> dict[str, Any]:
        """An interchange. Shape: `faults` are its own and its groups', the latter with their group's control number."""
        found = [*self._before, *one.faults, *(fault for group in self._groups for fault in group.faults)]
        self._before = []
        return {
            "file": file,
            "control": one.control_number,
            "sender": f"{one.sender_qualifier}:{one.sender}",
            "receiver": f"{one.receiver_qualifier}:{one.receiver}",
            "version": one.version,
            "verdict": one.verdict.letter,
            "groups": [
                {"functional_id": group.functional_id, "control": group.control, "release": group.release, "verdict": group.verdict.letter}
                for group in self._groups
            ],
            "faults": [self._of_interchanges(fault) for fault in found],
        }

    def _of_interchanges(self, fault: Fault) -> dict[str, Any]:
        return {"group": fault.place.group, **self._judging.as_json(fault)}

    def _set(self, one: x12.TransactionSet, file: str) -> dict[str, Any]:
        """A transaction set with its verdict (A, E or R) and faults."""
        return {
            "file": file,
            "interchange": one.interchange.control_number,
            "group": one.group.control,
            "release": one.release,
            "set": one.set_id,
            "control": one.control,
            "verdict": one.verdict.letter,
            "faults": [self._judging.as_json(fault) for fault in one.faults],
        }


def _under(verdict: x12.Verdict, counts: Counter[x12.Verdict]) -> Counter[x12.Verdict]:
    return Counter({verdict: counts.total()}) if verdict is x12.Verdict.REJECTED else counts


def _marked(verdict: x12.Verdict, sets: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "verdict": verdict.letter} if verdict is x12.Verdict.REJECTED else one for one in sets]


def _cut(value: str | None) -> str | None:
    if value is None:
        return None
    return repr(value) if len(value) <= LONGEST_VALUE else repr(value[:LONGEST_VALUE]) + "…"
