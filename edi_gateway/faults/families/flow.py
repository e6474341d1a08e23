"""STO-4xx: promises and holds, where a message waits for somebody: a window that ended, a set that may not go on."""

from edi_gateway.faults.entry import Entry, Severity

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="STO-401",
        title="No MDN in its window",
        words="{partner} did not send an MDN for {value} in the time agreed.",
        fix="The same bytes are posted again while the agreement allows it; after that ask the partner whether the message arrived.",
    ),
    Entry(
        code="STO-402",
        title="No functional acknowledgment in its window",
        words="{partner} did not send a {expects} for the {set_id} {value} in the time agreed.",
        fix="Ask the partner whether the document was processed. A late acknowledgment still closes it.",
    ),
    Entry(
        code="STO-403",
        title="No business answer in its window",
        words="No {expects} was sent in answer to the {set_id} {value} in the time agreed.",
        fix="Drop the {expects} for it now, and tell the partner if a chargeback is near.",
    ),
    Entry(
        code="STO-410",
        title="Held: cancelled",
        words="The message that carried it was cancelled by an operator.",
        fix="Drop the document again if it shall be sent after all.",
    ),
    Entry(
        code="STO-411",
        title="Held: no agreement",
        words="There is no agreement with {partner} on the {value} {direction}.",
        fix="Add the document to the partner's file and start the gateway again, then replay the message.",
    ),
    Entry(
        code="STO-412",
        title="Acknowledgment of something unknown",
        words="The {set_id} acknowledges group {value} of functional group code {functional_id}, which was not sent to {partner}.",
        fix="Ask the partner which interchange they answer. Nothing was changed by it.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="STO-413",
        title="Held: sender of the interchange is not the partner",
        words="The interchange names {value} as its sender, and the message came from {partner}, whose X12 identity is {expected}.",
        fix="Correct the identity in the partner's file if this is right, then replay the message; else ask the partner.",
    ),
    Entry(
        code="STO-414",
        title="Receiver of the interchange is somebody else",
        words="The interchange is addressed to {value}; our X12 identity is {expected}.",
        fix="Ask the partner to correct ISA07 and ISA08, or correct [identity] in gateway.toml.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="STO-415",
        title="Message cannot be resent",
        words="Message {value} is {state}: there is nothing to post again.",
        fix="Only messages that we sent and that were not delivered can be resent; drop the document again to send it anew.",
    ),
    Entry(
        code="STO-416",
        title="Nothing to replay",
        words="Message {value} holds no set that waits for a replay.",
        fix="A replay maps held sets again; sets that were delivered or rejected stay as they are.",
    ),
    Entry(
        code="STO-417",
        title="No such message",
        words="There is no message {value}.",
        fix='List them with "edi-gateway message list".',
    ),
    Entry(
        code="STO-420",
        title="Partner not reached",
        words="{value} was not reached: {reason}.",
        fix="It is tried again by itself. If it stays so, check the address in the partner's file and the network, then ask the partner.",
    ),
    Entry(
        code="STO-421",
        title="Partner's server refused the post",
        words="{value} answered with HTTP status {status}.",
        fix="Ask the partner's AS2 team what the status means for this message; then resend it.",
    ),
    Entry(
        code="STO-422",
        title="No MDN in the response",
        words="{value} answered with HTTP status {status}, but without the MDN that was asked for.",
        fix="The same bytes are posted again, so that the partner can send the MDN. If it stays so, ask the partner how they send MDNs.",
    ),
    Entry(
        code="STO-423",
        title="Cannot be sealed",
        words="The message to {partner} cannot be signed and encrypted: {reason}",
        fix="Mend what it names, then resend the message.",
    ),
    Entry(
        code="STO-424",
        title="No such map",
        words="There is no map {value}.",
        fix="Name one of these in the partner's file, or put it into the home's maps folder: {known}.",
    ),
    Entry(
        code="STO-425",
        title="No such layout",
        words="There is no flat-file layout {value}.",
        fix="Name one of these in the partner's file, or put it into the home's schemas/flat folder: {known}.",
    ),
    Entry(
        code="STO-426",
        title="No schema",
        words="There is no schema for the {value} of release {release}.",
        fix="Correct the release in the partner's file, or put the schema into the home's schemas folder.",
    ),
    Entry(
        code="STO-427",
        title="Noted by the partner's acknowledgment",
        words="The partner's acknowledgment says {ak}: {words}.",
        fix="Correct it in the ERP's file or in the map, and send the document again under a new control number.",
    ),
    Entry(
        code="STO-428",
        title="No partner for this folder",
        words="There is no partner {value}, so its folder's files cannot be sent.",
        fix="Correct the partner's file, or move the files to the right folder.",
    ),
    Entry(
        code="STO-429",
        title="File was dropped before",
        words="A file with the same content came before as {value}.",
        fix="Nothing was sent again. If the documents shall be sent once more, change them or give them new numbers.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="STO-431",
        title="File name template not usable",
        words="The template {value} names something that a file name cannot be made of.",
        fix="Use only these in braces: {known}.",
    ),
)
