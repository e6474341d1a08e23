"""pyx12's opinion on a set, as commands tell it."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from edi_gateway import x12

if TYPE_CHECKING:
    from edi_gateway.x12.second_opinion import Remark


class Second:
    """Asks pyx12. A context manager, as pyx12 reads its maps from files."""

    def __init__(self, library: x12.Library) -> None:
        from edi_gateway.x12.second_opinion import Referee  # brings pyx12 along, which takes longer than a small check

        self._referee = Referee(library)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._referee.__exit__(kind, value, trace)

    def opinion(self, one: x12.TransactionSet) -> dict[str, Any] | None:
        """Whether pyx12 agrees, and what only one of the two finds; None where it cannot read such a set."""
        found = self._referee.opinion(one)
        if found is None:
            return None
        return {
            "agrees": found.agrees,
            "crash": found.crash or None,
            "only_ours": [_remark(remark) for remark in found.only_ours],
            "only_theirs": [_remark(remark) for remark in found.only_theirs],
        }

    @staticmethod
    def words(opinion: dict[str, Any]) -> str:
        """An opinion in a line."""
        if opinion["crash"]:
            return f"it gave up: {opinion['crash']}"
        told = "it agrees" if opinion["agrees"] else "it differs"
        for whose, name in (("only ours", "only_ours"), ("only its", "only_theirs")):
            if opinion[name]:
                told += f"; {whose}: " + ", ".join(f"{one['segment']} {one['ak']} in segment {one['position']}" for one in opinion[name])
        return told


def _remark(one: "Remark") -> dict[str, Any]:
    return {"segment": one.segment, "position": one.position, "element": one.element or None, "ak": one.ak, "words": one.words}
