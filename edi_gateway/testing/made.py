"""The rows of one made-up message, as a store would give them, kept with the bytes behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.ports.views import MessageDetail
from edi_gateway.testing.order import x12

NOW = datetime(2026, 3, 10, 14, 32, 7, tzinfo=UTC)
OURSELVES = "BRIGHTMILL"
FINGERPRINT = sha256(b"a certificate").hexdigest()
MIC = "Zk3+Yq0bWm2w1xIhC3R8mPz5o2yR6oEw9y7n8vJ4c1s="
OTHER_MIC = "9f1QbXj7cR0a8oVt2JmH5kLw3uYe6zPs4dNg1iTqB0M="
IN, OUT = Direction.IN, Direction.OUT


@dataclass(slots=True)
class Traffic:
    """The messages with the bytes behind them."""

    messages: list[MessageDetail] = field(default_factory=list)
    payloads: dict[str, bytes] = field(default_factory=dict)
    files: list[rows.ErpFile] = field(default_factory=list)

    def keep(self, content: bytes) -> str:
        digest = sha256(content).hexdigest()
        self.payloads[digest] = content
        return digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the makers below vary."""

    direction: Direction
    state: Inbound | Outbound
    set_id: str
    set_state: SetIn | SetOut
    key: str
    partner: str = "northgate"
    control: int = 0
    po: str | None = None
    verdict: str = ""
    body: Sequence[str] = ()
    words: Sequence[str] = ()
    set_faults: tuple[Fault, ...] = ()
    held_code: str | None = None
    receipt: Mapping[str, Any] | None = None
    windows: Sequence[tuple[DeadlineKind, DeadlineState, int, str]] = ()
    attempts: Sequence[tuple[str, int | None, str]] = (("answered", 200, ""),)
    next_minutes: int | None = None


_FUNCTIONAL = {"850": "PO", "855": "PR", "856": "SH", "810": "IN", "812": "CD", "997": "FA"}


def add(day: Traffic, at: datetime, made: Made) -> MessageDetail:
    """One message with all its rows, kept in the day."""
    number = len(day.messages) + 101
    out = made.direction is OUT
    them = made.partner.upper()
    names = (OURSELVES, them) if out else (them, OURSELVES)
    control = made.control or 4700 + number
    content = x12(control, _FUNCTIONAL[made.set_id], *names, [made.body or [made.set_id, f"REF*ZZ*{made.key}"]])
    transmission = _transmission(day, at, made, number, control, names, content)
    common: dict[str, Any] = {
        "id": number,
        "direction": made.direction,
        "created_at": at,
        "transmission_id": number,
        "partner": made.partner,
    }
    detail = MessageDetail(
        transmission=transmission,
        receipts=(_receipt(day, transmission, made.receipt),) if made.receipt is not None else (),
        attempts=_attempts(transmission, made.attempts) if out else (),
        interchanges=(_interchange(common, control, names, content),),
        groups=(_group(common, made, control, names),),
        sets=(_set(common, made, content),),
        documents=(),
        erp_files=(),
        deadlines=tuple(_window(number, at, made.partner, one) for one in made.windows),
        events=tuple(
            rows.Event(id=n, at=at + timedelta(seconds=3 * n), kind="note", words=words, transmission_id=number)
            for n, words in enumerate(made.words)
        ),
        related=(),
    )
    day.messages.append(detail)
    return detail


def _transmission(
    day: Traffic, at: datetime, made: Made, number: int, control: int, names: tuple[str, str], content: bytes
) -> rows.Transmission:
    out = made.direction is OUT
    sender, receiver = names
    return rows.Transmission(
        id=number,
        direction=made.direction,
        state=made.state,
        created_at=at,
        partner=made.partner,
        as2_from=sender,
        as2_to=receiver,
        message_id=f"<{number}.{control}@{sender.lower()}.example>",
        subject=f"{made.set_id} {made.key}",
        filename=f"{made.set_id}_{control}.edi",
        content_type="application/edi-x12",
        headers=(("AS2-Version", "1.2"), ("AS2-From", sender), ("AS2-To", receiver), ("Content-Type", "application/pkcs7-mime")),
        url=f"https://as2.{made.partner}.example/as2" if out else None,
        remote_address=None if out else "203.0.113.25",
        wire=day.keep(b"wire bytes of " + content),
        content=day.keep(content),
        signed=True,
        encrypted=True,
        digest="sha256",
        cipher="aes256-cbc",
        signer=f"CN={sender}",
        mic=MIC,
        mic_algorithm="sha256",
        attempts=len(made.attempts) if out else 0,
        next_attempt_at=NOW + timedelta(minutes=made.next_minutes) if made.next_minutes else None,
    )


