"""What a store holds, in numbers."""

from sqlalchemy import func, select

from edi_gateway.store import SqlStore
from edi_gateway.store.tables import deadlines, erp_files, jobs, sets, transmissions

_DIRECTED = {"transmission": transmissions, "set": sets, "file": erp_files}
_PLAIN = {"deadline": deadlines, "job": jobs}


def counts(store: SqlStore) -> dict[str, int]:
    """How many rows are in each state: keys such as "transmission.out.delivered", "set.in.held", "job.waiting", "job.parked"."""
    found: dict[str, int] = {}
    with store._database.read() as connect:
        for name, table in _DIRECTED.items():
            query = select(table.c.direction, table.c.state, func.count()).group_by(table.c.direction, table.c.state)
            found |= {f"{name}.{direction}.{state}": count for direction, state, count in connect().execute(query)}
        for name, table in _PLAIN.items():
            by_state = select(table.c.state, func.count()).group_by(table.c.state)
            found |= {f"{name}.{state}": count for state, count in connect().execute(by_state)}
    return found
