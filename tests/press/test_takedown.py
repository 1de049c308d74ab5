"""Articles of the sample press taken down: what is left of them anywhere, what became of their stories, and that they stay away."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from sample.press import load_press
from tests.press.world import World, world
from tidings.app import Tidings
from tidings.errors import Conflict, TakenDown
from tidings.fetch.pictures import kept_at
from tidings.model import Answer, ArticleCard, ArticleView, Cost, SearchQuery, StoryView
from tidings.pipeline import Grouper
from tidings.stories.ranking import rank

OPINION = "Who signed off the Sankt Alma?"  # one of many reports of a story, in words of its own
WIRE = (
    "At least 11 dead as car ferry burns in Velden Strait"  # opened the same story; three others printed it
)
# What may name an article that is gone: the mark, and the list by which every host's search index hears of it.
KNOWS = {"takedowns", "changes"}


@dataclass(frozen=True)
class Case:
    """The press before and after three articles were taken down; `words` are the opinion's own, `kept` where they stood."""

    world: World
    grouper: Grouper  # the writer of stories as it was before
    opinion: ArticleView
    wire: ArticleView
    lone: ArticleView  # all that its story had
    story: StoryView
    words: str
    kept: frozenset[tuple[str, str]]
    brief: Answer
    found: tuple[int, ...]


