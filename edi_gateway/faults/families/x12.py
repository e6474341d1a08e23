"""X12-: what a partner's interchange got wrong.

1xx the interchange, 2xx functional groups, 3xx transaction sets, 4xx segments, 5xx elements, 6xx what we are asked to write,
7xx acknowledgments that come in, 8xx schema and guide files.
"""

from edi_gateway.faults.entry import Entry, Severity

_ASK = "Ask the partner to correct it and send the interchange again."
_TELL = "Tell the partner; nothing was lost."


def _error(code: str, title: str, words: str, fix: str = _ASK) -> Entry:
    return Entry(code=f"X12-{code}", title=title, words=words, fix=fix)


def _warning(code: str, title: str, words: str, fix: str = _TELL) -> Entry:
    return Entry(code=f"X12-{code}", title=title, words=words, fix=fix, severity=Severity.WARNING)


def _note(code: str, title: str, words: str, fix: str = "Nothing needs to be done.") -> Entry:
    return Entry(code=f"X12-{code}", title=title, words=words, fix=fix, severity=Severity.NOTE)


_INTERCHANGE = (
    _error("101", "No interchange", "There is no ISA segment in these {size} bytes.", "Check that this is the right file."),
    _error(
        "102",
        "Not X12",
        "This is {kind}, not an X12 interchange.",
        "Check that this is the right file, and that it was not converted on its way.",
    ),
    _warning("103", "Bytes outside an interchange", "{size} bytes that belong to no interchange were skipped: {value!r}."),
    _error(
        "104", "ISA incomplete", "The ISA segment has not 16 elements, at their fixed places or otherwise, so the delimiters are not known."
    ),
    _error("105", "Element separator unusable", "ISA gives {value!r} as the element separator."),
    _error("106", "Component separator unusable", "ISA16 gives {value!r} as the component separator, which is {why}."),
    _error(
        "107",
        "Segment terminator unusable",
        "The byte after ISA16 is {value!r}, which is {why}, so it cannot end segments.",
        "ISA must be followed by the segment terminator; ask the partner to correct it.",
    ),
    _warning("108", "ISA element not at its fixed length", "ISA{element:02} is {length} characters long; its length is {expected}."),
    _warning("109", "ISA element invalid", "ISA{element:02} ({name}) holds {value!r}, which is {why}."),
    _error(
        "110", "IEA missing", "Interchange {interchange} ends without IEA.", "The file may be cut off; ask the partner to send it again."
    ),
    _error("111", "Interchange control numbers differ", "IEA02 is {value!r}, but ISA13 is {expected!r}."),
    _error("112", "Group count wrong", "IEA01 counts {value!r} groups; there are {count}."),
    _warning(
        "113", "Segments outside a set", "{value!r}, and what follows it up to the next segment of an envelope, stands outside every set."
    ),
    _warning("114", "Too many elements in an envelope", "{segment} has {count} elements; {limit} are allowed."),
    _note("115", "Byte order mark", "The file begins with a byte order mark, which was skipped."),
    _note("116", "Wrapped lines", "The interchange is broken into lines of {width} bytes, which were joined."),
    _note("117", "Bytes after the interchange", "{size} filling bytes after the interchange were skipped."),
    _error(
        "118",
        "Interchange control number used before",
        "ISA13 {value!r} was received before, on {earlier}.",
        "If this is a new interchange, ask the partner for a new control number; if not, nothing needs to be done.",
    ),
    _warning(
        "120",
        "Interchange control number without its zeros",
        "IEA02 is {value!r} and ISA13 {expected!r}: the same number, but both have nine digits.",
    ),
    _warning(
        "121",
        "Interchange control number used twice",
        "ISA13 {value!r} stands on more than one interchange of this sender's here.",
        "Ask the partner whether it is the same interchange twice; if not, it needs a number of its own.",
    ),
    _error("119", "Component separator missing", "ISA16 is empty: {value!r}, which stands in its place, ends every segment."),
)

