"""STO-: the store, its work and its windows.

1xx the database, 2xx payloads, 3xx work items.
"""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="STO-101",
        title="Database in use by another gateway",
        words="Another gateway{holder} runs on {file}.",
        fix="Stop that one first, or give this one a home of its own. Several gateways on one database need PostgreSQL.",
    ),
    Entry(
        code="STO-102",
        title="Database not reachable",
        words="The database cannot be used now: {reason}.",
        fix="Check that it runs, that its disk has room and that the gateway may write to it. What was not confirmed is tried again.",
    ),
    Entry(
        code="STO-103",
        title="Database of a newer release",
        words="The database is at schema {found}, which this release does not know; it knows up to {known}.",
        fix="Install the release that wrote it, or restore a backup made before the upgrade.",
    ),
    Entry(
        code="STO-104",
        title="Database address not usable",
        words="{value!r} is not a database that the gateway can use: {reason}.",
        fix="Give sqlite:///<file> or postgresql+psycopg://<user>@<host>/<database>.",
    ),
    Entry(
        code="STO-105",
        title="Database damaged",
        words="The database cannot be read whole: {reason}.",
        fix="Stop the gateway, keep a copy of the file, and restore the last good backup.",
    ),
    Entry(
        code="STO-106",
        title="Job tables of a newer Procrastinate",
        words="The job tables are at {found}, which the installed Procrastinate does not know; it knows up to {known}.",
        fix="Install the release of the gateway, with its extra postgresql, that the other hosts run.",
    ),
    Entry(
        code="STO-107",
        title="Procrastinate not installed",
        words="PostgreSQL needs the library Procrastinate, which cannot be loaded: {reason}.",
        fix="Install the gateway with its extra: pip install 'edi-gateway[postgresql]'.",
    ),
    Entry(
        code="STO-108",
        title="Database not in UTF-8",
        words="The database {value} is encoded in {found}, which does not hold every character of a document.",
        fix="Make one with CREATE DATABASE edi ENCODING 'UTF8' TEMPLATE template0, and name it in [database] url.",
    ),
    Entry(
        code="STO-111",
        title="Backup does not fit the database",
        words="The backup cannot be loaded into {value}: {reason}.",
        fix="Restore into a new home, or into an empty database of the same kind; nothing was changed.",
    ),
    Entry(
        code="STO-112",
        title="Backup damaged",
        words="{value} of the backup {reason}.",
        fix="Use another backup. What can be saved from this one is for a person to judge.",
    ),
    Entry(
        code="STO-113",
        title="Not a backup",
        words="{value} is no backup that this release can read: {reason}.",
        fix="Name the folder or the .tar file that `edi-gateway backup` wrote.",
    ),
    Entry(
        code="STO-114",
        title="Place of the backup taken",
        words="{value} is there already and not empty.",
        fix="Name a new folder, or a new file that ends in .tar. Nothing was written.",
    ),
    Entry(
        code="STO-115",
        title="No database to save",
        words="There is no database {value} yet.",
        fix="Name the home of a gateway that has run: its first start makes the database.",
    ),
    Entry(
        code="STO-117",
        title="Not a way to move a store",
        words="A store cannot be moved by way of {value}: it goes from a SQLite file to a PostgreSQL database.",
        fix="Name a home whose [database] is a SQLite file, and as --to an address such as postgresql://edi@db.example.com/edi.",
    ),
    Entry(
        code="STO-118",
        title="Database to move to is not empty",
        words="Nothing can be moved to {value}: {reason}.",
        fix="Name an empty database that the gateway's user owns. Nothing was changed.",
    ),
    Entry(
        code="STO-119",
        title="What arrived is not what was sent",
        words="After the move {value} was not as it is in the file that was moved.",
        fix="Nothing was kept on the other side and the file is as it was. Move again; if it is so again, report it.",
    ),
    Entry(
        code="STO-201",
        title="Payload damaged",
        words="The bytes kept under {value} have the digest {found}.",
        fix="Restore them from a backup; ask the partner to send the message again if there is none.",
    ),
    Entry(
        code="STO-202",
        title="Payload missing",
        words="The bytes of {value} should be in {file}, which is not there.",
        fix="Restore the payload folder from the backup that belongs to this database.",
    ),
    Entry(
        code="STO-203",
        title="Payload not kept",
        words="Message {message} names the bytes of {value}, which are not kept, and no retention deleted them.",
        fix="Restore them from a backup, and find out who deleted them.",
    ),
    Entry(
        code="STO-204",
        title="MIC differs from what was agreed",
        words="The MIC of message {message} is {found}, taken now; it was {value}.",
        fix="Compare the message with its backup: what is kept is not what was signed, or our key of then is missing.",
    ),
    Entry(
        code="STO-301",
        title="Work item failed",
        words="{task} {key} failed on attempt {attempt}: {reason}.",
        fix="It is tried again by itself. If it keeps failing, report it with the log of that time.",
    ),
    Entry(
        code="STO-302",
        title="Work item parked",
        words="{task} {key} failed {attempt} times and is not tried again: {reason}.",
        fix="Mend what it names, then free it with `edi-gateway job free`; `edi-gateway job list` shows its number. "
        "Report it with the log of that time if the reason is the gateway's own.",
    ),
    Entry(
        code="STO-303",
        title="Work item unknown",
        words="Nothing in this release does {task!r}, which {key} asks for.",
        fix="It was enqueued by another release: run that one, or remove the item.",
    ),
    Entry(
        code="STO-304",
        title="Work item of a dead worker",
        words="The worker of {task} {key} gave no sign any more; the work item is due again.",
        fix="Look why that process ended: its log, and what the system says about memory. Nothing is lost and nothing needs to be done.",
    ),
    Entry(
        code="STO-305",
        title="Work item that ends its worker",
        words="{task} {key} was begun {attempt} times, and each time its worker died over it; it is not tried again.",
        fix="Look what the system says about those processes: memory, a signal, a crash of a library. When that is mended, free it with "
        "`edi-gateway job free`; `edi-gateway job list` shows its number.",
    ),
    Entry(
        code="STO-306",
        title="Further process ended",
        words="A {value} process ({process}) ended with status {status}. It is started again, and what it was doing is done again.",
        fix="Look why it ended: what the log says before this, and what the system says about memory where the status is -9.",
    ),
    Entry(
        code="STO-307",
        title="Further process gives no sign of life",
        words="A {value} process ({process}) gave no sign of life for too long and is killed: it was stopped, or it stands still.",
        fix="Look whether somebody or something stopped it, and whether the machine swaps. Nothing is lost and nothing needs to be done; "
        "report it with the log of that time if it happens again.",
    ),
)
