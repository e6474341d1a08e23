"""PRT-: partner files, agreements and certificates."""

from edi_gateway.faults.entry import Entry, Severity

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="PRT-ABSENT",
        title="No partner folder",
        words="There is no folder {file}.",
        fix="Make it and put a file for each partner into it; partners/acme-retail.yaml is an example.",
    ),
    Entry(
        code="PRT-SYNTAX",
        title="Partner file not readable as YAML",
        words="This is not a partner file: {reason}.",
        fix="Correct the line: indent with spaces, put quotes around text that holds a colon, # or a separator.",
    ),
    Entry(
        code="PRT-KEY-UNKNOWN",
        title="Unknown key",
        words='"{value}" is not a key of {table}.',
        fix="{hint} The keys are listed in docs/reference/partner-file.md.",
    ),
    Entry(
        code="PRT-KEY-TWICE",
        title="Key twice",
        words='"{value}" stands here for the second time.',
        fix="Keep one of the two.",
    ),
    Entry(
        code="PRT-VALUE",
        title="Value does not fit its key",
        words='{key} cannot be "{value}".',
        fix="{hint}",
    ),
    Entry(
        code="PRT-KEY-MISSING",
        title="Required key missing",
        words="{value} is missing.",
        fix="Add it. {hint}",
    ),
    Entry(
        code="PRT-FILE-MISSING",
        title="File missing",
        words='{key} names "{value}", but there is no file {path}.',
        fix="{hint} Paths are seen from the home folder.",
    ),
    Entry(
        code="PRT-NAME-UNKNOWN",
        title="Unknown map, layout or guide",
        words='There is no {kind} "{value}" for the {set}.',
        fix="{hint} Add the file to the home, or name one that is there.",
    ),
    Entry(
        code="PRT-UNREADABLE",
        title="Partner file not readable",
        words="The file cannot be read: {reason}.",
        fix="Give the gateway's user the right to read it, and save it as UTF-8.",
    ),
    Entry(
        code="PRT-SEPARATORS",
        title="Separators clash",
        words='{key} and {other} are both "{value}".',
        fix="Give each separator a character of its own.",
    ),
    Entry(
        code="PRT-CONTROL-RANGE",
        title="Control numbers have no room",
        words="The first control number, {value}, is not below the last, {high}.",
        fix="Set x12.control_low below x12.control_high.",
    ),
    Entry(
        code="PRT-NO-URL",
        title="No address to send to",
        words="Documents are sent, but as2.url is missing.",
        fix="Set as2.url to the address that the partner gave, or empty documents.send.",
    ),
    Entry(
        code="PRT-NO-MDN-URL",
        title="No address for asynchronous MDNs",
        words="as2.mdn is async, but we have no address that the partner could answer to.",
        fix="Set as2.mdn_url here, or url under [identity] in gateway.toml.",
    ),
    Entry(
        code="PRT-NO-CERTIFICATE",
        title="No certificate",
        words="Encryption or required signatures need the partner's certificate, but as2.certificates is empty.",
        fix="Save the certificate that the partner sent in the home's certs folder and name it under as2.certificates.",
    ),
    Entry(
        code="PRT-HEADER",
        title="Header not allowed",
        words='"{value}" cannot be an extra header: it is not a header name, or the gateway writes it itself.',
        fix="Remove it, or use the key that sets it.",
    ),
    Entry(
        code="PRT-FILE-NAME",
        title="File name does not fit",
        words='A partner file cannot be named "{value}": its name is the name of the partner\'s ERP folder, too.',
        fix='Name it with lower-case letters, digits, "-" and "_" only, and the ending .yaml.',
    ),
    Entry(
        code="PRT-WEAK",
        title="Weak algorithm",
        words="{value} is broken or weak and is used for partners marked as legacy only.",
        fix="Agree on sha256 and aes256-cbc with the partner, or set as2.legacy: true.",
    ),
    Entry(
        code="PRT-FILE-ENDING",
        title="File ending not read",
        words="Partner files end in .yaml; this one ends in .yml and is not read.",
        fix="Rename it.",
    ),
    Entry(
        code="PRT-AS2-NAME-TAKEN",
        title="AS2 name taken",
        words='The AS2 name "{value}" is that of {other}, too; this file is left out.',
        fix="Correct as2.id in one of the two, or remove one.",
    ),
    Entry(
        code="PRT-ISA-ID-TAKEN",
        title="ISA id taken",
        words='The ISA id "{value}" with qualifier {qualifier} is that of {other}, too; this file is left out.',
        fix="Correct x12.qualifier or x12.id in one of the two, or remove one.",
    ),
    Entry(
        code="PRT-CERT-EXPIRED",
        title="Certificate expired",
        words="The certificate {subject} (serial {serial}) ended on {until}.",
        fix="Ask for the new certificate, save it in certs and name it first; an own one is replaced together with its key.",
    ),
    Entry(
        code="PRT-CERT-EARLY",
        title="Certificate not yet valid",
        words="The certificate {subject} (serial {serial}) is valid from {since} on.",
        fix="Keep the certificate that is in force in the list until then, and check this machine's clock.",
        severity=Severity.NOTE,
    ),
    Entry(
        code="PRT-CERT-ENDS-SOON",
        title="Certificate ends soon",
        words="The certificate {subject} (serial {serial}) ends on {until}, in {days} days.",
        fix="Get the new one now and name it beside this one, so that both are accepted while you change over.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="PRT-CERT-NONE-IN-FORCE",
        title="No certificate in force",
        words="None of the {value} certificates is in force.",
        fix="Ask for the certificate that is used now; messages are held until then.",
    ),
    Entry(
        code="PRT-CERT-UNREADABLE",
        title="Certificate or key file not readable",
        words="The file cannot be read: {reason}.",
        fix="Give the gateway's user the right to read it, or correct the name.",
    ),
    Entry(
        code="PRT-KEY-ALONE",
        title="Key without certificate",
        words="None of our certificates was made for this key.",
        fix="Name the key's certificate under [identity] certificates in gateway.toml, or remove the key.",
    ),
)
