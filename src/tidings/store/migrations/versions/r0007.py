"""What articles hold to be cited: quotes, figures and times."""

from alembic import op

revision = "r0007"
down_revision = "r0006"

CHANGES = """
CREATE TABLE facts (
    article_id      bigint PRIMARY KEY REFERENCES articles ON DELETE CASCADE,
    text_digest     bytea NOT NULL,            -- of the text they were found in: with another one the spans are void
    made_by         text NOT NULL
);

CREATE TABLE quotes (
    article_id      bigint NOT NULL REFERENCES facts ON DELETE CASCADE,
    number          smallint NOT NULL,
    paragraph       integer NOT NULL,
    span_start      integer NOT NULL,          -- code points of the paragraph
    span_end        integer NOT NULL,
    words           text NOT NULL,
    speaker         text,
    said_by         text,
    continues       boolean NOT NULL,
    PRIMARY KEY (article_id, number)
);
CREATE INDEX quotes_speaker ON quotes (lower(speaker), article_id) WHERE speaker IS NOT NULL;

CREATE TABLE figures (
    article_id      bigint NOT NULL REFERENCES facts ON DELETE CASCADE,
    number          smallint NOT NULL,
    paragraph       integer NOT NULL,
    span_start      integer NOT NULL,
    span_end        integer NOT NULL,
    words           text NOT NULL,
    value           numeric NOT NULL,
    high            numeric,
    unit            text NOT NULL,
    counted         text NOT NULL,
    bound           text NOT NULL,
    PRIMARY KEY (article_id, number)
);

CREATE TABLE times (
    article_id      bigint NOT NULL REFERENCES facts ON DELETE CASCADE,
    number          smallint NOT NULL,
    paragraph       integer NOT NULL,
    span_start      integer NOT NULL,
    span_end        integer NOT NULL,
    words           text NOT NULL,
    first_day       date NOT NULL,
    last_day        date NOT NULL,
    grain           text NOT NULL,
    is_printing     boolean NOT NULL,
    is_event        boolean NOT NULL,          -- the one at which the article's news happened
    PRIMARY KEY (article_id, number)
);
CREATE INDEX times_event ON times (first_day, article_id) WHERE is_event;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CHANGES)
