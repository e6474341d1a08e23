"""Runs the migrations on the connection that `store.upgrade` hands over: its transaction is theirs."""

from alembic import context

# SQLite changes tables within transactions as well as PostgreSQL does, once the driver does not commit on its own.
context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
context.run_migrations()
