"""How many articles carry a hashtag is counted as they come and go: counting them for a list takes longer every day."""

from alembic import op

revision = "r0002"
down_revision = "r0001"

CHANGES = """
ALTER TABLE hashtags ADD COLUMN article_count integer NOT NULL DEFAULT 0;
UPDATE hashtags h SET article_count = (SELECT count(*) FROM article_hashtags a WHERE a.slug = h.slug);
CREATE INDEX hashtags_count ON hashtags (article_count DESC, slug);

CREATE FUNCTION count_hashtags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hashtags h SET article_count = h.article_count + CASE TG_OP WHEN 'INSERT' THEN n.n ELSE -n.n END
    FROM (SELECT slug, count(*) AS n FROM changed GROUP BY slug) n WHERE h.slug = n.slug;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_added AFTER INSERT ON article_hashtags
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_hashtags();
CREATE TRIGGER count_removed AFTER DELETE ON article_hashtags
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_hashtags();

DROP INDEX IF EXISTS story_redirects_into;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
