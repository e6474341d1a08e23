"""CFG-: settings, folders, ports and passwords of the gateway itself."""

from edi_gateway.faults.entry import Entry, Severity

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="CFG-ABSENT",
        title="No settings",
        words="There is no settings file {file}.",
        fix='Make a home with "edi-gateway init {home}", or name another with --home.',
    ),
    Entry(
        code="CFG-SYNTAX",
        title="Settings not readable as TOML",
        words="This is not TOML: {reason}.",
        fix="Correct the line. Texts need quotes, tables stand in [brackets].",
    ),
    Entry(
        code="CFG-KEY-UNKNOWN",
        title="Unknown key",
        words='"{value}" is not a key of {table}.',
        fix="{hint} The keys are listed in docs/reference/gateway-toml.md.",
    ),
    Entry(
        code="CFG-VALUE",
        title="Value does not fit its key",
        words='{key} cannot be "{value}".',
        fix="{hint}",
    ),
    Entry(
        code="CFG-KEY-MISSING",
        title="Required key missing",
        words="{value} is missing.",
        fix="Add it. {hint}",
    ),
    Entry(
        code="CFG-FILE-MISSING",
        title="File missing",
        words='{key} names "{value}", but there is no file {path}.',
        fix="{hint} Paths are seen from the home folder.",
    ),
    Entry(
        code="CFG-UNREADABLE",
        title="File not readable",
        words="The file cannot be read: {reason}.",
        fix="Give the gateway's user the right to read it, and save it as UTF-8.",
    ),
    Entry(
        code="CFG-HOME-NONE",
        title="No home there",
        words="{value} is no home: {reason}.",
        fix='Name a home with --home or EDI_GATEWAY_HOME; "edi-gateway init" makes one.',
    ),
    Entry(
        code="CFG-HOME-TAKEN",
        title="Home already stands",
        words="{value} already holds {found}.",
        fix='Choose an empty or new folder: nothing was changed. To use this one, run "edi-gateway serve --home {value}".',
    ),
    Entry(
        code="CFG-HOME-UNMADE",
        title="Home cannot be made",
        words="{value} cannot be made: {reason}.",
        fix="Choose a folder that your user may write to.",
    ),
    Entry(
        code="CFG-SECRET-MISSING",
        title="Secret missing",
        words="{value} leads to no secret: {reason}.",
        fix="Set the environment variable for the gateway's process, or put the secret on the first line of the file.",
    ),
    Entry(
        code="CFG-PASSWORD-UNREADABLE",
        title="Console password not readable",
        words="The console's password or cookie secret cannot be read or written: {reason}.",
        fix='Set a new password with "edi-gateway password". A lost cookie secret: copy console.secret from a new home that "init" makes.',
    ),
    Entry(
        code="CFG-PASSWORD-SHORT",
        title="Password too short",
        words="The password has fewer than {shortest} characters.",
        fix="Take a longer one; four random words are good.",
    ),
    Entry(
        code="CFG-PORT-BUSY",
        title="Port taken",
        words="The server cannot listen on {value}: another program does.",
        fix="Stop that program, or set [server] port in gateway.toml to a free one.",
    ),
    Entry(
        code="CFG-PORT-FORBIDDEN",
        title="Port forbidden",
        words="The server may not listen on {value}: ports below 1024 are for privileged users.",
        fix="Set [server] port in gateway.toml to 1024 or more, and let a reverse proxy serve the public port.",
    ),
    Entry(
        code="CFG-HOST",
        title="Address not ours",
        words="The server cannot listen on {value}: {reason}.",
        fix="Set [server] host in gateway.toml to an address of this machine: 127.0.0.1 for itself, 0.0.0.0 for every network.",
    ),
    Entry(
        code="CFG-UNREACHABLE",
        title="No gateway answers",
        words="Nothing answers at {value}: {reason}.",
        fix='Start it with "edi-gateway serve", or check the address.',
    ),
    Entry(
        code="CFG-IDENTITY",
        title="Name or identifier does not fit",
        words='The {key} "{value}" does not fit.',
        fix="{hint}",
    ),
    Entry(
        code="CFG-RETENTION-LATE",
        title="Old contents are not looked at",
        words="Contents since {oldest} are older than they are kept for, and deleting was {value}.",
        fix='Name a time in gateway.toml ([retention] at = "02:30"), or mend the timer that calls "edi-gateway retention run --apply".',
        severity=Severity.WARNING,
    ),
    Entry(
        code="CFG-PAUSED",
        title="Partner paused",
        words="{value} is paused to {direction} since {since} by {actor}: {reason}",
        fix='Resume it with "edi-gateway partner resume" when the reason is gone.',
        severity=Severity.WARNING,
    ),
    Entry(
        code="CFG-LEFT-ALONE",
        title="Server left alone",
        words="{value} failed {failures} times in a row; the next post to it goes at {until} at the earliest.",
        fix="See whether the partner's server is reached; posts go on by themselves when it answers again.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="CFG-ROLE",
        title="Roles need PostgreSQL",
        words="This home is on SQLite, where one process is the whole gateway; it cannot be {value} alone.",
        fix="Start it without --role, or set [database] url in gateway.toml to a PostgreSQL database.",
    ),
    Entry(
        code="CFG-FOLDER",
        title="File or folder not usable",
        words="{value} cannot be used: {reason}.",
        fix="Give the gateway's user the right to read, write and rename there; it is tried again at every scan.",
    ),
    Entry(
        code="CFG-NOT-STARTED",
        title="Gateway does not start",
        words="The gateway {value} did not answer after its start; the last line of its log is: {last}",
        fix="Read {log}, mend what it names and start again.",
    ),
)
