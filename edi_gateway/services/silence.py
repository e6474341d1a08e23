"""Partners that have fallen silent: documents that come regularly by the partner's own history, and have not come."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from edi_gateway.lifecycle.absence import Rhythm, rhythm, silence, span_words
from edi_gateway.lifecycle.incidents import Condition, Kind, Weight
from edi_gateway.lifecycle.notices import stamp
from edi_gateway.lifecycle.states import Direction
from edi_gateway.partners.book import Book
from edi_gateway.ports.alerts import Lookout

HISTORY = timedelta(days=56)
STEP = timedelta(hours=1)
"""Arrivals within a step count as one: nobody misses a partner for a shorter time."""
RELEARN = timedelta(hours=6)


class Ear:
    """Knows each partner's rhythm, and learns it anew now and then: the history is long, and changes slowly."""

    def __init__(self, lookout: Lookout) -> None:
        self._lookout = lookout
        self._known: dict[tuple[str, str], tuple[datetime, Rhythm | None]] = {}

    def silences(self, book: Book, now: datetime) -> Iterator[Condition]:
        """A condition for each kind of document that a partner should have sent by now."""
        for partner in book.partners:
            for set_id in sorted({one.set_id for one in partner.agreements if one.direction is Direction.IN}):
                known = self._rhythm(partner.key, set_id, now)
                # What has no rhythm is not asked for again and again.
                last = self._lookout.last_arrival(partner.key, set_id) if known else None
                found = silence(known, last, now)
                if found is not None:
                    usual, longest = span_words(found.rhythm.usual), span_words(found.rhythm.longest)
                    yield Condition(
                        key=f"silence:{partner.key}:{set_id}",
                        kind=Kind.SILENCE,
                        weight=Weight.WARNING,
                        since=found.last,
                        words=(
                            f"No {set_id} from {partner.key} since {stamp(found.last)};"
                            f" the usual gap is {usual}, hardly ever more than {longest}."
                        ),
                        fix="Ask the partner whether it sends; its last messages are in the console.",
                        partner=partner.key,
                    )

    def _rhythm(self, partner: str, set_id: str, now: datetime) -> Rhythm | None:
        learned, known = self._known.get((partner, set_id), (None, None))
        if learned is None or now - learned >= RELEARN:
            known = rhythm(self._lookout.arrivals(partner, set_id, now - HISTORY, STEP))
            self._known[partner, set_id] = (now, known)
        return known
