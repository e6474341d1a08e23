"""The keys under `documents` of a partner file: what is received and what is sent, each set with its terms."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import BOOLEAN, DURATION, choice, pattern, template
from edi_gateway.lifecycle.order_rules import DEFAULTS, Rule, Treatment
from edi_gateway.lifecycle.windows import Since, Span
from edi_gateway.partners.agreement import Mixed, Repeats, Unread
from edi_gateway.partners.keys import x12
from edi_gateway.partners.keys.spans import SPAN, WARNING

SET_ID = pattern("transaction set", "the three digits of a transaction set, such as 850", "[0-9]{3}")
MAP_NAME = pattern("name", "the name of a map, such as x12/004010/850", r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")

_SHARED = (
    ("map", MAP_NAME, "`x12/<release>/<set>`", "The map between the transaction set and the record.", "acme/850"),
    ("erp_map", MAP_NAME, "`flat/<document>`", "The map between the record and the ERP's file.", "flat/order"),
    ("layout", MAP_NAME, "`<document>`", "The layout of the ERP's file.", "order"),
    ("guide", MAP_NAME, "none", "The partner's guide, which narrows the standard.", "acme/850"),
    ("release", x12.RELEASE.kind, "`x12.release`", "The release of this document where it differs.", '"005010"'),
)  # fmt: skip


def _document(direction: str) -> dict[str, Key[str | None]]:
    return {
        name: Key[str | None](path=f"documents.{direction}.*.{name}", kind=kind, default=None, shown=shown, words=words, example=example)
        for name, kind, shown, words, example in _SHARED
    }


def _table(direction: str) -> Key[str | None]:
    return Key[str | None](
        path=f"documents.{direction}.*.tables.*",
        kind=MAP_NAME,
        default=None,
        shown="the table of that name",
        words="The cross-reference in `tables/` that the maps take for this name after `via`, such as `acme/items` for `items`.",
        example="acme/items",
    )


TABLE = {"receive": _table("receive"), "send": _table("send")}
RECEIVE, SEND = _document("receive"), _document("send")
FILE_NAME = Key[str | None](
    path="documents.receive.*.filename",
    kind=template("set", "layout", "partner", "key", "control", "date", "id"),
    default=None,
    shown="`{layout}_{key}_{control}` and the ending of the form, such as `.csv`",
    words=(
        "How the ERP's file is named, its own number added: `{set}`, `{layout}`, `{partner}`, `{key}` (the business key), `{control}`"
        " (ST02), `{date}` (CCYYMMDD), `{id}`."
    ),
    example='"{key}.csv"',
)
UNREAD = Key(
    path="documents.receive.*.unread",
    kind=choice(*Unread),
    default=Unread.WARN.value,
    words=(
        "What becomes of a document that holds an element which no row of the map reads: `warn` notes it, `hold` lets the document wait"
        " until the map is mended and it is replayed."
    ),
    example="hold",
)
PICKUP = Key[timedelta | None](
    path="documents.receive.*.pickup", kind=DURATION, default=None, shown="not asked",
    words="How long the ERP may leave a file in `out` before it is overdue; by moving or deleting it the ERP says that it has it.",
    example="1h",
)  # fmt: skip
SEMAPHORE = Key(
    path="documents.receive.*.semaphore", kind=BOOLEAN, default=False,
    words="Whether `<name>.done` follows each file in `out`, with its `sha256:`, `records:` and, where the layout names one, `total:`.",
    example="true",
)  # fmt: skip
_SINCE = pattern("beginning", "received, ship_by, deliver_by, or a transaction set such as 855", f"{'|'.join(Since)}|[0-9]{{3}}")


@dataclass(frozen=True, kw_only=True)
class AnswerKeys:
    """The keys of the answer to a document: its time alone, or a table of terms."""

    alone: Key[Span | None]
    within: Key[Span | None]
    before: Key[timedelta | None]
    since: Key[str]
    warn: Key[float | Span | None]

    def all(self) -> tuple[Key[Any], ...]:
        return (self.alone, self.within, self.before, self.since, self.warn)


def _answer(direction: str, whose: str) -> AnswerKeys:
    path = f"documents.{direction}.*.answer.*"
    return AnswerKeys(
        alone=Key(
            path=path, kind=SPAN, default=None, shown="none", example="24h",
            words=f"How long {whose} to answer with this transaction set.",
        ),
        within=Key(
            path=f"{path}.within", kind=SPAN, default=None, shown="none", example="2bd", words="The same, where more is said of it.",
        ),
        before=Key(
            path=f"{path}.before", kind=DURATION, default=None, shown="none", example="6h",
            words="How long before the day of `from` the answer is due, instead of `within`.",
        ),
        since=Key(
            path=f"{path}.from", kind=_SINCE, default=Since.RECEIVED.value, example="deliver_by",
            words="What the time runs from: `received`; the end of the order's day of despatch (`ship_by`) or of delivery (`deliver_by`);"
            " or another document of the order, such as `855`, from its delivery on.",
        ),
        warn=Key(path=f"{path}.warn", kind=WARNING, default=None, shown="`windows.warn`", words="When its window warns.", example="50%"),
    )  # fmt: skip


ANSWER, ANSWER_TO_US = _answer("receive", "we have"), _answer("send", "the partner has")


def _rules(direction: str) -> dict[Rule, Key[str]]:
    kind = choice(*(one.value for one in Treatment))
    return {
        rule: Key(path=f"documents.{direction}.*.rules.{rule}", kind=kind, default=DEFAULTS[rule].value, words=rule.words, example="hold")
        for rule in Rule
        # Of what we send, `repeats` says it.
        if direction == "receive" or rule is not Rule.REPEATED
    }


RECEIVE_RULES, SEND_RULES = _rules("receive"), _rules("send")
CONTENT_TYPE = Key(
    path="documents.send.*.content_type",
    kind=pattern("content type", "a content type, such as application/edi-x12", r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+"),
    default="application/edi-x12",
    words="The content type of messages that carry this document.",
    example="application/octet-stream",
)
SEND_UNREAD = Key(
    path="documents.send.*.unread",
    kind=choice(*Unread),
    default=Unread.WARN.value,
    words="What becomes of a document that holds a value which no row of the map reads: `warn` notes it in the result, `hold` refuses it.",
    example="hold",
)
MIXED = Key(
    path="documents.send.*.mixed",
    kind=choice(*Mixed),
    default=Mixed.PROCEED.value,
    words="Whether the good documents of a file go out where others in it are faulty; `wait` sends none until the whole file is good.",
    example="wait",
)
REPEATS = Key(
    path="documents.send.*.repeats",
    kind=choice(*Repeats),
    default=Repeats.WARN.value,
    words=(
        "What becomes of a document with the number of one that was sent before. With the same content it is a duplicate and not sent"
        " again, with other content it is sent with a warning; `reject` refuses the latter, `allow` sends both."
    ),
    example="reject",
)
SEND_ACK = Key[Span | None](
    path="documents.send.*.functional_ack", kind=SPAN, default=None, shown="`windows.functional_ack`",
    words="How long the partner's 997 for this document may take.", example="4h",
)  # fmt: skip

AFTER_DEPARTURE = Key[Span | None](
    path="documents.send.*.after_departure", kind=SPAN, default=None, shown="not looked at", example="30m",
    words="Of the 856: how long after the departure that it tells of (DTM*011) it may be sent. A day without a time ends at midnight of the"
    " calendar's zone.",
)  # fmt: skip

_OF_FILES: tuple[Key[Any], ...] = (UNREAD, PICKUP, SEMAPHORE)
_OF_MESSAGES: tuple[Key[Any], ...] = (CONTENT_TYPE, SEND_UNREAD, MIXED, REPEATS, SEND_ACK, AFTER_DEPARTURE)
KEYS: tuple[Key[Any], ...] = (
    *(*RECEIVE.values(), FILE_NAME, *_OF_FILES, *ANSWER.all(), TABLE["receive"], *RECEIVE_RULES.values()),
    *(*SEND.values(), *_OF_MESSAGES, *ANSWER_TO_US.all(), TABLE["send"], *SEND_RULES.values()),
)
