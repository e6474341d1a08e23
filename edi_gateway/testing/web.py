"""The web's parts over fakes: everything `create_app` needs, with the made-up traffic behind it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient

from edi_gateway.as2.identity import Certificate, read_certificates
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.fileset import Entry
from edi_gateway.lifecycle.policy import Windows
from edi_gateway.lifecycle.states import Direction, FileState, SetIn, SetOut
from edi_gateway.lifecycle.windows import clock
from edi_gateway.partners.agreement import Agreement, As2Terms, Identity, MdnMode, Partner, Security, X12Identity, X12Terms
from edi_gateway.partners.book import Book
from edi_gateway.partners.certificates import Held
from edi_gateway.partners.making import make_own_key
from edi_gateway.ports.rows import ApiToken, ErpFile, Origin, Revision, TransactionSet
from edi_gateway.ports.views import MessageDetail
from edi_gateway.ports.web import (
    ActionResult,
    ChangedFile,
    Drift,
    FileView,
    Form,
    Handed,
    HeldVerb,
    HttpReply,
    InspectedElement,
    InspectedSegment,
    Inspection,
    Received,
    RevisionDetail,
    Sendable,
    Submission,
    Uploaded,
    WebParts,
    WebSettings,
)
from edi_gateway.testing.made import MIC, NOW, OURSELVES
from edi_gateway.testing.traffic import a_day
from edi_gateway.testing.views import FakeViews, healthy
from edi_gateway.web.app import create_app

PASSWORD = "four random short words"  # noqa: S105 - of the fakes


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


def sample_parts(**changes: Any) -> WebParts:
    """Parts with a day of traffic, two partners and a partner file with a fault; `changes` replace single parts."""
    day = a_day()
    parts = WebParts(
        views=FakeViews(day.messages, day.payloads, files=day.files, health=healthy(NOW)),
        receive=FakeReceiver(),
        book=lambda: sample_book(faulty=True),
        inspect=split_x12,
        recompute_mic=_recompute,
        actions=FakeActions(),
        documents=FakeDocuments(),
        held=sample_held(),
        uploads=sample_uploads(),
        configuration=sample_configuration(),
        clock=FakeClock(),
        settings=WebSettings(secret_key=b"a key for tests only", password_hash=quick_hash(PASSWORD)),
        certificates=sample_certificates,
        version="0.1",
    )
    return replace(parts, **changes)


def signed_in_client(parts: WebParts) -> FlaskClient:
    """A client of an application over these parts that has typed `PASSWORD`."""
    client = create_app(parts).test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert found is not None
    answer = client.post("/login", data={"password": PASSWORD, "csrf_token": found[1]})
    assert answer.status_code == 302
    return client


def as_operator(parts: WebParts) -> Callable[..., Any]:
    """The application for one who is signed in already, whoever asks: for browsers that cannot type."""
    client = signed_in_client(parts)
    kept = client.get_cookie("edi_gateway")
    assert kept is not None
    cookie = f"edi_gateway={kept.value}"

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        return client.application({**environ, "HTTP_COOKIE": cookie}, start_response)

    return application


@cache
def quick_hash(password: str) -> str:
    """An argon2 hash that costs next to nothing: for tests, never for a password."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def sample_book(*, faulty: bool = False) -> Book:
    """Ourselves and two partners; a third one's file has a fault where that is wanted."""
    identity = Identity(
        as2_id=OURSELVES,
        x12=X12Identity(qualifier="ZZ", id=OURSELVES, group_id=OURSELVES),
        keys=(Path("certs/own.key.pem"),),
        certificates=(Path("certs/own.cert.pem"),),
        url="https://edi.brightmill.example/as2",
    )
    fault = Fault.of(
        "PRT-CERT-UNREADABLE", Place(file="partners/harborline.yaml", line=4, column=17), "certs/harborline.pem", reason="no such file"
    )
    return Book(
        identity=identity,
        partners=(
            _partner("lakeshore", "Lakeshore Outfitters", ("855", "856", "810", "812"), legacy=True),
            _partner("northgate", "Northgate Stores", ("855", "856", "810")),
        ),
        faults=(fault,) if faulty else (),
    )


