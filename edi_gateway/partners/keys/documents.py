"""The keys under `documents` of a partner file: what is received and what is sent, each set with its terms."""

from datetime import timedelta
from typing import Any

from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import DURATION, choice, pattern, template
from edi_gateway.partners.agreement import Mixed, Repeats, Unread
from edi_gateway.partners.keys import x12

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
    shown="`{layout}_{key}_{control}.csv`",
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
ANSWER = Key[timedelta | None](
    path="documents.receive.*.answer.*", kind=DURATION, default=None, shown="none",
    words="How long we have to answer with this transaction set.", example="24h",
)  # fmt: skip
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
SEND_ACK = Key[timedelta | None](
    path="documents.send.*.functional_ack", kind=DURATION, default=None, shown="`windows.functional_ack`",
    words="How long the partner's 997 for this document may take.", example="4h",
)  # fmt: skip

KEYS: tuple[Key[Any], ...] = (
    *RECEIVE.values(), FILE_NAME, UNREAD, PICKUP, ANSWER, TABLE["receive"],
    *SEND.values(), CONTENT_TYPE, SEND_UNREAD, MIXED, REPEATS, SEND_ACK, TABLE["send"],
)  # fmt: skip
