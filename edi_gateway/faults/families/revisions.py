"""CFG-SET-: the configuration as a set of files, and its revisions in the database."""

from edi_gateway.faults.entry import Entry, Severity

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="CFG-SET-SECRET",
        title="Private key in the configuration",
        words="The file holds a private key; the configuration is kept in the database, where no private key belongs.",
        fix="Name a file that holds the certificate alone, and take the key out of partners, maps and schemas.",
    ),
    Entry(
        code="CFG-SET-LARGE",
        title="Configuration file too large",
        words="The file has {value} bytes; a file of the configuration has at most {most}.",
        fix="Split it, or take it out of partners, maps and schemas if the gateway does not need it.",
    ),
    Entry(
        code="CFG-SET-UNKNOWN",
        title="Revision unknown",
        words="There is no revision {value} of the configuration; {there}.",
        fix='"edi-gateway config history" lists them; "edi-gateway config apply" makes one of the files in the home.',
    ),
    Entry(
        code="CFG-SET-NONE",
        title="No revision yet",
        words="No configuration has been applied yet.",
        fix='Apply the files in the home with "edi-gateway config apply", or start the gateway, which does it.',
    ),
    Entry(
        code="CFG-SET-MOVED",
        title="Another revision in force",
        words="Revision {found} is in force, not {value}: somebody applied another configuration meanwhile.",
        fix='Look at "edi-gateway config history", plan again, and apply what you want to be in force.',
    ),
    Entry(
        code="CFG-SET-REFUSED",
        title="Configuration not applied",
        words="The files in {file} have {value} findings that keep them from being applied; revision {revision} stays in force.",
        fix='Mend what the findings name, see with "edi-gateway config plan" that nothing is left, and run "edi-gateway config apply".',
    ),
    Entry(
        code="CFG-SET-DIFFERS",
        title="Files differ from the configuration in force",
        words="The files in {file} say something else than revision {value}, which is in force.",
        fix='"edi-gateway config plan" shows what; "config apply" brings the files into force, "config export" writes the other as files.',
        severity=Severity.NOTE,
    ),
    Entry(
        code="CFG-SET-TAKEN",
        title="Folder not empty",
        words="{value} is not an empty folder.",
        fix="Name a new folder: nothing was written.",
    ),
    Entry(
        code="CFG-SET-ABSENT",
        title="No such folder",
        words="There is no folder {value}.",
        fix="Name a folder with partners, maps and schemas, as config export writes it.",
    ),
)
