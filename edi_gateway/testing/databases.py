"""PostgreSQL databases that tests use one after the other: quicker than a new one for each."""

from edi_gateway.store.database import Database
from edi_gateway.store.tables import metadata


def empty(database: Database) -> None:
    """Leaves a PostgreSQL database its tables and no row in them."""
    # The queue there is Procrastinate's; `jobs` is a view over it.
    names = ", ".join("procrastinate_jobs" if table.name == "jobs" else table.name for table in metadata.sorted_tables)
    with database.write() as connect:
        connect().exec_driver_sql(f"TRUNCATE {names}, procrastinate_workers RESTART IDENTITY CASCADE")
