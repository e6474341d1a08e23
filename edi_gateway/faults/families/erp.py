"""ERP-: flat files and the folder contract. 1xx a file that is read, 2xx a file that is written, 3xx layouts."""

from edi_gateway.faults.entry import Entry

_READ = (
    Entry(
        code="ERP-101",
        title="An empty file",
        words="The file holds no records.",
        fix="Write at least one document to it, or do not drop it.",
    ),
    Entry(
        code="ERP-102",
        title="A wrong encoding",
        words="The line is not {encoding}: byte {value} cannot be read.",
        fix="Export the file as {encoding}, or set the layout's encoding.",
    ),
    Entry(
        code="ERP-103",
        title="A quote that is not closed",
        words="A value opens with a quote that its line does not close.",
        fix="Close the quote; a quote within a value is written twice, and a value does not go on in the next line.",
    ),
    Entry(code="ERP-104", title="An unknown record type", words="{value!r} is no record type of the layout {layout}.", fix="{hint}"),
    Entry(
        code="ERP-105",
        title="More values than columns",
        words="{tag} has {count} columns; the line holds more, from {value!r} on.",
        fix="Quote values that hold the delimiter, or take the extra values out.",
    ),
    Entry(code="ERP-106", title="A required value is absent", words="{column} of {tag} is empty.", fix="Fill it: {name}."),
    Entry(
        code="ERP-107",
        title="A record without the one it belongs to",
        words="{value} belongs under {parent}, and no {parent} stands right before it.",
        fix="Put it after its {parent}.",
    ),
    Entry(
        code="ERP-108",
        title="A record that may stand once",
        words="{value} stands more than once where it may stand once.",
        fix="Keep one of them.",
    ),
    Entry(
        code="ERP-109",
        title="A record before the first document",
        words="{value} stands before the first {opening}.",
        fix="Begin every document with {opening}.",
    ),
    Entry(code="ERP-110", title="A required record is absent", words="The document has no {value} ({name}).", fix="Add it."),
    Entry(
        code="ERP-111",
        title="A value of the wrong form",
        words="{column} of {tag} holds {value!r}, which is not {wanted}.",
        fix="Write it as {example}.",
    ),
    Entry(
        code="ERP-112",
        title="A word that is not in the list",
        words="{column} of {tag} holds {value!r}, which is not in its list.",
        fix="Use one of: {known}.",
    ),
    Entry(
        code="ERP-113",
        title="A value that is too long",
        words="{column} of {tag} has {length} characters; {maximum} fit.",
        fix="Shorten it.",
    ),
    Entry(
        code="ERP-114",
        title="A control character",
        words="The line holds the control character {value}.",
        fix="Take it out of the value; a line holds printable characters only.",
    ),
    Entry(
        code="ERP-115",
        title="A heading that names no column",
        words="The heading of {tag} names {value!r}, which is no column.",
        fix="{hint}",
    ),
    Entry(
        code="ERP-116",
        title="A heading without a required column",
        words="The heading of {tag} does not name {value}, which is required.",
        fix="Add the column, or leave the heading out and keep the layout's order.",
    ),
    Entry(
        code="ERP-117",
        title="Text after a closing quote",
        words="After its closing quote a value goes on with {value!r}.",
        fix="Write a quote within a value twice.",
    ),
    Entry(
        code="ERP-118",
        title="A file of no known kind",
        words="Neither the first record ({value!r}) nor the file name says which document this is.",
        fix="Begin the file with one of: {known}; or the file name with one of: {prefixes}.",
    ),
    Entry(
        code="ERP-119",
        title="A line that is too short",
        words="The {tag} record ends after {value} characters, and {wanted} belong to it: the file was cut short there.",
        fix="Copy or export the file again, whole.",
    ),
    Entry(
        code="ERP-120",
        title="A structure that cannot be read",
        words="The file cannot be read as {format}: {value}.",
        fix="Mend it at this place, or export it again.",
    ),
    Entry(
        code="ERP-121", title="A name that the layout does not know", words="{value!r} is no name that may stand under {tag}.", fix="{hint}"
    ),
    Entry(
        code="ERP-122",
        title="A structure that is refused",
        words="The file holds {value}, which is refused.",
        fix="Export the file without it.",
    ),
)

_SHEETS = (
    Entry(
        code="ERP-123",
        title="A formula in a cell",
        words="The cell holds the formula {value}, and what it comes to is not certain.",
        fix="Copy the cells and paste them as values.",
    ),
    Entry(
        code="ERP-124",
        title="A line break in a cell",
        words="The cell holds a line break, or a character that no cell may hold: {value!r}.",
        fix="Write it in one line.",
    ),
    Entry(
        code="ERP-125",
        title="A number that Excel does not keep whole",
        words="The cell holds the number {value}, and Excel keeps 15 digits of a number.",
        fix="Format the cell as text and type the number again; so do leading zeros stay.",
    ),
    Entry(
        code="ERP-126",
        title="No Excel here",
        words="Excel workbooks cannot be read or written here.",
        fix='Install what it takes: pip install "edi-gateway[xlsx]".',
    ),
)