def _interchange(common: Mapping[str, Any], control: int, names: tuple[str, str], content: bytes) -> rows.Interchange:
    return rows.Interchange(
        **common,
        sender_qualifier="ZZ",
        sender_id=names[0],
        receiver_qualifier="ZZ",
        receiver_id=names[1],
        control_number=f"{control:09}",
        version="00401",
        usage="P",
        length=len(content),
    )


def _group(common: Mapping[str, Any], made: Made, control: int, names: tuple[str, str]) -> rows.Group:
    return rows.Group(
        **common,
        interchange_id=common["id"],
        functional_id=_FUNCTIONAL[made.set_id],
        control_number=str(control),
        release="004010",
        sender=names[0],
        receiver=names[1],
        set_count=1,
        verdict=made.verdict,
        acknowledged_at=common["created_at"] + timedelta(minutes=2) if made.verdict else None,
    )


def _set(common: Mapping[str, Any], made: Made, content: bytes) -> rows.TransactionSet:
    return rows.TransactionSet(
        **common,
        interchange_id=common["id"],
        group_id=common["id"],
        state=made.set_state,
        set_id=made.set_id,
        control_number="0001",
        business_key=made.key,
        po_number=made.po,
        verdict=made.verdict,
        held_code=made.held_code,
        segment_count=content.count(b"~") - 4,
        faults=made.set_faults,
        erp_file_id=common["id"] if made.direction is OUT and made.set_id != "997" else None,
    )


def _window(number: int, at: datetime, partner: str, window: tuple[DeadlineKind, DeadlineState, int, str]) -> rows.Deadline:
    kind, state, minutes, expects = window
    return rows.Deadline(
        id=number,
        subject="set",
        subject_id=number,
        kind=kind,
        due_at=NOW + timedelta(minutes=minutes),
        created_at=at,
        state=state,
        partner=partner,
        expects=expects,
    )


def _receipt(day: Traffic, row: rows.Transmission, differs: Mapping[str, Any]) -> rows.Receipt:
    ours = row.direction is Direction.IN
    receipt = rows.Receipt(
        id=row.id,
        direction=Direction.OUT if ours else Direction.IN,
        created_at=row.created_at + timedelta(seconds=1),
        transmission_id=row.id,
        partner=row.partner,
        message_id=f"<mdn.{row.id}@{row.as2_to.lower()}.example>",
        original_message_id=row.message_id,
        disposition="automatic-action/MDN-sent-automatically; processed",
        verdict="" if ours else "delivered",
        mic=row.mic,
        mic_algorithm="sha256",
        signed=True,
        signer=f"CN={row.as2_to}",
        signer_serial="5f3a91c04e77",
        signer_fingerprint=FINGERPRINT,
        signer_not_before=datetime(2025, 6, 1, tzinfo=UTC),
        signer_not_after=datetime(2027, 6, 1, tzinfo=UTC),
        dated=row.created_at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        http_status=200,
        headers=(("AS2-From", row.as2_to), ("AS2-To", row.as2_from), ("Content-Type", "multipart/signed; micalg=sha-256")),
        body=day.keep(f"MDN of {row.message_id}".encode()),
        sent_at=row.created_at + timedelta(seconds=1) if ours else None,
    )
    return replace(receipt, **differs)


def _attempts(row: rows.Transmission, ended: Sequence[tuple[str, int | None, str]]) -> tuple[rows.Attempt, ...]:
    begin = row.created_at + timedelta(milliseconds=300)
    return tuple(
        rows.Attempt(
            id=number,
            number=number,
            url=row.url or "",
            started_at=begin + timedelta(minutes=5 * (number - 1)),
            transmission_id=row.id,
            ended_at=begin + timedelta(minutes=5 * (number - 1), milliseconds=420),
            outcome=outcome,
            http_status=status,
            detail=detail,
        )
        for number, (outcome, status, detail) in enumerate(ended, 1)
    )


def keep_file(
    day: Traffic,
    detail: MessageDetail,
    name: str,
    content: bytes,
    state: FileState,
    faults: tuple[Fault, ...] = (),
    result: Mapping[str, Any] | None = None,
) -> rows.ErpFile:
    row = detail.transmission
    made = rows.ErpFile(
        id=row.id,
        direction=OUT if row.direction is IN else IN,
        state=state,
        partner=row.partner or "",
        name=name,
        created_at=row.created_at + timedelta(seconds=9),
        layout="order" if row.direction is IN else "order-response",
        content=day.keep(content),
        result=result or {},
        path=f"erp/{row.partner}/{'out' if row.direction is IN else 'archive/2026/03/10'}/{name}",
        faults=faults,
    )
    day.files.append(made)
    return made
