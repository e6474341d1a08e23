"""AS2-: transport, security and receipts."""

from edi_gateway.faults.entry import Entry, Severity

ENTRIES: tuple[Entry, ...] = (
    # Certificates and keys
    Entry(
        code="AS2-CERT-UNREADABLE",
        title="Certificate cannot be read",
        words="The certificate file cannot be used: {cause}.",
        fix="Give an X.509 certificate with an RSA or elliptic-curve key as PEM, DER or P7B.",
    ),
    Entry(
        code="AS2-KEY-UNREADABLE",
        title="Private key cannot be read",
        words="The private key cannot be used: {cause}.",
        fix="Give an RSA or elliptic-curve key as PEM or DER, or a P12 file with its certificate.",
    ),
    Entry(
        code="AS2-KEY-PASSPHRASE",
        title="Pass phrase missing or wrong",
        words="The private key does not open with the pass phrase given: {cause}.",
        fix="Check the pass phrase that the reference (env: or file:) points to.",
    ),
    Entry(
        code="AS2-KEY-MISMATCH",
        title="Key and certificate do not belong together",
        words="The private key does not belong to the certificate of {subject}.",
        fix="Put key and certificate of the same identity together.",
    ),
    # Inbound messages
    Entry(
        code="AS2-HTTP",
        title="Not an HTTP message",
        words="The bytes are not a whole HTTP message: {cause}.",
        fix="Ask the sender to send it again; look at proxies in between where it happens often.",
    ),
    Entry(
        code="AS2-NAME",
        title="AS2 name missing or malformed",
        words="The {header} header cannot be read: {cause}.",
        fix="Ask the sender to put the AS2 name agreed upon into {header}.",
    ),
    Entry(
        code="AS2-UNKNOWN-PARTNER",
        title="Unknown trading relationship",
        words="There is no agreement from {as2_from} to {as2_to}.",
        fix="Compare upper and lower case and spaces with the partner's file, or add the partner.",
    ),
    Entry(
        code="AS2-MESSAGE-ID",
        title="Message-ID missing or malformed",
        words="The Message-ID cannot be used: {cause}.",
        fix="Ask the sender for a Message-ID of the form <left@right> without control characters.",
    ),
    Entry(
        code="AS2-CONTENT-ENCODING",
        title="Content-Encoding is not part of AS2",
        words="The message came with Content-Encoding {encoding}.",
        fix="Ask the sender to switch HTTP compression off; AS2 compression goes inside the message.",
    ),
    Entry(
        code="AS2-TOO-LARGE",
        title="Message too large",
        words="The message has {size} bytes; the limit is {limit}.",
        fix="Raise the partner's limit if such documents are expected.",
    ),
    Entry(
        code="AS2-NOT-OPENED",
        title="Message could not be opened",
        words="The message could not be decrypted or its signature could not be verified.",
        fix="Compare certificates with the sender: theirs for signing, ours for encryption. For our own eyes: {cause}.",
    ),
    Entry(
        code="AS2-NOT-DECOMPRESSED",
        title="Message could not be decompressed",
        words="The compressed content could not be unpacked: {cause}.",
        fix="Ask the sender to send it again, or to switch compression off; raise the limit if the document is that large.",
    ),
    Entry(
        code="AS2-INSECURE",
        title="Message is less secure than agreed",
        words="The agreement asks for a message that is {missing}; this one is not.",
        fix="Ask the sender to sign and encrypt as agreed, or change what the agreement requires.",
    ),
    Entry(
        code="AS2-WEAK",
        title="Weak algorithm",
        words="The message uses {algorithms}, which only a partner marked legacy may.",
        fix="Ask the sender for SHA-256, AES and a key of at least 2048 bits; mark the partner legacy only where that cannot be had.",
    ),
    Entry(
        code="AS2-RECEIPT-FORMAT",
        title="Receipt format not supported",
        words="The sender requires a receipt by the protocol {value}.",
        fix="Ask the sender to request pkcs7-signature receipts.",
    ),
    Entry(
        code="AS2-RECEIPT-MIC",
        title="MIC algorithm not supported",
        words="The sender asks for a receipt with one of these MIC algorithms only: {value}.",
        fix="Ask the sender to request sha-256.",
    ),
    Entry(
        code="AS2-DUPLICATE",
        title="Duplicate message",
        words="A message with the Message-ID {value} from the same sender was received before, with other content.",
        fix="Ask the sender for a new Message-ID for a new document.",
    ),
    Entry(
        code="AS2-MDN-URL",
        title="Receipt address not allowed",
        words="The sender wants the receipt at {value}: {cause}.",
        fix="Add the address to the partner's allow-list if it is really theirs.",
    ),
    Entry(
        code="AS2-QUIRK",
        title="The partner's product does not take this",
        words="{product} does not take {what} {given}.",
        fix="Set {what} to {better} for this partner, or remove the preset if their version does.",
        severity=Severity.WARNING,
    ),
    # Receipts
    Entry(
        code="AS2-MDN-UNREADABLE",
        title="No readable receipt",
        words="The answer holds no disposition notification that can be read: {cause}.",
        fix="Look at the answer as it came; ask the partner what their system logged for this message.",
    ),
    Entry(
        code="AS2-MDN-SIGNATURE",
        title="Receipt's signature does not verify",
        words="The receipt is not shown to be the partner's: {cause}.",
        fix="Check the partner's signing certificate and its dates; ask the partner which one signed.",
    ),
    Entry(
        code="AS2-MDN-UNSIGNED",
        title="Receipt is not signed",
        words="A signed receipt was asked for and this one is not signed.",
        fix="Ask the partner to sign receipts, or agree on unsigned ones.",
    ),
    Entry(
        code="AS2-MDN-OTHER-MESSAGE",
        title="Receipt is for another message",
        words="The receipt names the message {value}; {expected} was sent.",
        fix="Ask the partner for the receipt of this message.",
    ),
    Entry(
        code="AS2-MDN-REFUSED",
        title="Partner refused the message",
        words="The partner answered: {value}.",
        fix="Mend what the disposition names, together with the partner, then send the document again.",
    ),
    Entry(
        code="AS2-MDN-NO-MIC",
        title="Receipt without a MIC",
        words="The receipt does not say what was received: it holds no Received-Content-MIC.",
        fix="Ask the partner whether the document arrived whole, then settle the message by hand.",
    ),
    Entry(
        code="AS2-MDN-MIC-DIFFERS",
        title="MIC differs",
        words="The receipt's MIC is {value}; what was sent has {expected}. {way}",
        fix="Ask the partner whether the document arrived whole; agree on how the MIC is computed where that is the cause.",
    ),
    Entry(
        code="AS2-MDN-WARNING",
        title="Receipt with a warning",
        words="The partner took the message with a warning: {value}.",
        fix="Ask the partner what the warning is about.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="AS2-MDN-OTHER-PARTY",
        title="Receipt names another party",
        words="The receipt's headers name {value}.",
        fix="Check that the receipt was posted by the partner the message went to.",
        severity=Severity.WARNING,
    ),
    Entry(
        code="AS2-MDN-HTTP",
        title="Answer without a receipt",
        words="The partner's server answered with HTTP status {status} and no receipt.",
        fix="Check the partner's address; a status of 5xx, 408 or 429 is tried again by itself.",
    ),
)