_GROUP = (
    _error(
        "201",
        "Release not supported",
        "GS08 names release {value!r}, for which there is no schema.",
        "Add a schema or guide for it, or agree on another release.",
    ),
    _error("202", "Functional group not supported", "GS01 {value!r} is not a functional identifier that {release} knows."),
    _error("203", "GE missing", "Functional group {group} ends without GE.", "The file may be cut off; ask the partner to send it again."),
    _error("204", "Group control numbers differ", "GE02 is {value!r}, but GS06 is {expected!r}."),
    _error("205", "Transaction set count wrong", "GE01 counts {value!r} transaction sets; there are {count}."),
    _error("206", "Group control number invalid", "GS06 is {value!r}; it must be a number of one to nine digits."),
    _error("207", "Group control number used twice", "GS06 {value!r} stands on more than one group of this interchange."),
    _warning("208", "GS element invalid", "GS{element:02} ({name}) holds {value!r}, which is {why}."),
    _error("209", "GS missing", "Transaction sets stand outside a functional group."),
    _error(
        "211",
        "Functional group without a name",
        "{value!r} lacks a functional identifier of two characters or a control number of up to nine, so no acknowledgment can name it.",
    ),
    _error(
        "210",
        "Group control number used before",
        "GS06 {value!r} was received before, on {earlier}.",
        "If this is a new group, ask the partner for a new control number; if not, nothing needs to be done.",
    ),
)

_SET = (
    _error("301", "Transaction set not supported", "There is no schema for transaction set {value!r} in release {release}."),
    _error("302", "SE missing", "Transaction set {set_id} {set_control} ends without SE."),
    _error("303", "Set control numbers differ", "SE02 is {value!r}, but ST02 is {expected!r}."),
    _error("304", "Segment count wrong", "SE01 counts {value!r} segments; there are {count}."),
    _error("306", "Transaction set identifier invalid", "ST01 is {value!r}; it must have three letters or digits."),
    _error("307", "Set control number invalid", "ST02 is {value!r}; it must have four to nine letters or digits."),
    _error("308", "Set control number used twice", "ST02 {value!r} stands on more than one set of this group."),
    _error(
        "310",
        "Set control number used before",
        "ST02 {value!r} stands on another {set_id}, which came on {earlier}.",
        "Ask the partner whether it is the same document twice; if not, it needs a number of its own. x12.duplicate_sets asks for that.",
    ),
    _error("309", "Transaction set in a group of another kind", "ST01 is {value!r}, which travels in a {home} group, not in {group}."),
)

_SEGMENT = (
    _error("401", "Unrecognized segment", "{segment} is not a segment of release {release}."),
    _error("402", "Unexpected segment", "{segment} may stand only inside a loop {home}, and none is open here."),
    _error("403", "Mandatory segment missing", "{segment} ({name}) is missing{where}."),
    _error("404", "Loop occurs too often", "Loop {loop} occurs more than {limit} times."),
    _error("405", "Segment occurs too often", "{segment} occurs more than {limit} times here."),
    _error("406", "Segment not in this set", "{segment} ({name}) does not belong in transaction set {set_id}."),
    _error("407", "Segment out of sequence", "{segment} ({name}) comes too late: it belongs before {after}."),
    _warning("408", "Parent level unknown", "HL02 names level {value!r}, which no HL segment before it has as HL01."),
    _warning("409", "Empty segment", "An empty segment was skipped."),
    _error("451", "Segment that the guide requires is missing", "{path} is missing, which guide {guide} requires{note}."),
    _error("452", "Segment that the guide forbids", "{path} may not stand here under guide {guide}{note}."),
    _error("453", "Segment more often than the guide allows", "{path} stands more than {limit} times; guide {guide} allows no more{note}."),
    _warning("410", "Level number used twice", "HL01 {value!r} stands on more than one HL segment."),
)

