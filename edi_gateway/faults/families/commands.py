"""CFG-: what a command was given: files, records, names, and a gateway that should answer."""

from edi_gateway.faults.entry import Entry, Severity

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="CFG-LAYOUT-OTHER",
        title="Layout of other records",
        words="The file has the layout {file_layout}, and {value} has other records.",
        fix='Name a layout that is like it; "edi-gateway schema list" names all.',
    ),
    Entry(
        code="CFG-INPUT",
        title="Given file not readable",
        words="The file cannot be read: {reason}.",
        fix="Check its name and your right to read it; - is standard input.",
    ),
    Entry(
        code="CFG-INPUT-EMPTY",
        title="Given file empty",
        words="There is nothing in it.",
        fix="Check that this is the right file and that it was copied whole.",
    ),
    Entry(
        code="CFG-OUTPUT",
        title="Result not writable",
        words="The file cannot be written: {reason}.",
        fix="Name a file in a folder that your user may write to.",
    ),
    Entry(
        code="CFG-SYSTEM",
        title="System refused",
        words="The system refused it: {reason}.",
        fix="Check the folder's rights and the room on its disk.",
    ),
    Entry(
        code="CFG-RECORD",
        title="Not a record in JSON",
        words="This is not a {record} in JSON: {reason}.",
        fix='Write it as "edi-gateway map read" prints it: an object, or a list of them.',
    ),
    Entry(
        code="CFG-RECORD-FIELD",
        title="Record field does not fit",
        words="{value} {reason}.",
        fix="{hint}",
    ),
    Entry(
        code="CFG-NO-DOCUMENT",
        title="No document for this map",
        words="The map reads the {wanted}; the file holds {value}.",
        fix="Name a map for what the file holds, or another file.",
    ),
    Entry(
        code="CFG-MAP-SAME",
        title="Nothing to compare",
        words="{value} is the map in use, {name}, word for word.",
        fix="Give the file with your change as --map, or another map as --against.",
    ),
    Entry(
        code="CFG-MAP-OTHER",
        title="Map of another document",
        words="{value} is between {ours}; {name} is between {theirs}.",
        fix="Name the map in use that the changed one is to replace with --against.",
    ),
    Entry(
        code="CFG-MAP-NAME",
        title="Name no map can have",
        words='"{value}" cannot name a map.',
        fix="Letters, digits, - and _, in folders parted by /: acme/850.",
    ),
    Entry(
        code="CFG-PARTNER-UNKNOWN",
        title="No such partner",
        words='There is no partner "{value}".',
        fix='{hint} "edi-gateway partner check" says what is wrong with the files that were left out.',
    ),
    Entry(
        code="CFG-GUIDE-UNKNOWN",
        title="No such guide",
        words='There is no guide "{value}".',
        fix="{hint} A guide of your own is a file below schemas/x12/guides in the home, or any file that is named with its .yaml.",
    ),
    Entry(
        code="CFG-JOB-UNKNOWN",
        title="No such parked work item",
        words="No work item {value} is parked.",
        fix='"edi-gateway job list" shows those that are.',
    ),
    Entry(
        code="CFG-JOBS-PARKED",
        title="Work items wait for a person",
        words="{value} of the work items failed as often as agreed and are not tried again.",
        fix='"edi-gateway job list" says why; mend that, then free each with "edi-gateway job free ID".',
        severity=Severity.WARNING,
    ),
    Entry(
        code="CFG-FILE-UNKNOWN",
        title="No such ERP file",
        words="There is no ERP file {value}.",
        fix='List them with "edi-gateway file list".',
    ),
    Entry(
        code="CFG-LIST-BY-HAND",
        title="List to be changed by hand",
        words="{value} is not written in one line here, so it was left as it is.",
        fix="Name the new file in it yourself, or write the list in one line, [in, brackets], and try again.",
    ),
    Entry(
        code="CFG-REFEREE",
        title="Second opinion not to be had",
        words="{value} {reason}.",
        fix='Install it beside the gateway: pip install "edi-gateway[referee]". Nothing but a second opinion needs it.',
    ),
    Entry(
        code="CFG-MIC-ALGORITHM",
        title="No MIC by the receipt's algorithm",
        words="The receipt's MIC is by {value}; the MIC that was given is by {given}. The two cannot be compared.",
        fix="Give the MIC by that algorithm, too (--mic and --mic-algorithm once more), or what was sent with --payload.",
    ),
    Entry(
        code="CFG-NO-ADDRESS",
        title="Our own address not set",
        words="url is missing under [identity]: Message-IDs end in edi-gateway.invalid, and nobody can be asked for asynchronous MDNs.",
        fix="Set it to the address that partners post to, such as https://edi.example.com/as2.",
        severity=Severity.NOTE,
    ),
    Entry(
        code="CFG-NOT-READY",
        title="Gateway not ready",
        words="The gateway at {value} answers, but {reason}.",
        fix="Its log says more; where the clock stands still, start it again.",
    ),
    Entry(
        code="CFG-OTHER-SERVER",
        title="Another server answers",
        words="What answers at {value} is not an edi-gateway.",
        fix="Stop that program, or set [server] port in gateway.toml to a free one.",
    ),
    Entry(
        code="CFG-HOLD-UNKNOWN",
        title="No such hold",
        words="{value} is not the number of a hold in force.",
        fix="edi-gateway retention holds lists them.",
    ),
)
