"""`edi-gateway as2`: captured traffic judged off line, by the code that serves; one file sealed or sent."""

import base64
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway import as2
from edi_gateway.as2.lab import UNREADABLE, ReceiptJudgement, RequestJudgement, judge_receipt, judge_request, judge_unasked
from edi_gateway.cli.files import content_of, shown, write_result
from edi_gateway.cli.keys import key_options, own_keys, partner_certificates, partner_options
from edi_gateway.cli.options import json_option, moment, now_option
from edi_gateway.cli.outcome import counted, emit, end, facts, one_line, tell
from edi_gateway.cli.sealing import seal
from edi_gateway.cli.sending import send
from edi_gateway.faults import Fault

_REQUIREMENTS = ("signed", "encrypted")
_DIFFERS = "AS2-MDN-MIC-DIFFERS"
name_options = (
    click.option("--from", "as2_from", metavar="NAME", help="The AS2 name it must come from; any where it is not given."),
    click.option("--to", "as2_to", metavar="NAME", help="The AS2 name it must be for; any where it is not given."),
)


@click.group("as2")
def as2_commands() -> None:
    """Judge captured AS2 traffic off line, by the code that serves; seal a file, or send it.

    \b
    Example:  edi-gateway as2 open request.http --own-key own.key.pem --own-cert own.pem --partner-cert partner.pem
    """


as2_commands.add_command(seal)
as2_commands.add_command(send)


class Requirements(click.ParamType[frozenset[str]]):
    """What a message must be: words with commas between them."""

    name = "words"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        if isinstance(value, frozenset):
            return value
        words = frozenset(word.strip() for word in str(value).split(",") if word.strip())
        if unknown := words - set(_REQUIREMENTS):
            self.fail(f"{', '.join(sorted(unknown))}: it takes {' and '.join(_REQUIREMENTS)}, with a comma between them.", param, ctx)
        return words


