"""A day of made-up traffic with two partners, a message in each state that matters: material for the console's tests and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from edi_gateway.faults import Fault, Place
from edi_gateway.lifecycle.states import (
    DeadlineKind,
    DeadlineState,
    Direction,
    FileState,
    Inbound,
    Outbound,
    SetIn,
    SetOut,
)
from edi_gateway.ports import rows
from edi_gateway.ports.views import MessageDetail

NOW = datetime(2026, 3, 10, 14, 32, 7, tzinfo=UTC)
OURSELVES = "BRIGHTMILL"
FINGERPRINT = sha256(b"a certificate").hexdigest()
MIC = "Zk3+Yq0bWm2w1xIhC3R8mPz5o2yR6oEw9y7n8vJ4c1s="
OTHER_MIC = "9f1QbXj7cR0a8oVt2JmH5kLw3uYe6zPs4dNg1iTqB0M="

ORDER_LINES = (
    ("1", "48", "CA", "21.6", "00012345600012", "NG-1001", "Oat bar, 24 pack"),
    ("2", "12", "CA", "118.75", "00012345600029", "NG-1002", "Green tea, 100 g tin"),
    ("3", "144", "EA", "3.4", "00012345600036", "NG-1003", "Paper cups, 50"),
)


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


def x12(control: int, functional: str, sender: str, receiver: str, sets: Sequence[Sequence[str]]) -> bytes:
    """An interchange of one group around these sets; each set is its segments without ST and SE, its id first."""
    lines = [
        f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260310*1432*U*00401*{control:09}*0*P*>",
        f"GS*{functional}*{sender}*{receiver}*20260310*1432*{control}*X*004010",
    ]
    for number, (set_id, *body) in enumerate(sets, 1):
        lines += [f"ST*{set_id}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    lines += [f"GE*{len(sets)}*{control}", f"IEA*1*{control:09}"]
    return "".join(line + "~\n" for line in lines).encode()


def order_segments(po: str) -> list[str]:
    """The body of an 850."""
    lines = [f"PO1*{n}*{quantity}*{unit}*{price}**UK*{gtin}*IN*{item}" for n, quantity, unit, price, gtin, item, _ in ORDER_LINES]
    with_names = [part for line, spec in zip(lines, ORDER_LINES, strict=True) for part in (line, f"PID*F****{spec[-1]}")]
    return [
        "850",
        f"BEG*00*SA*{po}**20260310",
        "CUR*BY*USD",
        "REF*DP*0417",
        "DTM*002*20260317",
        "N1*ST*Northgate DC 7*92*0007",
        "N3*4100 Harbor Way",
        "N4*Tacoma*WA*98421*US",
        *with_names,
        f"CTT*{len(ORDER_LINES)}",
    ]


def order_record(po: str) -> dict[str, Any]:
    """The canonical record of the same order."""
    names = ("line_id", "quantity", "unit_code", "unit_price", "gtin", "buyer_item_id", "description")
    return {
        "id": po,
        "purpose": "original",
        "type": "stand_alone",
        "issue_date": "2026-03-10",
        "currency": "USD",
        "department": "0417",
        "requested_delivery_period": {"start": "2026-03-17"},
        "buyer": {"id": "NORTHGATE", "name": "Northgate Stores"},
        "ship_to": {
            "id": "0007",
            "id_scheme": "92",
            "name": "Northgate DC 7",
            "street": "4100 Harbor Way",
            "city": "Tacoma",
            "region": "WA",
            "postal_code": "98421",
            "country": "US",
        },
        "lines": [dict(zip(names, line, strict=True)) for line in ORDER_LINES],
        "total_lines": len(ORDER_LINES),
    }


def order_csv(po: str) -> bytes:
    """The same order as the ERP gets it."""
    head = f"ORDER,{po},20260310,USD,0007,Northgate DC 7\n"
    return (head + "".join(f"LINE,{n},{q},{u},{p},{g},{i},{d!r}\n".replace("'", '"') for n, q, u, p, g, i, d in ORDER_LINES)).encode()


def a_day(now: datetime = NOW) -> Traffic:
    """The traffic of a day, the newest message last."""
    day = Traffic()
    for minutes, make in (
        (190, _stranger),
        (180, _refused),
        (171, _exhausted),
        (160, _held),
        (150, _rejected),
        (141, _noted),
        (120, _settled),
    ):
        make(day, now - timedelta(minutes=minutes))
    for minutes, make in (
        (95, _acknowledgment),
        (80, _overdue),
        (60, _retrying),
        (45, _unverified),
        (30, _awaiting),
        (22, _duplicate),
        (12, _delivered),
        (3, _just_came),
    ):
        make(day, now - timedelta(minutes=minutes))
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
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


def _add(day: Traffic, at: datetime, made: _Made) -> MessageDetail:
    """One message with all its rows, kept in the day."""
    number = len(day.messages) + 101
    out = made.direction is Direction.OUT
    them = made.partner.upper()
    sender, receiver = (OURSELVES, them) if out else (them, OURSELVES)
    control = made.control or 4700 + number
    content = x12(control, _FUNCTIONAL[made.set_id], sender, receiver, [made.body or [made.set_id, f"REF*ZZ*{made.key}"]])
    transmission = rows.Transmission(
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
        headers=(
            ("AS2-Version", "1.2"),
            ("AS2-From", sender),
            ("AS2-To", receiver),
            ("Content-Type", "application/pkcs7-mime; smime-type=enveloped-data"),
        ),
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
    interchange = rows.Interchange(
        id=number,
        direction=made.direction,
        control_number=f"{control:09}",
        created_at=at,
        transmission_id=number,
        partner=made.partner,
        sender_qualifier="ZZ",
        sender_id=sender,
        receiver_qualifier="ZZ",
        receiver_id=receiver,
        version="00401",
        usage="P",
        length=len(content),
    )
    group = rows.Group(
        id=number,
        direction=made.direction,
        functional_id=_FUNCTIONAL[made.set_id],
        control_number=str(control),
        created_at=at,
        interchange_id=number,
        transmission_id=number,
        partner=made.partner,
        release="004010",
        sender=sender,
        receiver=receiver,
        set_count=1,
        verdict=made.verdict,
        acknowledged_at=at + timedelta(minutes=2) if made.verdict else None,
    )
    one_set = rows.TransactionSet(
        id=number,
        direction=made.direction,
        state=made.set_state,
        set_id=made.set_id,
        control_number="0001",
        created_at=at,
        group_id=number,
        interchange_id=number,
        transmission_id=number,
        partner=made.partner,
        business_key=made.key,
        po_number=made.po,
        verdict=made.verdict,
        held_code=made.held_code,
        segment_count=content.count(b"~") - 4,
        faults=made.set_faults,
        erp_file_id=number if out and made.set_id != "997" else None,
    )
    detail = MessageDetail(
        transmission=transmission,
        receipts=(_receipt(day, transmission, made.receipt),) if made.receipt is not None else (),
        attempts=_attempts(transmission, made.attempts) if out else (),
        interchanges=(interchange,),
        groups=(group,),
        sets=(one_set,),
        documents=(),
        erp_files=(),
        deadlines=tuple(
            rows.Deadline(
                id=number,
                subject="set",
                subject_id=number,
                kind=kind,
                due_at=NOW + timedelta(minutes=minutes),
                created_at=at,
                state=state,
                partner=made.partner,
                expects=expects,
            )
            for kind, state, minutes, expects in made.windows
        ),
        events=tuple(
            rows.Event(id=n, at=at + timedelta(seconds=3 * n), kind="note", words=words, transmission_id=number)
            for n, words in enumerate(made.words)
        ),
        related=(),
    )
    day.messages.append(detail)
    return detail


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


_IN, _OUT = Direction.IN, Direction.OUT
_RECEIVED = (
    "Received 2.1 kB from 203.0.113.25.",
    "Opened: signed sha256, encrypted aes256-cbc; the signature is by CN=NORTHGATE.",
    "Our MDN is kept and went out: processed.",
)


_RESULTS = [
    {"document": "855", "number": "PO-4702", "result": "queued", "first_line": 1, "last_line": 2, "message": 107},
    {"document": "855", "number": None, "result": "refused", "first_line": 3, "last_line": 3, "message": None},
]


def _file(day: Traffic, detail: MessageDetail, name: str, content: bytes, state: FileState, faults: tuple[Fault, ...] = ()) -> rows.ErpFile:
    row = detail.transmission
    made = rows.ErpFile(
        id=row.id,
        direction=_OUT if row.direction is _IN else _IN,
        state=state,
        partner=row.partner or "",
        name=name,
        created_at=row.created_at + timedelta(seconds=9),
        layout="order" if row.direction is _IN else "order-response",
        content=day.keep(content),
        result={} if row.direction is _IN else {"documents": _RESULTS},
        path=f"erp/{row.partner}/{'out' if row.direction is _IN else 'archive/2026/03/10'}/{name}",
        faults=faults,
    )
    day.files.append(made)
    return made


def _delivered(day: Traffic, at: datetime) -> None:
    words = (
        *_RECEIVED,
        "850 0001 is valid; the 997 accepts it.",
        "Read with map x12/004010/850; the record is kept.",
        "850_PO-4711.csv is published for the ERP.",
    )
    made = _Made(
        direction=_IN,
        state=Inbound.RECEIPTED,
        set_id="850",
        set_state=SetIn.DELIVERED,
        key="PO-4711",
        po="PO-4711",
        verdict="A",
        body=order_segments("PO-4711"),
        words=words,
        receipt={},
    )
    one = _add(day, at, made)
    document = rows.Document(
        id=one.transmission.id,
        direction=_IN,
        kind="PurchaseOrder",
        record=order_record("PO-4711"),
        created_at=at,
        map_name="x12/004010/850",
        map_digest=FINGERPRINT,
    )
    acknowledged = next(other.transmission for other in day.messages if any(one.set_id == "997" for one in other.sets))
    day.messages[-1] = replace(
        one,
        documents=(document,),
        erp_files=(_file(day, one, "850_PO-4711.csv", order_csv("PO-4711"), FileState.PUBLISHED),),
        related=(("acknowledged by", acknowledged),),
        deadlines=(
            rows.Deadline(
                id=9,
                subject="set",
                subject_id=9,
                kind=DeadlineKind.ANSWER,
                due_at=NOW + timedelta(hours=23),
                created_at=at,
                partner="northgate",
                expects="855",
            ),
        ),
    )


def _just_came(day: Traffic, at: datetime) -> None:
    _add(
        day,
        at,
        _Made(
            direction=_IN,
            state=Inbound.RECEIPTED,
            set_id="850",
            set_state=SetIn.VALID,
            key="PO-4712",
            verdict="A",
            body=order_segments("PO-4712"),
            words=_RECEIVED,
            receipt={},
        ),
    )


def _duplicate(day: Traffic, at: datetime) -> None:
    one = _add(
        day,
        at,
        _Made(
            direction=_IN,
            state=Inbound.DUPLICATE,
            set_id="850",
            set_state=SetIn.VALID,
            key="PO-4709",
            words=("Seen before: the first MDN was answered again.",),
        ),
    )
    first = day.messages[0].transmission
    day.messages[-1] = replace(
        one, transmission=replace(one.transmission, duplicate_of=first.id), sets=(), groups=(), related=(("duplicate of", first),)
    )


def _rejected(day: Traffic, at: datetime) -> None:
    body = order_segments("PO-4705")
    body[body.index("CUR*BY*USD")] = "CUR*BY*US"
    body[body.index("N4*Tacoma*WA*98421*US")] = "N4*Tacoma*WA*984212345678901234*US"
    body.remove("CTT*3")
    place = Place(set_id="850", set_control="0001")
    faults = (
        Fault.of("X12-504", replace(place, segment="CUR", position=3, element=2), "US", name="Currency Code", length=2, limit=3),
        Fault.of(
            "X12-505",
            replace(place, segment="N4", position=8, element=3, loop="N1"),
            "984212345678901234",
            name="Postal Code",
            length=18,
            limit=15,
        ),
        Fault.of("X12-403", replace(place, segment="CTT", position=15), None, name="Transaction Totals", where=""),
    )
    words = (*_RECEIVED, "850 0001 has 3 faults; the 997 rejects it.")
    _add(
        day,
        at,
        _Made(
            direction=_IN,
            state=Inbound.RECEIPTED,
            set_id="850",
            set_state=SetIn.REJECTED,
            key="PO-4705",
            verdict="R",
            body=body,
            words=words,
            set_faults=faults,
            receipt={},
        ),
    )


def _held(day: Traffic, at: datetime) -> None:
    body = [part.replace("PO1*2*12*CA", "PO1*2*12*TN") for part in order_segments("PO-4704")]
    fault = Fault.of(
        "MAP-402",
        Place(set_id="850", set_control="0001", segment="PO1", position=11, element=3),
        "TN",
        designator="PO103",
        name="Unit or Basis for Measurement Code",
        table="unit",
        map="x12/004010/850",
        known="EA, CA",
    )
    words = (*_RECEIVED, "850 0001 is valid; the 997 accepts it.", "Held: the map cannot take it.")
    _add(
        day,
        at,
        _Made(
            direction=_IN,
            state=Inbound.RECEIPTED,
            set_id="850",
            set_state=SetIn.HELD,
            key="PO-4704",
            verdict="A",
            body=body,
            words=words,
            set_faults=(fault,),
            held_code="MAP-402",
            receipt={},
        ),
    )


def _stranger(day: Traffic, at: datetime) -> None:
    one = _add(
        day,
        at,
        _Made(
            direction=_IN,
            state=Inbound.RECEIPTED,
            set_id="850",
            set_state=SetIn.VALID,
            key="",
            partner="harborline",
            words=("Received 1.9 kB from 198.51.100.8.", "Our MDN refuses it: unknown-trading-relationship."),
            receipt={"disposition": "automatic-action/MDN-sent-automatically; processed/error: unknown-trading-relationship", "mic": None},
        ),
    )
    fault = Fault.of("AS2-UNKNOWN-PARTNER", as2_from="HARBORLINE", as2_to=OURSELVES)
    row = replace(
        one.transmission,
        partner=None,
        state=Inbound.FAULTED,
        content=None,
        faults=(fault,),
        signed=False,
        encrypted=False,
        mic=None,
        subject="Orders",
    )
    day.messages[-1] = replace(one, transmission=row, sets=(), groups=(), interchanges=())


def _refused(day: Traffic, at: datetime) -> None:
    receipt = {
        "disposition": "automatic-action/MDN-sent-automatically; processed/error: decryption-failed",
        "verdict": "refused",
        "mic": None,
    }
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.REFUSED,
            set_id="810",
            set_state=SetOut.ENVELOPED,
            key="INV-20311",
            po="PO-4688",
            partner="lakeshore",
            receipt=receipt,
            words=("Sealed: sha256, aes256-cbc.", "Posted; the MDN refuses it."),
        ),
    )


def _exhausted(day: Traffic, at: datetime) -> None:
    ended = [("connect", None, "connection refused")] * 11 + [("timeout", None, "no answer in 60 s")]
    windows = ((DeadlineKind.RETRY_END, DeadlineState.BREACHED, -71, ""),)
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.EXHAUSTED,
            set_id="856",
            set_state=SetOut.ENVELOPED,
            key="SH-88012",
            po="PO-4690",
            partner="lakeshore",
            attempts=ended,
            windows=windows,
            words=("Sealed: sha256, aes256-cbc.", "Attempt 12 of 12 failed; a person has to look at it."),
        ),
    )


def _noted(day: Traffic, at: datetime) -> None:
    fault = Fault.of(
        "X12-507",
        Place(set_id="856", set_control="0001", segment="REF", position=2, element=1),
        "ZZ",
        name="Reference Identification Qualifier",
    )
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.DELIVERED,
            set_id="856",
            set_state=SetOut.ACCEPTED_WITH_ERRORS,
            key="SH-88010",
            po="PO-4690",
            verdict="E",
            receipt={},
            set_faults=(fault,),
            words=("Posted; the MDN is verified.", "The partner's 997 accepts it with errors."),
        ),
    )


def _settled(day: Traffic, at: datetime) -> None:
    one = _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.DELIVERED,
            set_id="855",
            set_state=SetOut.ACCEPTED,
            key="PO-4702",
            po="PO-4702",
            verdict="A",
            receipt={},
            words=("Composed from po-4702-response.csv.", "Posted; the MDN is verified.", "The partner's 997 accepts it."),
        ),
    )
    content = b"ACK,PO-4702,20260310,AD\nLINE,1,48,CA,IA\nLINE,2,12,CA,IB\n"
    fault = Fault.of(
        "MAP-403",
        Place(file="po-4702-response.csv", line=3, column=5),
        "IB",
        field="lines.status",
        map="flat/order-response",
        known="IA, IR",
    )
    day.messages[-1] = replace(one, erp_files=(_file(day, one, "po-4702-response.csv", content, FileState.PARTLY, (fault,)),))


def _acknowledgment(day: Traffic, at: datetime) -> None:
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.DELIVERED,
            set_id="997",
            set_state=SetOut.DONE,
            key="",
            body=["997", "AK1*PO*4711", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"],
            receipt={},
            words=("Posted; the MDN is verified.",),
        ),
    )


def _overdue(day: Traffic, at: datetime) -> None:
    windows = ((DeadlineKind.FUNCTIONAL_ACK, DeadlineState.BREACHED, -20, "997"),)
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.DELIVERED,
            set_id="810",
            set_state=SetOut.ACK_OVERDUE,
            key="INV-20318",
            po="PO-4702",
            receipt={},
            windows=windows,
            words=("Posted; the MDN is verified.", "No 997 came in the time agreed."),
        ),
    )


def _retrying(day: Traffic, at: datetime) -> None:
    windows = ((DeadlineKind.RETRY_END, DeadlineState.OPEN, 1380, ""),)
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.RETRY_WAIT,
            set_id="855",
            set_state=SetOut.ENVELOPED,
            key="PO-4708",
            po="PO-4708",
            partner="lakeshore",
            attempts=(("connect", None, "connection refused"), ("status", 503, "busy")),
            next_minutes=8,
            windows=windows,
            words=("Sealed: sha256, aes256-cbc.", "Attempt 2 of 12 failed: HTTP 503."),
        ),
    )


def _unverified(day: Traffic, at: datetime) -> None:
    receipt = {"verdict": "unverified", "mic": OTHER_MIC, "reasons": ("The MIC in the MDN is not ours.",)}
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.UNVERIFIED,
            set_id="856",
            set_state=SetOut.ENVELOPED,
            key="SH-88020",
            po="PO-4702",
            receipt=receipt,
            words=("Posted; the MDN proves nothing.",),
        ),
    )


def _awaiting(day: Traffic, at: datetime) -> None:
    windows = ((DeadlineKind.MDN, DeadlineState.OPEN, 4, "MDN"),)
    _add(
        day,
        at,
        _Made(
            direction=_OUT,
            state=Outbound.AWAITING_MDN,
            set_id="812",
            set_state=SetOut.ENVELOPED,
            key="CR-5531",
            po=None,
            partner="lakeshore",
            windows=windows,
            words=("Posted; the partner answers with an asynchronous MDN.",),
        ),
    )
