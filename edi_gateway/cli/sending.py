"""`edi-gateway as2 send`: one file to a partner of a home, kept like any other message, or to an address with given keys."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from edi_gateway.cli.files import STDIN, content_of
from edi_gateway.cli.keys import key_options, partner_options
from edi_gateway.cli.options import home_option, json_option
from edi_gateway.cli.outcome import emit, end, facts, tell
from edi_gateway.cli.sent import CIPHERS, DIGESTS, Posting, Sent

_OUT = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--partner", metavar="PARTNER", help="A partner of the home; its file says address, keys and security.")
@home_option
@click.option("--url", help="Instead of a partner: the address to post to.")
@click.option("--from", "as2_from", metavar="NAME", help="With --url: our AS2 name.")
@click.option("--to", "as2_to", metavar="NAME", help="With --url: the partner's AS2 name.")
@key_options
@partner_options
@click.option("--sign", type=DIGESTS, default="sha256", show_default=True, help="With --url: the signature's digest.")
@click.option("--encrypt", type=CIPHERS, default="aes256-cbc", show_default=True, help="With --url: the cipher.")
@click.option("--compress", is_flag=True, help="With --url: compress before signing.")
@click.option("--no-mdn", is_flag=True, help="With --url: ask for no receipt.")
@click.option("--ca-file", type=click.Path(path_type=Path), metavar="FILE", help="With --url: CA certificates for https.")
@click.option("--timeout", type=click.FloatRange(0.1, 600), default=60.0, show_default=True, help="Seconds to wait for the answer.")
@click.option("--filename", metavar="NAME", help="The file name to tell the partner; FILE's own where it is not given.")
@click.option("--content-type", default="application/edi-x12", show_default=True, help="The content type to tell the partner.")
@click.option("--subject", default="", help="The subject to tell the partner.")
@click.option("--request-out", type=_OUT, metavar="FILE", help="With --url: keep what was posted, for `as2 open`.")
@click.option("--response-out", type=_OUT, metavar="FILE", help="With --url: keep what was answered, for `as2 mdn`.")
@json_option
def send(
    file: str,
    partner: str | None,
    home: Path,
    url: str | None,
    timeout: float,
    filename: str | None,
    content_type: str,
    subject: str,
    as_json: bool,
    **terms: Any,
) -> None:
    """Send one file and judge the MDN: to a PARTNER of a home, or to any address with keys given here.

    To a partner it is a message of the home: kept, shown in the console, tried again. To an address nothing is kept. Exits with 0 where it
    is delivered, or taken where no MDN is due now; 1 where it is refused or unverified; 3 where nobody was reached.

    \b
    Example:  edi-gateway as2 send order.edi --partner globex-supply --home ~/gateway
    """
    if (partner is None) == (url is None):
        raise click.UsageError("Give --partner or --url, one of the two.")
    posting = Posting(
        content=content_of(file),
        filename=filename or (Path(file).name if file != STDIN else None),
        content_type=content_type,
        subject=subject,
        timeout=timedelta(seconds=timeout),
    )
    sent = _to_partner(home, partner, posting) if partner is not None else _to_address(url or "", posting, terms)
    if as_json:
        emit(sent.as_json())
    else:
        _print(sent)
    end(sent.exit_code)


def _to_partner(home: Path, partner: str, posting: Posting) -> Sent:
    from edi_gateway.cli.dispatch import to_partner  # brings the database along, which an address does without

    return to_partner(home, partner, posting)


def _to_address(url: str, posting: Posting, terms: dict[str, Any]) -> Sent:
    from edi_gateway.cli.posting import Terms, to_address

    if not terms["as2_from"] or not terms["as2_to"]:
        raise click.UsageError("--url needs --from and --to, the two AS2 names.")
    return to_address(url, posting, Terms(**terms))


def _print(sent: Sent) -> None:
    facts(
        (
            ("outcome", sent.outcome.replace("_", " ")),
            ("Message-ID", sent.message_id),
            ("HTTP status", sent.http_status),
            ("disposition", sent.disposition),
            ("MIC sent", sent.mic),
            ("MIC matches", {True: "yes", False: "no", None: None}[sent.mic_matches]),
            ("message", sent.message),
        )
    )
    tell(sent.reasons)
