"""How often an order asks PostgreSQL, and how often it waits for an answer: each costs processor that no test of one order shows."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.line import Line
from edi_gateway.testing.pair import Trade

MOST = {"receive": (12, 2), "translate": (29, 10), "map": (23, 10)}
"""So many statements a stage sends for an order at most, and so many times it asks for their answers.

Who finds that a stage asks for more now has put a question where none was. See whether one that is asked already can answer it, and whether
it can go with the next one (ADR 0024). Where it has to be, raise the number with it; where fewer are left, lower it.
"""
WARM, ORDERS = 2, 4
"""The first ones ask what each connection asks only once. The line may hear of an order's last words only with the next one."""


@pytest.fixture
def watched(template: Callable[[str], Any], postgresql_databases: Any, tmp_path: Path) -> Iterator[tuple[Trade, Line]]:
    """A trade whose rows are in PostgreSQL, and the line that lies between."""
    with tempfile.TemporaryDirectory(prefix="edi-gateway-") as folder, postgresql_databases.lent() as new_database:
        lines: list[Line] = []

        def over_the_line() -> str:
            url = make_url(new_database())
            if not lines:
                lines.append(Line(Path(folder), f"{url.query['host']}/.s.PGSQL.{url.port or 5432}"))
            return url.update_query_dict({"host": folder}).render_as_string(hide_password=False)

        trade = template("sync").copied(tmp_path, over_the_line)
        try:
            yield trade, lines[0]
        finally:
            trade.close()
            lines[0].close()


def test_an_order_asks_its_database_no_more_than_it_has_to(watched: tuple[Trade, Line], sealed: Any) -> None:
    trade, line = watched
    supplier = trade.supplier
    numbers = range(1, WARM + ORDERS + 1)

    def asked(work: Callable[[Any], Any], each: Sequence[Any]) -> tuple[int, int]:
        for one in each[:WARM]:
            work(one)
        before = line.statements, line.waits
        for one in each[WARM:]:
            work(one)
        return (line.statements - before[0]) // ORDERS, (line.waits - before[1]) // ORDERS

    requests = [sealed(trade.retailer, orders(f"PO-{one}", control=one), message_id=f"<{one}@retailer.example>") for one in numbers]
    received = asked(supplier.receive, requests)
    messages = [{"id": one.id} for one in supplier.transmissions(direction=Direction.IN)]
    translated = asked(supplier.handlers[Task.TRANSLATE], messages)
    sets = [{"id": one.id} for one in supplier.sets(direction=Direction.IN, state=SetIn.VALID)]
    found = {"receive": received, "translate": translated, "map": asked(supplier.handlers[Task.MAP], sets)}

    assert len(supplier.published()) == len(numbers)
    assert all(statements <= MOST[stage][0] and waits <= MOST[stage][1] for stage, (statements, waits) in found.items()), found