@pytest.fixture(scope="module")
def case(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    with world(load_press(), dsn, tmp_path_factory.mktemp("home")) as followed:
        followed.drain()
        tidings = followed.tidings
        views = {view.card.headline: view for view in followed.articles().values()}
        opinion, wire = views[OPINION], views[WIRE]
        assert opinion.card.story_id == wire.card.story_id == wire.card.id
        lone = next(v for v in views.values() if v.story and v.story.article_count == 1)
        story = tidings.store.story(wire.card.id)
        words = _own_words(opinion, views.values())
        for card in (opinion.card, wire.card, lone.card, wire.copies[0]):
            picture = picture_of(tidings, card)
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(b"x")
        _say_something_of(followed, opinion, words)
        before = Case(
            world=followed,
            grouper=tidings.grouper("before"),
            opinion=opinion,
            wire=wire,
            lone=lone,
            story=story,
            words=words,
            kept=frozenset(columns_with(dsn, words)),
            brief=tidings.assistant.brief(tidings.assistant.sources_of(story)),
            found=found(followed, words),
        )
        tidings.take_down([v.card.id for v in (opinion, wire, lone)], reason="A court  said\nso.")
        yield before


def picture_of(tidings: Tidings, card: ArticleCard) -> Path:
    assert card.image_url
    return kept_at(tidings.settings.images, card.image_url)


def _own_words(view: ArticleView, views: Any) -> str:
    """Return the middle of a paragraph that no other article has: no sentence of it, so that it is no quotation mark's."""
    others = "\n".join(
        text for v in views if v is not view for text in (v.card.headline, *v.article.extract.paragraphs)
    )
    paragraph = max(view.article.extract.paragraphs, key=len)
    words = " ".join(paragraph.split()[2:9])
    assert words.isascii()
    assert not any(c in words for c in "'\"&<>")
    assert words not in others
    return words


def _say_something_of(followed: World, view: ArticleView, words: str) -> None:
    """Let everything that can be kept of an article be kept: marks, a model's answer, a sentence called wrong, a verdict."""
    store, now = followed.tidings.store, followed.clock()
    source = followed.tidings.assistant.source(view.card.id)
    claim = followed.tidings.assistant.summary(source, "short").claims[0]
    claim = type(claim)(f"{claim.text} {words}", claim.citations, claim.language)
    answer = Answer((claim,), "model m/brief/1", now, (view.card.id,), {}, Cost(1, 1))
    for subject in (f"story {view.card.story_id}", f"article {view.card.id}"):
        store.keep_answer(feature="brief", subject=subject, options="", inputs=b"x", answer=answer)
    store.report_wrong(claim, feature="brief", page="/", made_by="m", note=words, now=now)
    store.mark([view.card.id], read=True, saved=True, now=now)
    other = next(i for i in (1, 2) if i != view.card.id)
    store.call_unrelated(view.card.id, other, editor="operator", now=now)


def found(followed: World, words: str) -> tuple[int, ...]:
    """The articles that search finds for exactly these words."""
    return tuple(hit.card.id for hit in followed.tidings.search(SearchQuery(f'"{words}"')).rows)


def columns_with(dsn: str, words: str) -> Iterator[tuple[str, str]]:
    """Yield the columns of all tables that hold these words, compressed bytes unpacked."""
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        for table, column, kind in columns(connection):
            query = sql.SQL("SELECT {} AS value FROM {} WHERE {} IS NOT NULL").format(
                sql.Identifier(column),
                sql.Identifier(table),
                sql.Identifier(column),
            )
            if kind == "bytea":
                held = any(words.encode() in _unpacked(row["value"]) for row in connection.execute(query))
            else:
                condition = sql.SQL(" AND strpos({}::text, %s) > 0 LIMIT 1").format(sql.Identifier(column))
                held = connection.execute(query + condition, (words,)).fetchone() is not None
            if held:
                yield table, column


def columns(connection: Any) -> list[tuple[str, str, str]]:
    rows = connection.execute(
        """
        SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables
            USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, 2
        """
    )
    return [(row["table_name"], row["column_name"], row["data_type"]) for row in rows]


def _unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value


# ── nothing is left ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_table_names_an_article_that_was_taken_down(case: Case, dsn: str) -> None:
    gone = [view.card.id for view in (case.opinion, case.wire, case.lone)]
    with psycopg.connect(dsn, row_factory=dict_row) as connection:
        references = {
            (row["t"], row["c"])
            for row in connection.execute(
                """
                SELECT conrelid::regclass::text AS t, attname AS c FROM pg_constraint
                JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
                WHERE contype = 'f' AND confrelid IN ('articles'::regclass, 'facts'::regclass)
                """
            )
        }
        named = {(t, c) for t, c, _ in columns(connection) if c in ("article_id", "article_ids")}
        assert {
            ("revisions", "article_id"),
            ("stories", "lead_id"),
            ("answers", "article_ids"),
        } <= named | references
        left = {
            (table, column)
            for table, column in named | references
            if table not in KNOWS
            for row in [
                connection.execute(
                    sql.SQL("SELECT count(*) AS n FROM {} WHERE {}::text ~ %s").format(
                        sql.Identifier(table), sql.Identifier(column)
                    ),
                    (rf"(^|[^0-9])({'|'.join(map(str, gone))})([^0-9]|$)",),
                ).fetchone()
            ]
            if row["n"]
        }
        assert left == set()
        assert connection.execute("SELECT id FROM articles WHERE id = ANY(%s)", (gone,)).fetchall() == []


def test_no_column_of_any_table_holds_its_words_its_headline_or_its_address(case: Case, dsn: str) -> None:
    assert {
        ("revisions", "paragraphs"),
        ("blobs", "bytes"),
        ("answers", "body"),
        ("wrong_claims", "note"),
    } <= case.kept
    assert set(columns_with(dsn, case.words)) == set()
    assert set(columns_with(dsn, OPINION)) == set()
    assert set(columns_with(dsn, case.opinion.card.url)) == set()


def test_bytes_that_others_need_stay_and_others_go(case: Case, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM blobs), (SELECT count(DISTINCT digest) FROM pages), (SELECT count(*) FROM entries)"
        ).fetchone()
        counts = connection.execute("SELECT sum(entry_count) FROM feeds").fetchone()
    assert row is not None
    assert counts is not None
    assert row[0] == row[1]
    assert counts[0] == row[2]


def test_pictures_go_from_the_cache(case: Case) -> None:
    cards = (case.opinion.card, case.wire.card, case.lone.card, case.wire.copies[0])
    assert [picture_of(case.world.tidings, card).exists() for card in cards] == [False, False, False, True]


def test_search_finds_it_no_more(case: Case) -> None:
    assert case.found == (case.opinion.card.id,)
    assert found(case.world, case.words) == ()


