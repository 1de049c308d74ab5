"""Sections of the site: which desk an article and a story are from, and who says so.  What burst is found by time."""

from alembic import op

revision = "r0009"
down_revision = "r0008"

CHANGES = """
ALTER TABLE descriptions ADD COLUMN desk text, ADD COLUMN desk_by text;
ALTER TABLE articles ADD COLUMN desk text, ADD COLUMN desk_by text CHECK (desk_by IN ('section', 'address', 'text')),
    ADD COLUMN desk_sure real;
ALTER TABLE stories ADD COLUMN desk text;
CREATE INDEX stories_desk ON stories (desk, rank DESC, id DESC) WHERE desk IS NOT NULL;
CREATE INDEX article_hashtags_at ON article_hashtags (at);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
