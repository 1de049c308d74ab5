"""Leases that ran out are counted apart from failures; what is a duplicate of a feed that is not visited is visited again."""

from alembic import op

revision = "r0004"
down_revision = "r0003"

CHANGES = """
ALTER TABLE work ADD COLUMN died integer NOT NULL DEFAULT 0;
UPDATE feeds f SET status = 'active', duplicate_of = NULL
    FROM feeds o WHERE o.id = f.duplicate_of AND f.status = 'duplicate' AND o.status <> 'active';
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
