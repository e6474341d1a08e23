"""ERP-4xx: the API of documents, where a program hands in what others drop into a folder."""

from edi_gateway.faults.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        code="ERP-401",
        title="No token, or one that is not known",
        words="The request bears no token of this gateway.",
        fix='Send "Authorization: Bearer TOKEN"; a token is made with "edi-gateway token create".',
    ),
    Entry(
        code="ERP-402",
        title="A token for other partners",
        words="This token is not for the partner {value}.",
        fix='Use the token that is, or make one with "edi-gateway token create --partner {value}".',
    ),
    Entry(
        code="ERP-403",
        title="No partner named",
        words="The request does not say for which partner the document is.",
        fix="Add ?partner=KEY to the address. A token for one partner alone needs none.",
    ),
    Entry(
        code="ERP-404",
        title="No such document file",
        words="There is no file {value} that this token may see.",
        fix="Use the id, or the Location, that the POST was answered with.",
    ),
    Entry(
        code="ERP-405",
        title="No idempotency key",
        words="The request has no Idempotency-Key of 1 to 255 printable characters.",
        fix="Send one that is new for every file, such as a UUID, and the same one when you try again.",
    ),
    Entry(
        code="ERP-406",
        title="A key that was used for something else",
        words="The Idempotency-Key {value} was used before, for other content or another name; that is file {file_id}.",
        fix="Take a new key for new content; the old answer stands under its own id.",
    ),
    Entry(
        code="ERP-407",
        title="A body that is too large",
        words="The body is larger than the {value} bytes that are taken here.",
        fix="Send it in several files, drop it into the folder, or raise api.max_body in gateway.toml.",
    ),
    Entry(
        code="ERP-408",
        title="A body that is cut short",
        words="The body has {value} bytes, and Content-Length announced {announced}.",
        fix="Send it again, under the same Idempotency-Key.",
    ),
    Entry(
        code="ERP-409",
        title="Too many requests",
        words="This token, or this address, has asked too often.",
        fix="Wait {value} seconds, as Retry-After says, and go on more slowly.",
    ),
    Entry(
        code="ERP-410",
        title="An address outside the networks",
        words="The API is not open to the address {value}.",
        fix="Name its network under api.networks in gateway.toml.",
    ),
    Entry(
        code="ERP-411",
        title="A name that no file may have",
        words="{value!r} is not a file name of at most 150 letters, digits, dots, underscores and hyphens.",
        fix="Name it in the address as ?name=invoice_77.csv, or leave it out.",
    ),
    Entry(
        code="ERP-412",
        title="Not kept",
        words="The document could not be kept now.",
        fix="Nothing was accepted. Send it again later, under the same Idempotency-Key.",
    ),
    Entry(
        code="ERP-413",
        title="A form instead of a document",
        words="The body is a form ({value}), not a document.",
        fix="Send the file itself as the body: curl --data-binary @invoice.csv.",
    ),
    Entry(
        code="ERP-414",
        title="No such address",
        words="The API has no {value}.",
        fix="See the API's page in the documentation, or its OpenAPI file at /api/v1/openapi.json.",
    ),
    Entry(
        code="ERP-415",
        title="No such token",
        words="There is no token {value} in force.",
        fix='List them with "edi-gateway token list".',
    ),
    Entry(
        code="ERP-416",
        title="Another document than the one chosen",
        words="The file holds documents {value}, and {wanted} was chosen.",
        fix="Upload the file for {wanted}, or upload this one again as {value}.",
    ),
)
