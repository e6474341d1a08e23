"""What stands still although nothing failed for good: servers that are left alone, and partners that somebody paused and forgot."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from edi_gateway.lifecycle.absence import span_words
from edi_gateway.lifecycle.incidents import Condition, Kind, Weight
from edi_gateway.lifecycle.notices import stamp
from edi_gateway.lifecycle.states import Direction
from edi_gateway.partners.book import Book
from edi_gateway.ports.rows import Endpoint, Pause
from edi_gateway.services.gate import address_of

_PAUSED = {Direction.OUT: ("Sending to", "send"), Direction.IN: ("Receiving from", "receive")}


def silent_servers(found: Iterable[Endpoint], book: Book, now: datetime) -> Iterator[Condition]:
    """A condition for each partner whose server is left alone; a server that no partner file names any more is none."""
    for row in found:
        since = row.opened_at or now
        for partner in book.partners:
            if partner.as2.url is not None and address_of(partner.as2.url) == row.address:
                yield Condition(
                    key=f"server:{row.address}:{partner.key}",
                    kind=Kind.SERVER_SILENT,
                    weight=Weight.WARNING,
                    since=since,
                    words=f"{row.address} of {partner.key} does not answer since {stamp(since)}: {row.failures} posts failed in a row.",
                    fix="What is for it waits, and one post probes it now and then. Ask the partner whether their server is up.",
                    partner=partner.key,
                )


def long_pauses(found: Iterable[Pause], longest: timedelta, now: datetime) -> Iterator[Condition]:
    """A condition for each pause that is older than what was set."""
    for row in found:
        if now - row.since <= longest:
            continue
        what, option = _PAUSED[row.direction]
        yield Condition(
            key=f"pause:{row.id}",
            kind=Kind.PARTNER_PAUSED,
            weight=Weight.WARNING,
            since=row.since,
            words=f"{what} {row.partner} is paused by {row.actor} since {stamp(row.since)}, for {span_words(now - row.since)}.",
            fix=f"Windows run on. To go on: edi-gateway partner resume {row.partner} --direction {option}",
            partner=row.partner,
        )