def test_hashtags_and_entities_count_what_is_left(case: Case, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        wrong = connection.execute(
            """
            SELECT 'tag ' || slug FROM hashtags h
            WHERE article_count <> (SELECT count(*) FROM article_hashtags a WHERE a.slug = h.slug)
            UNION ALL SELECT 'entity ' || id FROM entities e
            WHERE article_count <> (SELECT count(*) FROM article_entities a WHERE a.entity_id = e.id)
            UNION ALL SELECT 'nobody writes ' || label FROM entities e WHERE article_count = 0 AND merged_into IS NULL
            """
        ).fetchall()
    assert wrong == []


# ── as if it never came ──────────────────────────────────────────────────────────────────────────────────────────────


def test_its_story_goes_on_without_it(case: Case) -> None:
    store = case.world.tidings.store
    story = store.story(case.wire.card.id)
    was = {card.id for original, copies in case.story.reports for card in (original, *copies)}
    now = {card.id for original, copies in story.reports for card in (original, *copies)}
    assert now == was - {case.opinion.card.id, case.wire.card.id}
    assert story.card.article_count == len(now)
    assert story.card.headline not in (WIRE, OPINION)
    fresh = case.world.tidings.grouper("fresh")
    expected = rank(fresh.window.facts([story.card.id])[story.card.id])
    assert (story.card.rank_reasons, len(now)) == (expected.reasons, len(was) - 2)
    assert story.card.rank == pytest.approx(expected.rank)


def test_copies_of_it_stay_and_one_of_them_is_the_original_now(case: Case) -> None:
    store = case.world.tidings.store
    copies = [card.id for card in case.wire.copies]
    assert len(copies) == 3
    after = store.cards(copies)
    original = next(card.id for card in after if card.copy_of is None)
    assert [card.copy_of for card in after] == [None if i == original else original for i in copies]
    fresh = case.world.tidings.grouper("fresh")
    assert {fresh.window._copies.root_of(i) for i in copies} == {original}


def test_the_brief_cites_it_no_more(case: Case) -> None:
    assistant = case.world.tidings.assistant
    brief = assistant.brief(assistant.sources_of(case.world.tidings.store.story(case.wire.card.id)))
    gone = {case.opinion.card.id, case.wire.card.id}
    cited = {c.article_id for claim in brief.claims for c in claim.citations}
    assert cited
    assert cited.isdisjoint(gone)
    assert gone & set(case.brief.article_ids) == gone
    assert gone.isdisjoint(brief.article_ids)


def test_its_address_and_that_of_a_story_that_ended_say_that_it_was_taken_down(case: Case) -> None:
    store = case.world.tidings.store
    for ask in (store.article, case.world.tidings.assistant.source, store.story_now):
        with pytest.raises(TakenDown) as caught:
            ask(case.lone.card.id)
        assert caught.value.public_message.endswith(
            "was taken down on 6 May 2026. The reason: A court said so."
        )
    assert store.story_now(case.wire.card.id) == case.wire.card.id  # the story that it opened goes on


def test_a_writer_of_stories_that_had_it_in_memory_must_begin_anew(case: Case) -> None:
    with pytest.raises(Conflict):
        case.grouper.recount([1])
    gone = {case.opinion.card.id, case.wire.card.id, case.lone.card.id}
    assert gone <= set(case.grouper.window._story_of)
    assert gone.isdisjoint(case.world.tidings.grouper("fresh").window._story_of)


# ── it stays away ────────────────────────────────────────────────────────────────────────────────────────────────────


def visit_again(followed: World, dsn: str) -> None:
    """Have every feed fetched whole, as after a change."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "UPDATE feeds SET etag = NULL, last_modified = NULL, body_digest = NULL, next_poll_at = now() - interval '9 years'"
        )
    followed.drain()


def test_it_does_not_come_again_until_that_is_undone(case: Case, dsn: str) -> None:
    followed, url = case.world, case.opinion.card.url
    before = set(followed.articles())
    visit_again(followed, dsn)
    followed.clock.advance(minutes=11)  # and when their pages are looked at again
    visit_again(followed, dsn)
    assert {a for a in followed.articles() if a in before} == before
    addresses = {view.card.url for view in followed.articles().values()}
    assert addresses.isdisjoint(view.card.url for view in (case.opinion, case.wire, case.lone))
    assert set(columns_with(dsn, case.words)) == set()
    with pytest.raises(Conflict):
        followed.tidings.store.load_articles(
            [(url, case.opinion.article.extract, b"")], publisher="x", now=followed.clock()
        )

    (undone,) = followed.tidings.undo_takedown(url)
    assert (undone.article_id, undone.reason) == (case.opinion.card.id, "A court said so.")
    followed.clock.advance(minutes=61)
    followed.drain()
    back = next(view for view in followed.articles().values() if view.card.url == url)
    assert back.card.id > case.opinion.card.id
    assert back.card.story_id is not None
    left = {one.article_id for one in followed.tidings.store.takedowns()}
    assert left == {case.wire.card.id, case.lone.card.id}