_ELEMENT = (
    _error("501", "Mandatory element missing", "{name} is mandatory and missing."),
    _error("502", "Conditional element missing", "{name} is missing: {note}."),
    _error("503", "Too many elements", "{segment} has {count} elements; {limit} are allowed."),
    _error("504", "Element too short", "{name} holds {value!r}: {length} characters, at least {limit} are needed."),
    _error("505", "Element too long", "{name} holds {value!r}: {length} characters, at most {limit} are allowed."),
    _error("506", "Invalid character", "{name} holds {value!r}, which is not {expected}."),
    _error("507", "Invalid code", "{name} holds {value!r}, which is not in its code list."),
    _error("508", "Invalid date", "{name} holds {value!r}, which is not a date (CCYYMMDD, or YYMMDD where six digits are asked)."),
    _error("509", "Invalid time", "{name} holds {value!r}, which is not a time (HHMM, HHMMSS, HHMMSSD or HHMMSSDD)."),
    _error("510", "Excluded element present", "{name} may not stand here: {note}."),
    _error(
        "511",
        "Component separator in a simple element",
        "{name} holds {value!r}; it has no components, so the component separator may not stand in it.",
    ),
    _error("512", "Too many repetitions", "{name} is repeated {count} times; {limit} are allowed."),
    _error("513", "Too many components", "{name} has {count} components; {limit} are allowed."),
    _error("514", "Character outside the agreed set", "{name} holds {value!r}, with characters outside the {charset} character set."),
    _error("551", "Element that the guide requires is missing", "{path} is missing, which guide {guide} requires{note}."),
    _error("552", "Element that the guide forbids", "{path} holds {value!r}; guide {guide} does not use it{note}."),
    _error("553", "Code that the guide does not use", "{path} holds {value!r}; guide {guide} takes {codes}{note}."),
    _error(
        "554", "Element shorter than the guide asks", "{path} holds {value!r}: {length} characters; guide {guide} asks for {limit}{note}."
    ),
    _error(
        "555", "Element longer than the guide allows", "{path} holds {value!r}: {length} characters; guide {guide} allows {limit}{note}."
    ),
    _error("515", "Bytes are not UTF-8", "{name} holds {value!r}; its bytes are not UTF-8 and were read as Latin-1."),
)

_WRITE = (
    _error(
        "601",
        "Delimiter inside data",
        "{name} holds {value!r}; {delimiter!r} is a delimiter of this interchange.",
        "Choose other delimiters in the agreement, or a character to put in its place.",
    ),
    _error(
        "602",
        "Envelope value too long",
        "{name} holds {value!r}: {length} characters, at most {limit} fit.",
        "Correct it in the partner file.",
    ),
    _error(
        "603",
        "Control number unusable",
        "{name} holds {value!r}, which is not {expected}.",
        "Correct the control number range of the agreement.",
    ),
    _error("604", "Segment has no place in the set", "{segment} has no place in {within} of {shape}.", "Correct the map or the record."),
    _error(
        "605",
        "Delimiters unusable",
        "The delimiters {value!r} are not different single characters that data never holds.",
        "Correct them in the agreement.",
    ),
    _error(
        "606",
        "Character cannot be written",
        "{name} holds {value!r}, which cannot be written as {encoding}.",
        "Correct the value, or choose another character set in the agreement.",
    ),
    _error(
        "607",
        "Repetition cannot be written",
        "{name} is repeated, for which interchanges of version {version} have no separator.",
        "Write one value, or agree on version 00402 or later and a repetition separator.",
    ),
)

_ACKNOWLEDGMENT = (
    _error("701", "Acknowledgment without AK1", "The acknowledgment names no functional group."),
    _error("702", "Acknowledgment code unknown", "{segment}{element:02} holds {value!r}, which is no acknowledgment code."),
)

_SCHEMA = (
    _error(
        "801", "Schema row unreadable", "The schema row {value!r} cannot be understood.", "See the README in schemas/x12 for how rows read."
    ),
    _error("802", "Guide unreadable", "The guide cannot be read: {why}.", "Correct the guide file."),
    _error("803", "Guide names what is not there", "{value!r} is not in {shape}.{nearest}", "Correct the guide file."),
    _error("804", "Guide loosens the standard", "{value!r}: {why}. A guide may only tighten.", "Correct the guide file."),
)

ENTRIES: tuple[Entry, ...] = (*_INTERCHANGE, *_GROUP, *_SET, *_SEGMENT, *_ELEMENT, *_WRITE, *_ACKNOWLEDGMENT, *_SCHEMA)
