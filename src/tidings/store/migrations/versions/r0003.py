"""The hours in which a feed asks for quiet outlast a visit without news; feeds with one document are found by it."""

from alembic import op

revision = "r0003"
down_revision = "r0002"

CHANGES = """
ALTER TABLE feeds ADD COLUMN skip_hours smallint[] NOT NULL DEFAULT '{}';
CREATE INDEX feeds_body ON feeds (body_digest) WHERE body_digest IS NOT NULL;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
