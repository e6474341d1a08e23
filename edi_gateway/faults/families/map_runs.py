"""MAP-4xx: what a map meets in a document: values that it cannot carry, or that do not agree."""

from edi_gateway.faults.entry import Entry, Severity

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="MAP-401",
        title="A control value that does not agree",
        words="{segment}{element:02} says {value!r}; {equation} gives {want}.",
        fix="Check whether lines are missing or a quantity was changed on the way.",
    ),
    Entry(
        code="MAP-402",
        title="A code that the table does not have",
        words="{designator} ({name}) holds {value!r}, for which table {table} has no name.",
        fix="Add the code to table {table} of the map ({map}), or have the sender use one of: {known}.",
    ),
    Entry(
        code="MAP-403",
        title="A word that the table does not have",
        words="{field} is {value!r}, for which table {table} has no code.",
        fix="Use one of: {known}; or add the word to the map ({map}).",
    ),
    Entry(
        code="MAP-404",
        title="A required value is absent",
        words="{designator} ({name}) is empty, and {field} needs it.",
        fix="Have the sender fill it, or give the row a default ({map}).",
    ),
    Entry(
        code="MAP-405",
        title="A value of the wrong form",
        words="{designator} ({name}) holds {value!r}, which is not {wanted}.",
        fix="Have the sender mend it; it fills {field} ({map}).",
    ),
    Entry(
        code="MAP-406",
        title="A value that the element cannot hold",
        words="{field} is {value!r}, which {designator} ({name}) cannot hold: it takes {wanted}.",
        fix="Mend the value, or map the field to another element ({map}).",
    ),
    Entry(
        code="MAP-407",
        title="An element that no row reads",
        words="{designator} ({name}) holds {value!r}, and the map {map} has no row for it.",
        fix="Add a row, or let the agreement ignore what is not mapped.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="MAP-408",
        title="A value that fits no qualifier",
        words="{field} is {value!r}; the map has qualifiers for {lengths} characters.",
        fix="Mend the value, or add a qualifier for its length ({map}).",
    ),
    Entry(
        code="MAP-409",
        title="More qualified values than the segment holds",
        words="{value} has more qualified values than {segment} has room for.",
        fix="Leave one of the values out.",
    ),
    Entry(
        code="MAP-410",
        title="An item that another row would read",
        words="{field} would be sent as {value}, which the row for {other} reads.",
        fix="Put the value in the field of that row, or use another qualifier.",
    ),
    Entry(
        code="MAP-411",
        title="A repeated element where one value is read",
        words="{designator} ({name}) holds {count} values, {value!r}, and the map reads one ({map}).",
        fix="Say in the map which is meant, its number after a ^: REF/02^1 is the first. A row for each of the others keeps them.",
    ),
    Entry(
        code="MAP-413",
        title="A number whose check digit is wrong",
        words="{designator} ({name}) is {value!r}, which is not {wanted}; it fills {field}.",
        fix="Have the number mended where it comes from: a scanner will not find it. The map lets it pass ({map}).",
        severity=Severity.WARNING,
    ),
    Entry(
        code="MAP-414",
        title="A unit that no pack size leads to ours",
        words="{field} is {unit}, and table {table} has no such pack of item {value!r}, which would be counted in {ours}.",
        fix="Add the line item,unit,size to the table, or have the sender order in {ours} ({map}).",
    ),
    Entry(
        code="MAP-415",
        title="A value that does not fill whole packs",
        words="{field} is {value}, which does not go into packs of {size}: item {item} goes in {unit} of {size} by table {table}.",
        fix="Make the quantity a multiple of {size}; leave price out of units: where prices do not divide ({map}).",
    ),
    Entry(
        code="MAP-412",
        title="A repetition after an empty one",
        words="{designator} would be repeated with an empty value before another.",
        fix="Fill the repetitions from the first on.",
    ),
)