def _partner(key: str, name: str, sends: Iterable[str], *, legacy: bool = False) -> Partner:
    x12 = X12Identity(qualifier="ZZ", id=key.upper(), group_id=key.upper())
    takes = Agreement(
        set_id="850",
        direction=Direction.IN,
        map="x12/004010/850",
        erp_map="flat/order",
        layout="order",
        windows=Windows(answers={"855": clock(hours=24)}),
    )
    gives = (
        Agreement(set_id=one, direction=Direction.OUT, map=f"x12/004010/{one}", erp_map="flat/order-response", layout="order-response")
        for one in sends
    )
    as2 = As2Terms(
        id=key.upper(),
        url=f"https://as2.{key}.example/as2",
        certificates=(Path(f"certs/{key}.pem"),),
        security=Security(legacy=legacy),
        mdn=MdnMode.ASYNC if legacy else MdnMode.SYNC,
        mdn_url="https://edi.brightmill.example/as2" if legacy else None,
    )
    return Partner(key=key, name=name, as2=as2, x12=X12Terms(identity=x12), agreements=(takes, *gives), source=Path(f"partners/{key}.yaml"))


def sample_certificates(files: Iterable[Entry]) -> Held:
    """A certificate for each file, whatever stands there: Lakeshore's ends soon."""
    paths = [Path(str(file)) for file in files]
    found = tuple((_certificate(path.stem, ends_soon=path.stem == "lakeshore"), path) for path in paths)
    return Held(certificates=tuple(one for one, _ in found), files=tuple(file for _, file in found))


@cache
def _certificate(name: str, *, ends_soon: bool) -> Certificate:
    begin = NOW - timedelta(days=1080 if ends_soon else 200)
    read = read_certificates(make_own_key(name.upper(), begin).certificate)
    assert not isinstance(read, Fault), read
    return read[0]


def _recompute(message: MessageDetail) -> str | None:
    return MIC if message.transmission.mic else None


_NAMES = {
    "ISA": "Interchange Control Header",
    "GS": "Functional Group Header",
    "ST": "Transaction Set Header",
    "BEG": "Beginning Segment for Purchase Order",
    "CUR": "Currency",
    "REF": "Reference Identification",
    "DTM": "Date/Time Reference",
    "N1": "Name",
    "N3": "Address Information",
    "N4": "Geographic Location",
    "PO1": "Baseline Item Data",
    "PID": "Product/Item Description",
    "CTT": "Transaction Totals",
    "SE": "Transaction Set Trailer",
    "GE": "Functional Group Trailer",
    "IEA": "Interchange Control Trailer",
}
_ELEMENT_NAMES = {
    "PO102": "Quantity Ordered",
    "PO103": "Unit or Basis for Measurement Code",
    "PO104": "Unit Price",
    "CUR02": "Currency Code",
    "BEG03": "Purchase Order Number",
    "N403": "Postal Code",
}
_MEANINGS = {("PO103", "CA"): "Case", ("PO103", "EA"): "Each"}
_DEPTHS = {"ISA": 0, "IEA": 0, "GS": 1, "GE": 1, "ST": 2, "SE": 2, "N1": 4, "N3": 4, "N4": 4, "PO1": 4, "PID": 5}


def split_x12(content: bytes) -> Inspection:
    """A plain stand-in for the X12 engine's inspection: splits at the ISA's delimiters and knows a few names."""
    text = content.decode("latin-1")
    if len(text) < 106 or not text.startswith("ISA"):
        return Inspection(segments=(), faults=(Fault.of("X12-101", size=len(content)),))
    element, terminator = text[3], text[105]
    segments, offset, control, position = [], 0, "", 0
    for piece in text.split(terminator)[:-1]:
        body = piece.lstrip("\r\n")
        start = offset + len(piece) - len(body)
        offset += len(piece) + 1
        tag, *values = body.split(element)
        if tag == "ST":
            control, position = [*values, "", ""][1], 0
        position = position + 1 if control else 0
        segments.append(
            InspectedSegment(
                tag=tag,
                name=_NAMES.get(tag, ""),
                offset=start,
                elements=tuple(_inspected(f"{tag}{number:02}", value) for number, value in enumerate(values, 1)),
                position=position,
                depth=_DEPTHS.get(tag, 3),
                set_control=control,
            )
        )
        control = "" if tag == "SE" else control
    return Inspection(segments=tuple(segments), element_separator=element, terminator=terminator)


def _inspected(designator: str, value: str) -> InspectedElement:
    return InspectedElement(
        designator=designator, value=value, name=_ELEMENT_NAMES.get(designator, ""), meaning=_MEANINGS.get((designator, value), "")
    )
