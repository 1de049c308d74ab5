"""English texts have a second vector, of an embedder that reads English only; it is one, of headline and beginning together."""

from alembic import op

revision = "r0005"
down_revision = "r0004"

CHANGES = """
ALTER TABLE vectors ALTER COLUMN headline DROP NOT NULL;
ALTER TABLE descriptions ADD COLUMN english_model_id smallint REFERENCES models;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
