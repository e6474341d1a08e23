"""A notifier that keeps what it is told to tell."""

from collections.abc import Callable
from dataclasses import dataclass, field

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.notices import Notice


def _takes_all(notice: Notice) -> Fault | None:
    return None


@dataclass(slots=True)
class FakeNotifier:
    """Takes every notice, or answers what `answer` makes of it."""

    answer: Callable[[Notice], Fault | None] = _takes_all
    told: list[Notice] = field(default_factory=list)

    def tell(self, notice: Notice) -> Fault | None:
        fault = self.answer(notice)
        if fault is None:
            self.told.append(notice)
        return fault

    def titles(self) -> list[str]:
        """The titles of what was told, in order."""
        return [one.title for one in self.told]