@as2_commands.command("open")
@click.argument("request", metavar="REQUEST")
@key_options
@partner_options
@name_options[0]
@name_options[1]
@click.option(
    "--require", type=Requirements(), default="", metavar="signed,encrypted", help="What the message must be; else it is refused."
)
@click.option("--legacy", is_flag=True, help="Let SHA-1, MD5, 3DES and short keys pass, as for a partner marked legacy.")
@click.option("--max-bytes", type=click.IntRange(1), metavar="N", help="The largest body, and the largest payload when unpacked.")
@click.option("--payload-out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write the payload to this file.")
@click.option("--second-opinion", is_flag=True, help="Ask pyas2lib, too, and say where it differs; the exit code is ours alone.")
@now_option
@json_option
def open_request(
    request: str,
    own_key: tuple[Path, ...],
    own_cert: tuple[Path, ...],
    passphrase: str | None,
    partner_cert: tuple[Path, ...],
    as2_from: str | None,
    as2_to: str | None,
    require: frozenset[str],
    legacy: bool,
    max_bytes: int | None,
    payload_out: Path | None,
    second_opinion: bool,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Open a captured request (request line, headers and body as they came) as the gateway would.

    Exits with 0 where it is accepted, 1 where it is refused, 2 where it is no HTTP request. Keys and certificates may be given several
    times; our newest first. The second opinion needs the extra `referee`, which brings pyas2lib.

    \b
    Example:  edi-gateway as2 open request.http --own-key own.key.pem --own-cert own.pem --partner-cert partner.pem --require signed
    """
    policy = as2.Policy(require_signed="signed" in require, require_encrypted="encrypted" in require, legacy=legacy)
    if max_bytes is not None:
        policy = as2.Policy(
            require_signed=policy.require_signed,
            require_encrypted=policy.require_encrypted,
            legacy=legacy,
            max_body=max_bytes,
            max_payload=max_bytes,
        )
    raw, ours, theirs = content_of(request), own_keys(own_key, own_cert, passphrase), partner_certificates(partner_cert)
    judgement = judge_request(
        raw,
        own_keys=ours,
        partner_certificates=theirs,
        when=moment(now),
        policy=policy,
        as2_from=as2_from,
        as2_to=as2_to,
    )
    if payload_out is not None and judgement.payload is not None:
        write_result(payload_out, judgement.payload)
    said = judgement.as_json()
    opinion = _second_opinion(judgement, raw, ours, theirs, require) if second_opinion else None
    if as_json:
        emit(said | ({"second_opinion": opinion} if opinion is not None else {}))
    else:
        _print_request(judgement, request)
        if opinion is not None:
            click.echo(one_line(f"pyas2lib      {opinion['words']}"))
    end(judgement.exit_code)


def _second_opinion(
    judgement: RequestJudgement,
    raw: bytes,
    ours: tuple[as2.OwnKey, ...],
    theirs: tuple[as2.Certificate, ...],
    require: frozenset[str],
) -> dict[str, Any]:
    """pyas2lib's opinion beside ours. Errors: Faulty (CFG-REFEREE) where it cannot be asked."""
    from edi_gateway.cli import referee  # what it needs is asked for by few

    layers = judgement.outcome.layers if isinstance(judgement.outcome, as2.Opened | as2.Refused) else None
    opinion = referee.peer_of(layers, ours, theirs, require).opinion(raw)
    differ = referee.differences(judgement.as_json(), opinion)
    return {"agrees": not differ and not opinion["crash"], "differs": differ, "words": referee.words(opinion, differ), **opinion}


def _print_request(judgement: RequestJudgement, request: str) -> None:
    said = judgement.as_json()
    outcome = "accepted" if said["accepted"] else "unreadable" if judgement.exit_code == UNREADABLE else "refused"
    names = f"{judgement.heading.as2_from} to {judgement.heading.as2_to}" if judgement.heading else None
    facts(
        (
            ("outcome", outcome),
            ("AS2", names),
            ("Message-ID", judgement.heading.message_id if judgement.heading else None),
            ("disposition", said["disposition"]),
            ("signed", f"yes, {said['digest']}" if said["signed"] else "no"),
            ("encrypted", f"yes, {said['cipher']}" if said["encrypted"] else "no"),
            ("compressed", "yes" if said["compressed"] else "no"),
            ("MIC", f"{said['mic']}, {said['mic_algorithm']}" if said["mic"] else None),
            ("payload", counted(len(judgement.payload), "byte") if judgement.payload is not None else None),
            ("SHA-256", said["payload_sha256"]),
            ("file name", said["filename"]),
        )
    )
    if judgement.fault is not None:
        tell([judgement.fault.at(file=shown(request))])


@as2_commands.command("mdn")
@click.argument("response", metavar="RESPONSE")
@click.option("--message-id", required=True, metavar="ID", help="The Message-ID of the message that was sent, with its angle brackets.")
@click.option(
    "--mic", "mics", required=True, multiple=True, metavar="MIC", help="The MIC of what was sent, in base64; one for each algorithm."
)
@click.option(
    "--mic-algorithm", "algorithms", multiple=True, metavar="NAME", help="The algorithm of each MIC; by its length where it is not given."
)
@partner_options
@name_options[0]
@name_options[1]
@click.option("--unsigned-ok", is_flag=True, help="Take an unsigned receipt for one: none that is signed was asked for.")
@click.option("--none-asked", is_flag=True, help="No receipt was asked for: where none came, the HTTP status is the answer.")
@click.option("--legacy", is_flag=True, help="Let an MD5 signature pass, as for a partner marked legacy.")
@click.option(
    "--payload",
    metavar="FILE",
    help="What was sent; a MIC that differs is then explained by the known ways of computing one, as far as they go.",
)
@now_option
@json_option
def mdn(
    response: str,
    message_id: str,
    mics: tuple[str, ...],
    algorithms: tuple[str, ...],
    partner_cert: tuple[Path, ...],
    as2_from: str | None,
    as2_to: str | None,
    unsigned_ok: bool,
    none_asked: bool,
    legacy: bool,
    payload: str | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Judge a captured MDN: the response to a post (synchronous), or the post that brought it (asynchronous).

    Exits with 0 where the message counts as delivered, 1 where it is refused or unverified, 2 where it is no HTTP message.

    \b
    Example:  edi-gateway as2 mdn response.http --message-id "<1@us>" --mic 7v7F…= --partner-cert partner.pem
    """
    if algorithms and len(algorithms) != len(mics):
        raise click.UsageError("Give --mic-algorithm once for each --mic, or not at all.")
    named = algorithms or tuple(_by_length(mic) for mic in mics)
    if unknown := [one for one in named if as2.Digest.named(one) is None]:
        raise click.BadParameter(f"{unknown[0]}: it takes {', '.join(one.value for one in as2.Digest)}.", param_hint="--mic-algorithm")
    given = tuple(as2.Mic(value=value, algorithm=algorithm) for value, algorithm in zip(mics, named, strict=True))
    raw = content_of(response)
    unasked = judge_unasked(raw) if none_asked else None
    judgement = unasked or judge_receipt(
        raw,
        expected=as2.Expected(
            message_id=message_id,
            mics=given,
            signed=not unsigned_ok,
            legacy=legacy,
            payload=content_of(payload) if payload else None,
        ),
        partner_certificates=partner_certificates(partner_cert),
        when=moment(now),
        as2_from=as2_from,
        as2_to=as2_to,
    )
    judgement = _with_mics_that_compare(judgement, given, is_explained=payload is not None)
    if as_json:
        emit(judgement.as_json())
    else:
        _print_receipt(judgement)
    end(judgement.exit_code)


def _with_mics_that_compare(judgement: ReceiptJudgement, given: tuple[as2.Mic, ...], *, is_explained: bool) -> ReceiptJudgement:
    """The judgement, saying so where the receipt's MIC is by an algorithm of which none was given: then nothing differs, nothing can.

    Shape:  what was sent, where it is at hand, explains the MIC all the same, so what is said of it stays.
    """
    received = judgement.verdict.mic_received if judgement.verdict else None
    digests = {one.digest for one in given}
    if received is None or received.digest in digests or not any(fault.code == _DIFFERS for fault in judgement.faults):
        return judgement
    algorithms = ", ".join(one.algorithm for one in given)
    told = Fault.of("CFG-MIC-ALGORITHM", value=received.algorithm or "no algorithm that is named", given=algorithms)
    others = [fault for fault in judgement.faults if is_explained or fault.code != _DIFFERS or _is_ours_misnamed(received, given)]
    return replace(judgement, faults=(told, *others))


def _is_ours_misnamed(received: as2.Mic, given: tuple[as2.Mic, ...]) -> bool:
    """Whether the value is one that was given, under another algorithm's name."""
    return any(received.value == one.value for one in given)


def _by_length(mic: str) -> str:
    """The algorithm that gives a MIC of this length; SHA-256 where none does."""
    try:
        length = len(base64.b64decode(mic, validate=True))
    except ValueError:
        return as2.Digest.SHA256
    return next((one for one in as2.Digest if len(one.of(b"")) == length), as2.Digest.SHA256)


def _print_receipt(judgement: ReceiptJudgement) -> None:
    said = judgement.as_json()
    received = judgement.verdict.mic_received if judgement.verdict else None
    facts(
        (
            ("verdict", said["verdict"]),
            ("disposition", said["disposition"]),
            ("signature", said["signature"]),
            ("MIC received", f"{received.value}, {received.algorithm}" if received else None),
            ("MIC matches", "yes" if said["mic_matches"] else "no"),
            ("signer", judgement.verdict.signer.subject if judgement.verdict and judgement.verdict.signer else None),
        )
    )
    tell(judgement.faults)
