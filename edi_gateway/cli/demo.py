"""`edi-gateway demo`: order to cash between two gateways on this machine."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from edi_gateway.cli.options import json_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, emit, table
from edi_gateway.demo.story import Outcome, play
from edi_gateway.demo.watch import Passage
from edi_gateway.work import system_clock


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Where the two homes are made. Default: demo-<date>-<time> here.")
@click.option("--mdn", type=click.Choice(["sync", "async"]), default="sync", show_default=True, help="How both sides send their MDNs.")
@json_option
@click.pass_context
def demo(ctx: click.Context, folder: Path | None, mdn: str, as_json: bool) -> None:
    """Play order to cash between two gateways on this machine.

    A supplier's gateway and a retailer's run as processes on loopback with keys made for the run: an order, its
    acknowledgment, ship notice, invoice, and credits both ways, signed and encrypted, each with its MDN verified and its
    997 reconciled.

    \b
    Exit code: 0 if every document reached its final state, 1 if one did not.
    Example:   edi-gateway demo --folder /tmp/demo
    """
    started = time.monotonic()
    place = (folder or Path(f"demo-{system_clock.now():%Y%m%d-%H%M%S}")).absolute()

    def say(who: str, kind: str, words: str) -> None:
        colour = {"supplier": "cyan", "retailer": "magenta"}.get(who, "white")
        line = f"{time.monotonic() - started:6.1f}s  {click.style(f'{who:8}', fg=colour)}  {words}"
        click.echo(line, err=as_json)

    with _ended_in_order():
        outcome = play(place, system_clock, say, mdn=mdn)
    if as_json:
        emit(_as_json(outcome, time.monotonic() - started))
    else:
        _show(outcome, time.monotonic() - started)
    ctx.exit(GOOD if outcome.good else FINDINGS)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM is as Ctrl-C while the block lasts: both gateways end with it."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _show(outcome: Outcome, seconds: float) -> None:
    click.echo()
    table(
        ("document", "number", "from", "ISA13 / GS06 / ST02", "MDN disposition", "MIC", "997", "ERP file"),
        [
            (
                one.set_id,
                one.business_key,
                one.sender,
                f"{one.interchange} / {one.group} / {one.control}",
                _disposition(one),
                "equal" if one.mic_agrees else "not shown",
                one.answer.value.replace("_", " "),
                one.file or "none yet",
            )
            for one in outcome.passages
        ],
    )
    click.echo()
    for missing in outcome.missing:
        click.echo(f"Not finished: {missing}. Look into the consoles and the serve.log files below.", err=True)
    side = outcome.pair.supplier
    verdict = "Every document reached its final state" if outcome.good else "Not every document reached its final state"
    click.echo(f"{verdict}, after {seconds:.0f} seconds.")
    click.echo(f"Everything lies in {side.home.parent}")
    click.echo(f"To look at it in the console: {_command()} serve --home {side.home}")
    click.echo(f"then open {side.url} with the password {side.password}")


def _command() -> str:
    """This program as it was called, so that the line can be copied where its folder is not on the PATH."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "edi-gateway" else "edi-gateway"


def _disposition(one: Passage) -> str:
    return one.receipt.disposition.partition(";")[2].strip() if one.receipt else "no MDN"


def _as_json(outcome: Outcome, seconds: float) -> dict[str, Any]:
    return {
        "good": outcome.good,
        "seconds": round(seconds, 1),
        "folder": str(outcome.pair.supplier.home.parent),
        "missing": list(outcome.missing),
        "documents": [
            {
                "document": one.set_id,
                "number": one.business_key,
                "from": one.sender,
                "interchange": one.interchange,
                "group": one.group,
                "set": one.control,
                "state": one.state.value,
                "disposition": one.receipt.disposition if one.receipt else None,
                "mic_sent": one.mic_sent,
                "mic_received": one.receipt.mic if one.receipt else None,
                "mic_agrees": one.mic_agrees,
                "functional_ack": one.answer.value,
                "file": one.file,
                "final": one.final,
            }
            for one in outcome.passages
        ],
    }
