"""What the web asks for, as fakes that keep what they are asked: actions, documents, uploads, held sets, the configuration."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.lifecycle.states import Direction, FileState, SetIn, SetOut
from edi_gateway.ports.rows import ApiToken, ErpFile, Origin, Revision, TransactionSet
from edi_gateway.ports.web import (
    ActionResult,
    ChangedFile,
    Drift,
    FileView,
    Form,
    Handed,
    HeldVerb,
    HttpReply,
    Received,
    RevisionDetail,
    Sendable,
    Submission,
    Uploaded,
)
from edi_gateway.testing.made import NOW, OURSELVES
from edi_gateway.testing.traffic import a_day


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still until it is moved."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class FakeReceiver:
    """Keeps what it is given and answers what it is told to."""

    reply: HttpReply = HttpReply(status=200, headers=(("AS2-From", OURSELVES), ("Content-Type", "text/plain")), body=b"receipt")
    received: list[Received] = field(default_factory=list)

    def __call__(self, request: Received) -> HttpReply:
        self.received.append(request)
        return self.reply


@dataclass(slots=True)
class FakeActions:
    """Keeps what was asked for; refuses where it is given faults."""

    faults: tuple[Fault, ...] = ()
    asked: list[tuple[str, int, str, str]] = field(default_factory=list)

    def resend(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        return self._did("resend", transmission_id, actor, reason)

    def send_anew(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        return self._did("send anew", transmission_id, actor, reason)

    def replay(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        return self._did("replay", transmission_id, actor, reason)

    def close_window(self, window_id: int, *, actor: str, reason: str) -> ActionResult:
        return self._did("close window", window_id, actor, reason)

    def reopen_window(self, window_id: int, *, actor: str, reason: str) -> ActionResult:
        return self._did("reopen window", window_id, actor, reason)

    def _did(self, verb: str, number: int, actor: str, reason: str) -> ActionResult:
        self.asked.append((verb, number, actor, reason))
        return ActionResult(words=f"The {verb} is under way.", faults=self.faults)


@dataclass(slots=True)
class FakeDocuments:
    """Knows the tokens it is given by their secrets, and answers what it is told to; keeps what was handed in."""

    tokens: dict[str, ApiToken] = field(default_factory=dict)
    answer: Submission | Exception = Submission(document={"id": 7, "state": "accepted"}, same=True, replayed=False)
    known: dict[int, dict[str, Any]] = field(default_factory=dict)
    handed: list[Handed] = field(default_factory=list)

    def bearer(self, secret: str) -> ApiToken | None:
        return self.tokens.get(secret)

    def submit(self, handed: Handed) -> Submission:
        self.handed.append(handed)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def find(self, file_id: int) -> dict[str, Any] | None:
        return self.known.get(file_id)


@dataclass(slots=True)
class FakeConfiguration:
    """Knows the revisions it is given, the newest first, and what the home's files differ in."""

    revisions: tuple[Revision, ...] = ()
    used: int | None = None
    differing: Drift | None = None
    changes: tuple[ChangedFile, ...] = ()
    faults: tuple[Fault, ...] = ()

    def history(self) -> tuple[Revision, ...]:
        return self.revisions

    def in_use(self) -> int | None:
        return self.used

    def revision(self, number: int) -> RevisionDetail:
        known = {one.id: one for one in self.revisions}
        found = known[number]
        sizes = dict.fromkeys(found.manifest.values(), 1234)
        return RevisionDetail(revision=found, sizes=sizes, changes=self.changes, faults=self.faults)

    def drift(self) -> Drift | None:
        return self.differing


@dataclass(slots=True)
class FakeHeld:
    """Knows the held documents it is given; keeps what was asked for, and refuses where it is given faults."""

    rows: tuple[TransactionSet, ...] = ()
    faults: tuple[Fault, ...] = ()
    asked: list[tuple[HeldVerb, tuple[int, ...], str, str]] = field(default_factory=list)

    def all(self) -> tuple[TransactionSet, ...]:
        return self.rows

    def act(self, verb: HeldVerb, set_ids: Sequence[int], *, actor: str, reason: str) -> ActionResult:
        self.asked.append((verb, tuple(set_ids), actor, reason))
        return ActionResult(words=f"The {verb} is under way.", faults=self.faults)


def sample_held() -> FakeHeld:
    """The held sets of the day, and a ship notice of ours, number 901, that a rule of its order holds."""
    theirs = [row for one in a_day().messages for row in one.sets if row.state == SetIn.HELD]
    rule = Fault.of("STO-451", Place(file="notice.csv", line=1), "SH-9", set_id="856", po="PO-4711")
    ours = TransactionSet(
        id=901, direction=Direction.OUT, state=SetOut.HELD, set_id="856", control_number="", created_at=NOW - timedelta(hours=2),
        partner="lakeshore", business_key="SH-9", po_number="PO-4711", erp_file_id=8, held_code="STO-451", faults=(rule,),
    )  # fmt: skip
    return FakeHeld(rows=(*theirs, ours))


