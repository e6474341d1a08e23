"""MAP-: what is wrong with a map as it is written. 1xx shape, 2xx tables, 3xx sense; 4xx, in a document, stand in `map_runs`."""

from edi_gateway.faults.entry import Entry, Severity

_SHAPE = (
    Entry(
        code="MAP-101",
        title="A map that is not YAML",
        words="The map cannot be read as YAML: {value}.",
        fix='Mend the YAML at this place; a selector such as "N1[ST]" needs quotes inside braces.',
    ),
    Entry(code="MAP-102", title="A key that stands twice", words="The key {value!r} stands twice.", fix="Keep one of the two."),
    Entry(
        code="MAP-103",
        title="YAML that maps do not take",
        words="The map uses {value}, which maps do not take.",
        fix="Write the text out, in quotes where it starts with a sign.",
    ),
    Entry(
        code="MAP-104",
        title="A header line is missing",
        words="The map does not say {value}:.",
        fix="Add it at the top, such as map: po850, record: PurchaseOrder, schema: X12 004010 850.",
    ),
    Entry(code="MAP-105", title="An unknown key", words="{value!r} is no key that may stand here.", fix="{hint}"),
    Entry(
        code="MAP-106",
        title="A value of the wrong form",
        words="{value!r} needs {wanted}.",
        fix="See the reference of the map language for what may stand here.",
    ),
    Entry(
        code="MAP-107",
        title="An unreadable path",
        words="The path {value!r} cannot be read: {why}.",
        fix="Write it as BEG/03, REF[DP]/02, N1[ST]/N4/01 or PO1/pair[VN].",
    ),
    Entry(code="MAP-108", title="No such element", words="{value} names an element that the segment does not have.", fix="{hint}"),
    Entry(
        code="MAP-109",
        title="A composite without its component",
        words="{value} is a composite of {count} components.",
        fix="Say which component is meant, such as {value}-1.",
    ),
    Entry(
        code="MAP-110",
        title="A segment without pairs",
        words="{value} asks for a qualified pair, but {segment} has no pairs of qualifier and value.",
        fix="Name the element by its number.",
    ),
    Entry(
        code="MAP-111",
        title="Types that do not go together",
        words="{value} is of type {type}, the field is {field}.",
        fix="Map it to a field of that type, or take another element.",
    ),
    Entry(code="MAP-112", title="An unknown record field", words="{value!r} is no field of {record}.", fix="{hint}"),
    Entry(
        code="MAP-113",
        title="A block on a plain field",
        words="{value!r} is a plain value; it has no fields of its own.",
        fix="Give it one path.",
    ),
    Entry(
        code="MAP-114",
        title="A list and a single one mixed up",
        words="{value!r} needs {wanted}:, as the record has it.",
        fix="Write {wanted}: instead.",
    ),
    Entry(
        code="MAP-115",
        title="The map that this one extends is not there",
        words="This map extends {value!r}, which is not found.",
        fix="Write the name as the folder and file without .yaml, such as x12/004010/850.",
    ),
    Entry(
        code="MAP-116",
        title="Maps that extend each other",
        words="Extending {value!r} leads in a circle, or is more than eight maps deep.",
        fix="Let one of them stand alone.",
    ),
    Entry(
        code="MAP-117",
        title="Omitting what is not there",
        words="omit: names {value!r}, which the map below does not have.",
        fix="Take the line out, or write the field as the map below does, such as lines.gtin.",
    ),
    Entry(
        code="MAP-118",
        title="A required field without a row",
        words="{record} needs {value}, and no row gives it.",
        fix="Add a row for it.",
    ),
    Entry(
        code="MAP-119",
        title="A row on a field that is a record",
        words="{value!r} is a record; a path alone cannot fill it.",
        fix="Write {{at: …, fields: {{…}}}} or {{fields: {{…}}}}.",
    ),
    Entry(
        code="MAP-120",
        title="Two rows write one place",
        words="{value!r} writes {designator}, which another row writes already ({first}).",
        fix="Take one of the two out, or give it a selector of its own.",
    ),
    Entry(
        code="MAP-121",
        title="An unreadable expression",
        words="The expression {value!r} cannot be read: {why}.",
        fix="Write it as count(lines) or sum(l.quantity for l in lines).",
    ),
    Entry(
        code="MAP-122",
        title="A default of the wrong form",
        words="The default {value!r} is not {type}.",
        fix="Write the default as it would stand in the document.",
    ),
    Entry(code="MAP-123", title="An unknown record", words="There is no record {value!r}.", fix="{hint}"),
    Entry(
        code="MAP-124",
        title="A segment or loop that is not there",
        words="{value} asks for {tag}, which does not stand in loop {where}.",
        fix="{hint}",
    ),
    Entry(
        code="MAP-125",
        title="An unknown schema",
        words="The schema {value!r} is not found.",
        fix='Write it as "X12 004010 850" or "flat order", and check that its file is in schemas/.',
    ),
    Entry(
        code="MAP-126",
        title="An unknown part",
        words="fields: names the part {value!r}, which the map does not have, or which holds itself.",
        fix="{hint}",
    ),
    Entry(
        code="MAP-127",
        title="A map with too many rows",
        words="The map has more than {value} rows, parts counted wherever they are used.",
        fix="Take parts within parts apart.",
    ),
)

