"""What language models said of articles, what it took, and what readers called wrong; all of it goes with its articles."""

from alembic import op

revision = "r0010"
down_revision = "r0009"

CHANGES = """
CREATE TABLE answers (
    feature text NOT NULL,
    subject text NOT NULL,
    options text NOT NULL,
    made_by text NOT NULL,
    inputs bytea NOT NULL,
    made_at timestamptz NOT NULL,
    article_ids bigint[] NOT NULL,
    body jsonb NOT NULL,
    PRIMARY KEY (feature, subject, options, made_by)
);
CREATE INDEX answers_articles ON answers USING gin (article_ids);

CREATE TABLE model_calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    reader text NOT NULL,
    feature text NOT NULL,
    model text NOT NULL,
    tokens_in integer NOT NULL,
    tokens_out integer NOT NULL,
    price numeric,
    currency text NOT NULL
);
CREATE INDEX model_calls_at ON model_calls (at);

CREATE TABLE wrong_claims (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    claim_key bytea NOT NULL UNIQUE,
    feature text NOT NULL,
    page text NOT NULL,
    body jsonb NOT NULL,
    made_by text NOT NULL,
    article_ids bigint[] NOT NULL,
    reported_at timestamptz NOT NULL,
    reports integer NOT NULL DEFAULT 1,
    note text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'withdrawn', 'kept')),
    reply text NOT NULL DEFAULT '',
    decided_at timestamptz
);
CREATE INDEX wrong_claims_at ON wrong_claims (reported_at DESC, id DESC);
CREATE INDEX wrong_claims_articles ON wrong_claims USING gin (article_ids);

CREATE FUNCTION forget_what_was_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM answers WHERE article_ids @> ARRAY[OLD.id];
    DELETE FROM wrong_claims WHERE article_ids @> ARRAY[OLD.id];
    RETURN OLD;
END $$;
CREATE TRIGGER forget_what_was_said AFTER DELETE ON articles
    FOR EACH ROW EXECUTE FUNCTION forget_what_was_said();
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