@dataclass(slots=True)
class FakeUploads:
    """Knows what is agreed, templates by layout, and files by number; keeps what is uploaded and handed in."""

    agreed: dict[str, tuple[Sendable, ...]] = field(default_factory=dict)
    templates: dict[str, bytes | Faulty] = field(default_factory=dict)
    files: dict[int, FileView] = field(default_factory=dict)
    kept: list[tuple[Uploaded, str]] = field(default_factory=list)
    handed_in: list[tuple[int, str]] = field(default_factory=list)

    def documents(self, partner: str) -> tuple[Sendable, ...]:
        return self.agreed.get(partner, ())

    def template(self, layout: str) -> bytes | None:
        found = self.templates.get(layout)
        if isinstance(found, Faulty):
            raise found
        return found

    def keep(self, uploaded: Uploaded, *, actor: str) -> int:
        self.kept.append((uploaded, actor))
        return 7

    def file(self, file_id: int) -> FileView | None:
        return self.files.get(file_id)

    def hand_in(self, file_id: int, *, actor: str) -> None:
        self.handed_in.append((file_id, actor))


def sample_uploads() -> FakeUploads:
    """Lakeshore takes two documents from us. File 7 is tried out, of a good document and a bad one; 8 was handed in."""
    csv, workbook = (
        Form(layout=f"order_response{end}", title="Response", format=kind, template=f"order_response{end}.{kind}")
        for end, kind in (("", "csv"), ("_xlsx", "xlsx"))
    )
    agreed = (
        Sendable(set_id="855", forms=(csv, workbook)),
        Sendable(set_id="856", forms=(Form(layout="advice", title="Advice", format="idoc_xml"),)),
    )
    finding = {
        "line": 7, "column": 4, "field": "quantity", "value": "twenty", "code": "ERP-111",
        "message": "quantity of STA holds 'twenty', which is not a number.", "fix": "Write it as 20.",
    }  # fmt: skip
    good = {"document": "855", "number": "PO-4711", "first_line": 1, "last_line": 5, "control_number": None, "findings": []}
    bad = {**good, "number": None, "result": "refused", "first_line": 6, "last_line": 9, "message": None, "findings": [finding]}
    result = {"result": "partly", "layout": "order_response_xlsx", "findings": []}
    row = ErpFile(
        id=7, direction=Direction.IN, state=FileState.TRIED, partner="lakeshore", name="responses.xlsx", created_at=NOW,
        content="ab" * 32, result={"wanted": "855"},
    )  # fmt: skip
    tried = {**result, "documents": [{**good, "result": "queued", "message": None}, bad]}
    taken = {**result, "documents": [{**good, "result": "queued", "message": 107, "control_number": "000000107"}, bad]}
    return FakeUploads(
        agreed={"lakeshore": agreed},
        templates={"order_response": b"#DOC,document\n", "order_response_xlsx": b"PK\x03\x04"},
        files={
            7: FileView(row=row, result=tried, may_go=True, is_workbook=True),
            8: FileView(row=replace(row, id=8, state=FileState.PARTLY, result=taken), result=taken, is_workbook=True),
        },
    )


def sample_configuration() -> FakeConfiguration:
    """Three revisions, the last one a rollback to the first; a map has been changed in the home since."""
    first = {"partners/northgate.yaml": "11" * 32}
    second = {"partners/northgate.yaml": "22" * 32, "maps/northgate-850.yaml": "33" * 32, "certs/northgate.pem": "44" * 32}
    return FakeConfiguration(
        revisions=(
            _revision(3, first, Origin.ROLLBACK, "Northgate was not ready", source=1),
            _revision(2, second, Origin.FOLDER, "Northgate moves"),
            _revision(1, first, Origin.HOME, "applied at start", actor="gateway"),
        ),
        used=3,
        differing=Drift(revision=3, files=(ChangedFile(path="maps/northgate-850.yaml", words=("is new",)),)),
        changes=(
            ChangedFile(path="partners/northgate.yaml", words=("windows.mdn: 2m becomes 5m", "as2.encrypt: aes128-cbc becomes aes256-cbc")),
        ),
    )


def _revision(number: int, files: dict[str, str], origin: Origin, note: str, *, actor: str = "anna", source: int | None = None) -> Revision:
    made = NOW - timedelta(days=9 - number)
    return Revision(
        id=number, created_at=made, digest=f"{number:064}", manifest=files, origin=origin, actor=actor, note=note, source=source
    )
