"""Incidents and notices, and the way to see when a kind of document last came."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("weight", sa.String(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", ROW_ID, nullable=True),
        sa.Column("level", ROW_ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reminders", ROW_ID, nullable=False),
        sa.Column("next_reminder_at", TIME, nullable=True),
        sa.Column("muted_until", TIME, nullable=True),
        sa.Column("muted_because", sa.Text(), nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_state", "incidents", ["state", "id"])
    op.create_index("uq_incidents_open", "incidents", ["key"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "notices",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("weight", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("incident_id", ROW_ID, nullable=True),
        sa.Column("gathered_into", ROW_ID, nullable=True),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("attempts", ROW_ID, nullable=False),
        sa.Column("next_attempt_at", TIME, nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["gathered_into"], ["notices.id"], name="fk_notices_gathered_into"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_notices_incident_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_route", "notices", ["route", "due_at"])
    op.create_index("ix_notices_state", "notices", ["state", "id"])
    op.create_index("ix_sets_arrivals", "sets", ["partner", "set_id", "direction", "created_at"])