_DELIVERIES = (
    Entry(
        code="ERP-142",
        title="A number in a delivery that leads nowhere",
        words="{value} is {reason}.",
        fix="Export the delivery again, whole; or mend the number.",
    ),
    Entry(
        code="ERP-143",
        title="A packed quantity that does not come out",
        words="Handling units hold parts of item {value}: {reason}.",
        fix="Mend the packing in the ERP, and send the delivery again.",
    ),
    Entry(
        code="ERP-144",
        title="A handling unit that no pack or pallet can be",
        words="The handling unit {value} {reason}.",
        fix="A ship notice knows packs of items and pallets of packs: pack the delivery so, or leave the unit out of the file.",
    ),
)

_WHOLE = (
    Entry(
        code="ERP-133",
        title="A file that does not end with its trailer",
        words="The file ends with {found}, and not with its trailer {value}: it was cut short.",
        fix="Export the file again, whole; one {value} ends it.",
    ),
    Entry(
        code="ERP-134",
        title="A trailer that does not agree",
        words="{tag} says {value!r} {key}, and the file has {counted}: the file is not whole.",
        fix="Export the file again, whole.",
    ),
    Entry(
        code="ERP-135",
        title="Something after the trailer",
        words="{value} stands after the trailer {trailer}, which ends a file.",
        fix="Write one {trailer}, as the last record; two files put together are dropped one by one.",
    ),
    Entry(
        code="ERP-136",
        title="A file that does not begin with its header",
        words="The file begins with {found} (line {where}), and not with its header {value}: it was cut, or put together otherwise.",
        fix="Export the file again, whole; one {value} begins it.",
    ),
    Entry(
        code="ERP-137",
        title="A control total that does not agree",
        words="{tag} says {value!r} as the total of {summed}, and the file comes to {counted}: it is not whole, or was changed.",
        fix="Export the file again, whole; add up {summed} of every record.",
    ),
    Entry(
        code="ERP-138",
        title="A semaphore's total without a control total",
        words="The semaphore says the total {value}, and the layout {layout} names no control total.",
        fix="Name one in the layout (total: LIN.quantity), or leave the total out of the semaphore.",
    ),
    Entry(
        code="ERP-132",
        title="A file of too many lines",
        words="The file has {value} lines, and at most {maximum} are taken.",
        fix="Split it: each document may stand in a file of its own.",
    ),
    Entry(
        code="ERP-139",
        title="A file of too many records",
        words="The file has {value} records, and at most {maximum} are taken.",
        fix="Split it: each document may stand in a file of its own.",
    ),
    Entry(
        code="ERP-130",
        title="A semaphore that says something unknown",
        words="The semaphore says {value!r}, which is not understood.",
        fix='Write lines such as "records: 312"; it may hold: {known}. An empty semaphore is fine.',
    ),
    Entry(
        code="ERP-131",
        title="A file that is not what its semaphore says",
        words="The semaphore says {key} {value}, and the file has {counted}: the file is not whole, or another one.",
        fix="Export the file again, and write the semaphore after it.",
    ),
)

_WRITTEN = (
    Entry(
        code="ERP-201",
        title="A value that does not fit its column",
        words="{column} of {tag} would hold {value!r}: {length} characters, and {maximum} fit.",
        fix="Widen the column in the layout; values are never cut.",
    ),
    Entry(
        code="ERP-202",
        title="A line break in a value",
        words="{column} of {tag} would hold a line break.",
        fix="Send the text in several records, or let the map take it apart.",
    ),
    Entry(
        code="ERP-203",
        title="A word that is not in the list",
        words="{column} of {tag} would hold {value!r}, which is not in its list.",
        fix="Use one of: {known}; or widen the layout's list.",
    ),
    Entry(
        code="ERP-204",
        title="A character that the encoding does not have",
        words="{column} of {tag} holds {value!r}, which {encoding} cannot write.",
        fix="Set the layout's encoding to utf-8, or replace the character.",
    ),
    Entry(
        code="ERP-205",
        title="A value of the wrong form",
        words="{column} of {tag} would hold {value!r}, which is not {wanted}.",
        fix="Mend the map's row for this column.",
    ),
)

_REFERRED = (
    Entry(
        code="ERP-206",
        title="What a delivery cannot say",
        words="{value} {reason}.",
        fix="Give it what it lacks, or use a form that nests, such as ship_notice.",
    ),
)

_LAYOUTS = (
    Entry(
        code="ERP-301",
        title="A layout that is not YAML",
        words="The layout cannot be read as YAML: {value}.",
        fix="Mend the YAML at this place.",
    ),
    Entry(code="ERP-302", title="An unknown key", words="{value!r} is no key that may stand here.", fix="{hint}"),
    Entry(code="ERP-303", title="A value of the wrong form", words="{key}: {value!r} is not {wanted}.", fix="Write {wanted}."),
    Entry(
        code="ERP-304",
        title="A record type that stands twice",
        words="The record type {value} stands twice.",
        fix="Give each record type a tag of its own.",
    ),
    Entry(
        code="ERP-305",
        title="A layout that is like an unknown one",
        words="like: names {value!r}, which is not found.",
        fix="Name a layout that stands in schemas/flat/ and has its own records.",
    ),
)

ENTRIES: tuple[Entry, ...] = (*_READ, *_SHEETS, *_DELIVERIES, *_WHOLE, *_WRITTEN, *_REFERRED, *_LAYOUTS)
