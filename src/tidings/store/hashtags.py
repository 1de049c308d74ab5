"""Hashtags: the closed vocabulary as it has grown, and what carries each tag."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import groupby

from tidings.errors import NotFound
from tidings.model import Hashtag, KnownHashtag, Listed
from tidings.store.database import Connection, storable
from tidings.store.values import key_parts, names_of, next_key, phrases_of

ALIASES = 200  # kept for one tag


def vocabulary(connection: Connection) -> list[KnownHashtag]:
    """Every hashtag, the most used first."""
    rows = connection.execute(
        "SELECT slug, label, aliases, article_count FROM hashtags ORDER BY article_count DESC, slug"
    ).fetchall()
    return [
        KnownHashtag(row["slug"], row["label"], frozenset(row["aliases"]), row["article_count"])
        for row in rows
    ]


def used(connection: Connection, *, after: str | None = None, limit: int = 100) -> Listed[KnownHashtag]:
    """Hashtags that articles carry, the most used first; without their aliases, which readers do not need."""
    key = key_parts(after, int, str)
    # Two conditions, because the index descends in the one column and ascends in the other.
    beyond = (
        "AND article_count <= %(count)s AND (article_count < %(count)s OR slug > %(slug)s)" if key else ""
    )
    rows = connection.execute(
        f"""
        SELECT slug, label, article_count FROM hashtags WHERE article_count > 0 {beyond}
        ORDER BY article_count DESC, slug LIMIT %(limit)s
        """,
        {"count": key[0] if key else None, "slug": storable(key[1]) if key else None, "limit": limit + 1},
    ).fetchall()
    shown = tuple(
        KnownHashtag(row["slug"], row["label"], frozenset(), row["article_count"]) for row in rows[:limit]
    )
    return Listed(shown, next_key(rows, limit, "article_count", "slug"))


def known(connection: Connection, slug: str) -> KnownHashtag:
    row = connection.execute(
        "SELECT slug, label, aliases, article_count FROM hashtags WHERE slug = %s",
        (slug,),
    ).fetchone()
    if row is None:
        raise NotFound(f"hashtag {slug}", "Nothing here carries this hashtag.")
    return KnownHashtag(row["slug"], row["label"], frozenset(row["aliases"]), row["article_count"])


def write(connection: Connection, tagged: Mapping[int, Sequence[Hashtag]]) -> None:
    """Replace the hashtags of these articles.  A new slug joins the vocabulary; the keys of its words become its aliases."""
    if not tagged:
        return
    articles = sorted(tagged)
    labels: dict[str, str] = {}
    aliases: dict[str, set[str]] = {}
    keys = _keys_by_words(connection, articles)
    for article_id in articles:
        for tag in tagged[article_id]:
            labels.setdefault(tag.slug, tag.label)
            aliases.setdefault(tag.slug, set()).update(keys[article_id].get(tag.words, ()))
    slugs = sorted(labels)
    connection.execute(
        """
        INSERT INTO hashtags AS h (slug, label, aliases)
        SELECT slug, label, ARRAY(SELECT json_array_elements_text(aliases::json))
        FROM unnest(%(slugs)s::text[], %(labels)s::text[], %(aliases)s::text[]) AS u (slug, label, aliases)
        ON CONFLICT (slug) DO UPDATE SET aliases = ARRAY(
            SELECT alias FROM unnest(h.aliases || excluded.aliases) WITH ORDINALITY AS all_of (alias, place)
            GROUP BY alias ORDER BY min(place) LIMIT %(most)s
        )
        WHERE NOT h.aliases @> excluded.aliases AND cardinality(h.aliases) < %(most)s
        """,
        {
            "slugs": slugs,
            "labels": [labels[slug] for slug in slugs],
            "aliases": [json.dumps(sorted(aliases[slug])[:ALIASES]) for slug in slugs],
            "most": ALIASES,
        },
    )
    rows = [(article_id, tag) for article_id in articles for tag in tagged[article_id]]
    connection.execute("DELETE FROM article_hashtags WHERE article_id = ANY(%s)", (articles,))
    connection.execute(
        """
        INSERT INTO article_hashtags (article_id, slug, words, weight, at)
        SELECT a.id, u.slug, u.words, u.weight, a.at
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::float8[]) AS u (article_id, slug, words, weight)
        JOIN articles a ON a.id = u.article_id
        ON CONFLICT DO NOTHING
        """,
        (
            [article_id for article_id, _ in rows],
            [tag.slug for _, tag in rows],
            [tag.words for _, tag in rows],
            [tag.weight for _, tag in rows],
        ),
    )


def of_articles(connection: Connection, article_ids: Sequence[int]) -> list[str]:
    """Return the hashtags that these articles carry, and those that a word of theirs is another one for."""
    keys = _keys_by_words(connection, article_ids).values()
    rows = connection.execute(
        """
        SELECT slug FROM article_hashtags WHERE article_id = ANY(%s)
        UNION SELECT slug FROM hashtags WHERE aliases && %s::text[]
        """,
        (list(article_ids), sorted({key for by_words in keys for some in by_words.values() for key in some})),
    ).fetchall()
    return [row["slug"] for row in rows]


def know_anew(connection: Connection, slugs: Sequence[str]) -> None:
    """Have hashtags known by what stands in the articles that carry them now; those that none carries go."""
    connection.execute("DELETE FROM hashtags WHERE article_count <= 0")
    # Words of one language have one key: an article for each is enough.
    rows = connection.execute(
        """
        SELECT t.slug, h.label, t.words, min(a.id) AS article_id,
            h.label IN (SELECT label FROM entities WHERE article_count > 0) AS is_name
        FROM article_hashtags t JOIN hashtags h USING (slug) JOIN articles a ON a.id = t.article_id
        WHERE t.slug = ANY(%s) GROUP BY t.slug, h.label, t.words, a.language
        ORDER BY t.slug, count(*) DESC, length(t.words) DESC, t.words
        """,
        (list(slugs),),
    ).fetchall()
    keys = _keys_by_words(connection, [row["article_id"] for row in rows])
    for slug, group in groupby(rows, key=lambda row: str(row["slug"])):
        said = list(group)
        aliases = dict.fromkeys(
            key for row in said for key in sorted(keys[row["article_id"]].get(row["words"], ()))
        )
        label, words = said[0]["label"], said[0]["words"]
        written = {row["words"].casefold() for row in said} | aliases.keys()
        if label.casefold() not in written and not said[0]["is_name"]:
            label = words if words != words.lower() else words[:1].upper() + words[1:]
        connection.execute(
            "UPDATE hashtags SET label = %s, aliases = %s WHERE slug = %s",
            (label, list(aliases)[:ALIASES], slug),
        )


def _keys_by_words(connection: Connection, article_ids: Sequence[int]) -> dict[int, dict[str, set[str]]]:
    """For each article, the keys of its phrases and names by the words they were found as."""
    found: dict[int, dict[str, set[str]]] = {article_id: {} for article_id in article_ids}
    rows = connection.execute(
        "SELECT article_id, names::text, phrases::text FROM descriptions WHERE article_id = ANY(%s)",
        (list(article_ids),),
    ).fetchall()
    for row in rows:
        keys = found[row["article_id"]]
        for name in names_of(json.loads(row["names"])):
            keys.setdefault(name.label, set()).add(name.key)
        for phrase in phrases_of(json.loads(row["phrases"])):
            keys.setdefault(phrase.words, set()).add(phrase.key)
    return found
