"""Made-up messages that we received, one for each way they can go."""

from dataclasses import replace
from datetime import datetime, timedelta

from edi_gateway.faults import Fault, Place
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, FileState, Inbound, SetIn
from edi_gateway.ports import rows
from edi_gateway.testing.made import FINGERPRINT, IN, NOW, OURSELVES, Made, Traffic, add, keep_file
from edi_gateway.testing.order import order_csv, order_record, order_segments

_RECEIVED = (
    "Received 2.1 kB from 203.0.113.25.",
    "Opened: signed sha256, encrypted aes256-cbc; the signature is by CN=NORTHGATE.",
    "Our MDN is kept and went out: processed.",
)


def delivered(day: Traffic, at: datetime) -> None:
    words = (
        *_RECEIVED,
        "850 0001 is valid; the 997 accepts it.",
        "Read with map x12/004010/850; the record is kept.",
        "850_PO-4711.csv is published for the ERP.",
    )
    made = Made(
        direction=IN,
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
    one = add(day, at, made)
    document = rows.Document(
        id=one.transmission.id,
        direction=IN,
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
        erp_files=(keep_file(day, one, "850_PO-4711.csv", order_csv("PO-4711"), FileState.PUBLISHED),),
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
            rows.Deadline(
                id=10,
                subject="set",
                subject_id=9,
                kind=DeadlineKind.ANSWER,
                state=DeadlineState.CLOSED,
                due_at=NOW + timedelta(hours=40),
                created_at=at,
                settled_at=NOW - timedelta(minutes=3),
                partner="northgate",
                expects="856",
            ),
        ),
    )


def just_came(day: Traffic, at: datetime) -> None:
    add(
        day,
        at,
        Made(
            direction=IN,
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


def duplicate(day: Traffic, at: datetime) -> None:
    one = add(
        day,
        at,
        Made(
            direction=IN,
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


def rejected(day: Traffic, at: datetime) -> None:
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
    add(
        day,
        at,
        Made(
            direction=IN,
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


def held(day: Traffic, at: datetime) -> None:
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
    add(
        day,
        at,
        Made(
            direction=IN,
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


def stranger(day: Traffic, at: datetime) -> None:
    one = add(
        day,
        at,
        Made(
            direction=IN,
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
