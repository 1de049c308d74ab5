"""What was taken down: known again when its publisher sends it, by digests of where it came from, and nothing of its words."""

from alembic import op

revision = "r0011"
down_revision = "r0010"

CHANGES = """
CREATE TABLE takedowns (
    article_id      bigint PRIMARY KEY,        -- the number that the article had
    site            text NOT NULL,             -- the key of its publisher's
    keys            bytea[] NOT NULL,          -- SHA-256 of its addresses, and of a feed's key with an entry's: see takedowns.py
    feed_ids        bigint[] NOT NULL,         -- the feeds that brought it
    story_id        bigint,                    -- the story that ended with it
    taken_at        timestamptz NOT NULL,
    reason          text NOT NULL,
    editor          text NOT NULL
);
CREATE INDEX takedowns_keys ON takedowns USING gin (keys);
CREATE INDEX takedowns_story ON takedowns (story_id) WHERE story_id IS NOT NULL;

CREATE INDEX entries_url ON entries USING hash (url);
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
