"""`edi-gateway as2 seal`: a request written to a file, as it would go over the wire."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway.as2.wire import written_request
from edi_gateway.cli.files import STDIN, content_of, write_result
from edi_gateway.cli.keys import key_options, partner_certificates, partner_options
from edi_gateway.cli.options import json_option, moment, now_option
from edi_gateway.cli.outcome import counted, emit, facts
from edi_gateway.cli.sent import CIPHERS, DIGESTS, Posting


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="REQUEST", help="Where it goes.")
@click.option("--from", "as2_from", metavar="NAME", required=True, help="The AS2 name that sends.")
@click.option("--to", "as2_to", metavar="NAME", required=True, help="The AS2 name that it is for.")
@key_options
@partner_options
@click.option("--sign", type=DIGESTS, default="sha256", show_default=True, help="The signature's digest.")
@click.option("--encrypt", type=CIPHERS, default="aes256-cbc", show_default=True, help="The cipher.")
@click.option("--compress", is_flag=True, help="Compress before signing.")
@click.option("--no-mdn", is_flag=True, help="Ask for no receipt.")
@click.option("--mdn-url", metavar="URL", help="Ask for an asynchronous receipt to this address.")
@click.option("--message-id", metavar="ID", help="The Message-ID, with its angle brackets; a new one where it is not given.")
@click.option("--filename", metavar="NAME", help="The file name to tell the partner; FILE's own where it is not given.")
@click.option("--content-type", default="application/edi-x12", show_default=True, help="The content type to tell the partner.")
@click.option("--subject", default="", help="The subject to tell the partner.")
@now_option
@json_option
def seal(
    file: str,
    out: Path,
    filename: str | None,
    content_type: str,
    subject: str,
    message_id: str | None,
    now: datetime | None,
    as_json: bool,
    **terms: Any,
) -> None:
    """Sign and encrypt one file, and write the request to REQUEST instead of sending it; `as2 open` reads it.

    Prints its Message-ID and MIC, which `as2 mdn` asks for.

    \b
    Example:  edi-gateway as2 seal order.edi --from US --to PARTNER --own-key own.p12 --partner-cert partner.pem --out request.http
    """
    from edi_gateway.cli.posting import Terms, sealed_for  # brings the HTTP client along, which the other commands do without

    posting = Posting(
        content=content_of(file),
        filename=filename or (Path(file).name if file != STDIN else None),
        content_type=content_type,
        subject=subject,
    )
    theirs = partner_certificates(terms["partner_cert"])
    sealed = sealed_for(posting, theirs, Terms(**terms), when=moment(now), message_id=message_id)
    request = written_request(sealed.headers, sealed.body)
    write_result(out, request)
    if as_json:
        said = {"message_id": sealed.message_id, "mic": sealed.mic.value, "mic_algorithm": sealed.mic.algorithm}
        emit({**said, "request": str(out), "bytes": len(request)})
    else:
        facts((("Message-ID", sealed.message_id), ("MIC", sealed.mic.text), ("request", f"{out}, {counted(len(request), 'byte')}")))
