"""The keys under `x12` of a partner file."""

from typing import Any

from edi_gateway import x12
from edi_gateway.config.declared import Key
from edi_gateway.config.keys import X12_ID, X12_QUALIFIER
from edi_gateway.config.kinds import BOOLEAN, SEPARATOR, choice, integer, list_of, pattern
from edi_gateway.partners.agreement import Ta1, TheirTa1

QUALIFIER = Key(path="x12.qualifier", kind=X12_QUALIFIER, default="ZZ", words="The partner's ISA qualifier.", example='"01"')
ID = Key(path="x12.id", kind=X12_ID, default="", required=True, words="The partner's ISA id, without the padding.", example="ACMERETAIL")
GROUP_ID = Key(path="x12.group_id", kind=X12_ID, default="", shown="the ISA id", words="The partner's GS id.", example="ACMERETAIL")
VERSION = Key(
    path="x12.version",
    kind=pattern("version", 'five digits, such as "00401"', "[0-9]{5}"),
    default="00401",
    words="ISA12 of what we send.",
    example='"00501"',
)
RELEASE = Key(
    path="x12.release",
    kind=pattern("release", 'six digits, with a suffix where agreed, such as "004010" or "004010VICS"', "[0-9]{6}[A-Z0-9]{0,6}"),
    default="004010",
    words="GS08 of what we send, and the release documents are read by.",
    example='"004010"',
)
ELEMENT = Key(path="x12.element", kind=SEPARATOR, default="*", words="The element separator of what we send.", example='"|"')
COMPONENT = Key(path="x12.component", kind=SEPARATOR, default=">", words="The component separator of what we send.", example='":"')
REPETITION = Key(
    path="x12.repetition", kind=SEPARATOR, default="^", words="The repetition separator; used from version 00402 on.", example='"^"'
)
TERMINATOR = Key(path="x12.terminator", kind=SEPARATOR, default="~", words="The segment terminator of what we send.", example='"~"')
SUFFIX = Key(
    path="x12.suffix",
    kind=choice("none", "lf", "crlf"),
    default="lf",
    words="What follows each terminator: nothing or a line end.",
    example="none",
)
CHARSET = Key(
    path="x12.charset",
    kind=choice(*x12.Charset),
    default=str(x12.Charset.UTF8),
    words=(
        "The characters that data may hold, both ways: X12's own `basic` (capitals) or `extended` (printable ASCII), and `latin-1` or"
        " `utf-8` for letters beside them. What holds others is a fault, X12-514 or X12-515."
    ),
    example="latin-1",
)
USAGE = Key(
    path="x12.usage",
    kind=choice("production", "test"),
    default="production",
    words="ISA15: whether what we send is production or test traffic.",
    example="test",
)
ACKNOWLEDGE = Key(
    path="x12.acknowledge",
    kind=BOOLEAN,
    default=True,
    words="Whether we answer each functional group with a 997, or with what `x12.acknowledgment` says.",
    example="false",
)
ACKNOWLEDGMENT = Key(
    path="x12.acknowledgment",
    kind=choice(*x12.Form),
    default=str(x12.Form.FUNCTIONAL),
    words="Which acknowledgment we answer with. The 999 needs a release from 005010 on.",
    example='"999"',
)
ACKNOWLEDGMENT_RELEASE = Key[str | None](
    path="x12.acknowledgment_release",
    kind=RELEASE.kind,
    default=None,
    shown="`x12.release`",
    words="GS08 of our acknowledgments, where the partner wants them in a release of their own.",
    example='"005010X231A1"',
)
ACKNOWLEDGE_DETAIL = Key(
    path="x12.acknowledge_detail",
    kind=choice(*x12.Detail),
    default=str(x12.Detail.EVERY_SET),
    words="Which sets of a group our acknowledgment names: every one, only those with faults, or none but the group itself.",
    example="faulty_sets",
)
TA1 = Key(
    path="x12.ta1",
    kind=choice(*Ta1),
    default=str(Ta1.ASKED),
    words="When we answer an interchange with a TA1: where it asks for one or is rejected, only where it is rejected, or never.",
    example="fault",
)
EXPECT_TA1 = Key(
    path="x12.expect_ta1",
    kind=choice(*TheirTa1),
    default=str(TheirTa1.NEVER),
    words=(
        "When the partner answers our interchanges with a TA1, which is then awaited (`windows.ta1`): `never`; `asked`, for which ours say"
        " so in ISA14; or `always`, unasked. A TA1 that comes without being awaited is settled all the same."
    ),
    example="asked",
)
EXPECT_ACKNOWLEDGMENT = Key(
    path="x12.expect_acknowledgment",
    kind=BOOLEAN,
    default=True,
    words="Whether the partner answers what we send with a 997 or 999, which is then awaited (`windows.functional_ack`).",
    example="false",
)
MODE = Key(
    path="x12.mode",
    kind=choice(*x12.Mode),
    default=str(x12.Mode.STRICT),
    words=(
        "How deviations from the standard weigh in what the partner sends: `strict` rejects the set, `tolerant` accepts it with its"
        " errors noted, in our acknowledgment too."
    ),
    example="tolerant",
)
_X12_CODE = pattern("fault code", "the code of an X12 fault, such as X12-507", "X12-[0-9]{3}")
REJECT = Key[tuple[str, ...]](
    path="x12.reject", kind=list_of(_X12_CODE), default=(), example="[X12-507]",
    words="Faults that reject what the partner sends in any mode, by their codes (see the reference of faults).",
)  # fmt: skip
TOLERATE = Key[tuple[str, ...]](
    path="x12.tolerate", kind=list_of(_X12_CODE), default=(), example="[X12-506]",
    words="Faults that are noted in what the partner sends and reject nothing, by their codes.",
)  # fmt: skip
DUPLICATE_DAYS = Key(
    path="x12.duplicate_days",
    kind=integer(0, 3650),
    default=30,
    words=(
        "For how many days an interchange or group control number of the partner's may not come again. What bears one once more is"
        " rejected as a duplicate; `0` looks for none."
    ),
    example="365",
)
DUPLICATE_SETS = Key(
    path="x12.duplicate_sets",
    kind=BOOLEAN,
    default=False,
    words=(
        "Whether the number of a transaction set too (ST02) may not come again within those days. Most partners begin at 0001 in every"
        " group, where the standard wants it to be unique; that is always looked at."
    ),
    example="true",
)
CONTROL_LOW = Key(path="x12.control_low", kind=integer(1, 999_999_999), default=1, words="The first control number of ours.", example="500")
CONTROL_HIGH = Key(
    path="x12.control_high",
    kind=integer(1, 999_999_999),
    default=999_999_999,
    words="The last control number, after which the first follows.",
    example="999999",
)

KEYS: tuple[Key[Any], ...] = (
    QUALIFIER, ID, GROUP_ID, VERSION, RELEASE, ELEMENT, COMPONENT, REPETITION, TERMINATOR, SUFFIX, CHARSET, USAGE,
    MODE, REJECT, TOLERATE, ACKNOWLEDGE, ACKNOWLEDGMENT, ACKNOWLEDGMENT_RELEASE, ACKNOWLEDGE_DETAIL, TA1, EXPECT_TA1,
    EXPECT_ACKNOWLEDGMENT, DUPLICATE_DAYS, DUPLICATE_SETS,
    CONTROL_LOW, CONTROL_HIGH,
)  # fmt: skip
