"""Sets, and the order among them that was last asked for: rules, windows and answers ask for the same one again and again."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from edi_gateway.frozen import changed
from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.store.expected import ExpectedIds
from edi_gateway.store.rows import SETS, SqlRows
from edi_gateway.store.statements import Asked
from edi_gateway.store.tables import document_lines

_LINES = document_lines.c
_NAMED_IN_LINES = Asked(select(_LINES.document_id).where(_LINES.po_number == bindparam("po")).distinct())


class SetRows(SqlRows[TransactionSet]):
    """The sets of one transaction.

    Shape:  an order is read once, until another one is asked for. What this transaction makes of a set that names it in its head is made
            of the one in memory, too. With any other set that it writes, and where it may have waited for others, the order is forgotten.
    """

    def __init__(self, connect: Callable[[], Connection], expected: ExpectedIds) -> None:
        super().__init__(connect, SETS, expected)
        self.forget()

    def forget(self) -> None:
        """What others have kept since then is to be seen."""
        self._order: tuple[str | None, str] | None = None
        self._by_head: dict[int | None, TransactionSet] = {}
        self._by_lines: list[TransactionSet] = []

    def of_order(self, partner: str, po: str) -> list[TransactionSet]:
        if self._order != (partner, po):
            self.forget()
            named_in_lines = _NAMED_IN_LINES.ask(self._connect(), {"po": po})
            # By the head and then by the lines: joined, they would be looked for among all sets of the partner.
            self._by_head = {row.id: row for row in self.find(partner=partner, po_number=po)}
            named = {document for [document] in named_in_lines()}
            if missing := named - {row.document_id for row in self._by_head.values()}:
                others = self.find(document_id=missing)
                self._by_lines = [row for row in others if row.partner == partner and row.id not in self._by_head]
            self._order = partner, po
        return sorted([*self._by_head.values(), *self._by_lines], key=lambda row: row.id or 0)

    def in_head_of(self, partner: str | None, po: str, direction: Direction) -> list[TransactionSet]:
        if self._order != (partner, po):
            return self.find(partner=partner, po_number=po, direction=direction)
        return [row for row in self._by_head.values() if row.direction is direction]

    def locked(self, **equal: Any) -> list[TransactionSet]:
        self.forget()
        return super().locked(**equal)

    def add(self, row: TransactionSet) -> TransactionSet:
        self.forget()
        return super().add(row)

    def add_all(self, added: Sequence[TransactionSet]) -> None:
        self.forget()
        super().add_all(added)

    def change(self, row_id: int, **changes: Any) -> None:
        super().change(row_id, **changes)
        self._wrote(row_id, changes)

    def remove(self, row_id: int) -> None:
        self.forget()
        super().remove(row_id)

    def advance(self, row_id: int, before: Any, after: Any, **changes: Any) -> bool:
        is_moved = super().advance(row_id, before, after, **changes)
        if is_moved:
            self._wrote(row_id, {**changes, "state": after})
        else:
            self.forget()
        return is_moved

    def advance_all(self, row_ids: Collection[int], before: Any, after: Any, **changes: Any) -> set[int]:
        self.forget()
        return super().advance_all(row_ids, before, after, **changes)

    def _wrote(self, row_id: int, changes: dict[str, Any]) -> None:
        row = self._by_head.get(row_id)
        if row is None or any(changes.get(name, getattr(row, name)) != getattr(row, name) for name in ("partner", "po_number")):
            self.forget()
        else:
            self._by_head[row_id] = changed(row, **changes)
