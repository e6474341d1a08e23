"""Made-up messages that we sent, one for each way they can go."""

from dataclasses import replace
from datetime import datetime

from edi_gateway.faults import Fault, Place
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, FileState, Outbound, SetOut
from edi_gateway.testing.made import OTHER_MIC, OUT, Made, Traffic, add, keep_file

_RESULTS = [
    {"document": "855", "number": "PO-4702", "result": "queued", "first_line": 1, "last_line": 2, "message": 107},
    {"document": "855", "number": None, "result": "refused", "first_line": 3, "last_line": 3, "message": None},
]


def refused(day: Traffic, at: datetime) -> None:
    receipt = {
        "disposition": "automatic-action/MDN-sent-automatically; processed/error: decryption-failed",
        "verdict": "refused",
        "mic": None,
    }
    add(
        day,
        at,
        Made(
            direction=OUT,
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


def exhausted(day: Traffic, at: datetime) -> None:
    ended = [("connect", None, "connection refused")] * 11 + [("timeout", None, "no answer in 60 s")]
    add(
        day,
        at,
        Made(
            direction=OUT,
            state=Outbound.EXHAUSTED,
            set_id="856",
            set_state=SetOut.ENVELOPED,
            key="SH-88012",
            po="PO-4690",
            partner="lakeshore",
            attempts=ended,
            words=("Sealed: sha256, aes256-cbc.", "Attempt 12 of 12 failed; a person has to look at it."),
        ),
    )


def noted(day: Traffic, at: datetime) -> None:
    fault = Fault.of(
        "X12-507",
        Place(set_id="856", set_control="0001", segment="REF", position=2, element=1),
        "ZZ",
        name="Reference Identification Qualifier",
    )
    add(
        day,
        at,
        Made(
            direction=OUT,
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


def settled(day: Traffic, at: datetime) -> None:
    one = add(
        day,
        at,
        Made(
            direction=OUT,
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
        Place(file="po-4702-response.csv", line=3, column=14),
        "IB",
        field="lines.status",
        map="flat/order-response",
        known="IA, IR",
    )
    day.messages[-1] = replace(
        one, erp_files=(keep_file(day, one, "po-4702-response.csv", content, FileState.PARTLY, (fault,), {"documents": _RESULTS}),)
    )


def acknowledgment(day: Traffic, at: datetime) -> None:
    add(
        day,
        at,
        Made(
            direction=OUT,
            state=Outbound.DELIVERED,
            set_id="997",
            set_state=SetOut.DONE,
            key="",
            body=["997", "AK1*PO*4711", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"],
            receipt={},
            words=("Posted; the MDN is verified.",),
        ),
    )


def overdue(day: Traffic, at: datetime) -> None:
    windows = ((DeadlineKind.FUNCTIONAL_ACK, DeadlineState.BREACHED, -20, "997"),)
    add(
        day,
        at,
        Made(
            direction=OUT,
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


def retrying(day: Traffic, at: datetime) -> None:
    add(
        day,
        at,
        Made(
            direction=OUT,
            state=Outbound.RETRY_WAIT,
            set_id="855",
            set_state=SetOut.ENVELOPED,
            key="PO-4708",
            po="PO-4708",
            partner="lakeshore",
            attempts=(("connect", None, "connection refused"), ("status", 503, "busy")),
            next_minutes=8,
            words=("Sealed: sha256, aes256-cbc.", "Attempt 2 of 12 failed: HTTP 503."),
        ),
    )


def unverified(day: Traffic, at: datetime) -> None:
    receipt = {"verdict": "unverified", "mic": OTHER_MIC, "reasons": ("The MIC in the MDN is not ours.",)}
    add(
        day,
        at,
        Made(
            direction=OUT,
            state=Outbound.UNVERIFIED,
            set_id="856",
            set_state=SetOut.ENVELOPED,
            key="SH-88020",
            po="PO-4702",
            receipt=receipt,
            words=("Posted; the MDN proves nothing.",),
        ),
    )


def awaiting(day: Traffic, at: datetime) -> None:
    windows = ((DeadlineKind.MDN, DeadlineState.OPEN, 4, "MDN"),)
    add(
        day,
        at,
        Made(
            direction=OUT,
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