_TABLES = (
    Entry(
        code="MAP-201",
        title="A table that is not one to one",
        words="Table {table} has the code {value!r} for {first} and for {second}.",
        fix="Keep it under one name; further codes to be read go under accept:.",
    ),
    Entry(
        code="MAP-202",
        title="accept: names no name of the table",
        words="Table {table} accepts {value!r} for a name that it does not have.",
        fix="{hint}",
    ),
    Entry(
        code="MAP-203",
        title="A kept code that is also a name",
        words="Table {table} keeps other codes, and {value} is both a name and a code.",
        fix="Choose another name.",
    ),
    Entry(code="MAP-204", title="An unknown table", words="There is no table {value!r}.", fix="{hint}"),
    Entry(code="MAP-205", title="An unknown codec", words="There is no codec {value!r}.", fix="{hint}"),
    Entry(
        code="MAP-206",
        title="A table's code that the schema does not know",
        words="Table {table} has {value}, which element {element} does not take.",
        fix="Mend the code, or widen the schema's list.",
    ),
    Entry(
        code="MAP-207",
        title="A selector that the schema does not know",
        words="{path} asks for {value!r}, which {element} does not take.",
        fix="Mend the selector.",
    ),
    Entry(
        code="MAP-208",
        title="A table that misses a code",
        words="Table {table} has no name for {value}, which {element} may hold.",
        fix="Add a name, or other: keep.",
        severity=Severity.NOTE,
    ),
    Entry(
        code="MAP-209", title="A table that no row uses", words="No row uses table {value}.", fix="Take it out.", severity=Severity.WARNING
    ),
    Entry(
        code="MAP-210",
        title="A cross-reference that is not CSV",
        words="The cross-reference cannot be read as CSV: {value}.",
        fix="Export it again as CSV with commas and double quotes.",
    ),
    Entry(
        code="MAP-211",
        title="An unknown column of a cross-reference",
        words="{value!r} is no column of a cross-reference.",
        fix="{hint}",
    ),
    Entry(
        code="MAP-212",
        title="A column of a cross-reference is missing",
        words="The first line does not name the column {value}.",
        fix="Begin the file with: record,document",
    ),
    Entry(
        code="MAP-213",
        title="A value of a cross-reference that cannot be used",
        words="{column} holds {value!r}, which is not {wanted}.",
        fix="Mend the line.",
    ),
    Entry(
        code="MAP-214",
        title="A cross-reference that is not one to one",
        words="{value} and line {first} of {table} hold on the same day and name the same thing differently.",
        fix="End one of the two before the other begins, or mark the further code with direction read.",
    ),
    Entry(
        code="MAP-215",
        title="A table that misses a code of the guide",
        words="Table {table} has no name for {value}, which {path} may hold by guide {guide}{note}.",
        fix="Add a name, accept: it as another one, or say other: keep.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="MAP-216",
        title="A code that the guide does not take",
        words="{field} can be written as {value}; guide {guide} takes {codes} in {path}{note}.",
        fix="Take it out of the table in a map for this partner, or write one of the guide's codes.",
        severity=Severity.WARNING,
    ),
)

_SENSE = (
    Entry(
        code="MAP-301",
        title="A condition that looks forward",
        words="The condition {value!r} asks for {field}, which is read later.",
        fix="Move this row below the row of {field}.",
    ),
    Entry(
        code="MAP-302",
        title="A mandatory element that is never written",
        words="{value} is mandatory, and no row writes it.",
        fix="Add a row or an equation for it.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="MAP-303",
        title="A record field without a row",
        words="No row maps {value}.",
        fix="Add a row if the document carries it; what is not mapped is not sent.",
        severity=Severity.NOTE,
    ),
    Entry(
        code="MAP-304",
        title="A row for one direction",
        words="{value} is mapped in one direction only.",
        fix="Give both ends if the document can carry it both ways.",
        severity=Severity.NOTE,
    ),
    Entry(
        code="MAP-305",
        title="Selectors that overlap",
        words="{value} and {other} can take the same segment; the first of them takes it.",
        fix="Make one of the selectors more exact.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="MAP-306",
        title="A row that normalises",
        words="{value} reads several codes and writes one of them: {written}.",
        fix="Nothing to do if partners take {written}.",
        severity=Severity.NOTE,
    ),
    Entry(
        code="MAP-307",
        title="What the guide requires is never written",
        words="Guide {guide} requires {path}{note}, and no row writes it.",
        fix="Add a row or an equation for it, in a map for this partner.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="MAP-308",
        title="A row that writes what the guide forbids",
        words="{field} is written to {path}, which guide {guide} does not use{note}.",
        fix="Omit it in a map for this partner: omit: [{field}].",
        severity=Severity.WARNING,
    ),
    Entry(
        code="MAP-309",
        title="A qualifier of the guide that no row reads",
        words="Guide {guide} allows {value} in {path}{note}, and no row reads the value behind it.",
        fix="Add a row for it, or name it in one that is there, such as {segment}/pair[VN|IB].",
        severity=Severity.NOTE,
    ),
    Entry(
        code="MAP-310",
        title="A syntax note that cannot be kept",
        words="{value} is never written; {note}.",
        fix="Add a row or an equation for it.",
        severity=Severity.WARNING,
    ),
)

ENTRIES: tuple[Entry, ...] = (*_SHAPE, *_TABLES, *_SENSE)
