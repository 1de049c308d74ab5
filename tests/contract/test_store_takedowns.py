"""Taking down in the database: all or none, what is turned away afterwards, and what happens in the same moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.rows import dict_row
from store_values import (
    NOW,
    a_description,
    a_page,
    a_visit,
    an_entry,
    an_extract,
    describe,
    follow,
    later,
    load,
    poll,
    read,
    sha,
)

from tidings.errors import Conflict, NotFound, TakenDown
from tidings.model import (
    Citation,
    Claim,
    Continuation,
    CopyOf,
    EntityMention,
    EntityPlan,
    Hashtag,
    KnownHashtag,
    Name,
    NewEntity,
    Phrase,
    Placement,
    Plan,
    Takedown,
)
from tidings.pipeline import Grouper
from tidings.store import answers, articles, cards, continuations, entities, erasing
from tidings.store.postgres import PostgresStore
from tidings.store.values import text_key
from tidings.stories.lead import choose_lead
from tidings.stories.remains import closed_up

ASKED: dict[str, Any] = {
    "reason": "",
    "editor": "operator",
    "now": later(60),
    "decide": lambda remains: closed_up(remains, owners={}),
    "lead_of": choose_lead,
}


def take_down(store: PostgresStore, *article_ids: int, **given: str) -> list[Takedown]:
    return store.take_down(article_ids, **{**ASKED, **given})


def only_article(store: PostgresStore) -> int:
    (card,) = store.latest().rows
    return card.id


# ── the mark ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_articles_are_taken_down_all_or_none(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    with pytest.raises(NotFound):
        take_down(store, one, 999, two)
    assert [a.id for a in store.articles([one, two])] == [one, two]
    assert store.takedowns() == []
    done = take_down(store, two, one, two, reason="Asked for.")
    expected = [Takedown(i, "kurier.example", None, later(60), "Asked for.", "operator") for i in (one, two)]
    assert done == expected
    assert store.takedowns() == expected[::-1]
    with pytest.raises(TakenDown):
        take_down(store, one)


def test_a_mark_is_undone_by_number_or_address_once(store: PostgresStore) -> None:
    read(store, url="https://kurier.example/e1")
    article = only_article(store)
    (mark,) = take_down(store, article)
    with pytest.raises(NotFound):
        store.undo_takedown(url="https://kurier.example/other")
    assert store.undo_takedown(url="HTTPS://kurier.example/e1?utm_medium=rss#top") == [mark]
    for again in ({"article_id": article}, {"url": "https://kurier.example/e1"}):
        with pytest.raises(NotFound):
            store.undo_takedown(**again)  # type: ignore[arg-type]
    with pytest.raises(NotFound, match="There is no such article here"):
        store.article(article)
    (feed,) = store.feeds()
    assert (feed.validators.etag, feed.body_digest) == (None, None)  # the next answer is a whole one


def test_an_address_that_several_had_lets_all_of_them_come_again(store: PostgresStore) -> None:
    for n, feed in enumerate(("https://kurier.example/feed.xml", "https://andere.example/feed.xml"), 1):
        poll(store, follow(store, feed), an_entry("e", url="https://links.example/abc"))
        (entry,) = store.entries_to_read(store.claim("read", now=NOW, limit=9, lease_s=60))
        given: dict[str, Any] = {"extract": an_extract(f"Text {n}."), "text_digest": sha(feed), "now": NOW}
        store.record_read(entry, page=None, url=f"https://kurier.example/{n}", **given)
    marks = take_down(store, *(card.id for card in store.latest().rows))
    assert store.undo_takedown(url="https://links.example/abc") == marks
    assert [(feed.validators.etag, feed.body_digest) for feed in store.feeds()] == [(None, None)] * 2


def test_whoever_listens_hears_of_it(store: PostgresStore) -> None:
    (one,) = load(store, "one")
    events = store.events(stop=threading.Event())
    assert [next(events) for _ in range(3)] == [("stories", ""), ("queue", ""), ("takedowns", "")]
    take_down(store, one)
    assert next(events) == ("takedowns", "")
    events.close()


# ── what comes again ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_its_entry_is_turned_away_by_address_or_guid_in_any_later_form(store: PostgresStore) -> None:
    feed, other = follow(store), follow(store, "https://andere.example/feed.xml")
    read(store, guid="e1", url="https://kurier.example/e1")
    take_down(store, only_article(store))
    moved = an_entry("e1", url="https://kurier.example/moved", updated_at=later(1))
    assert poll(store, feed, moved, an_entry("e2")) == 1  # told by its guid
    elsewhere = an_entry("x", url="https://kurier.example/e1?utm_source=andere")
    assert (
        poll(store, other, elsewhere, an_entry("e1", url="https://andere.example/e1")) == 1
    )  # its guid means nothing there
    waiting = store.entries_to_read(store.claim("read", now=NOW, limit=9, lease_s=60))
    assert sorted(e.entry.url or "" for e in waiting) == [
        "https://andere.example/e1",
        "https://kurier.example/e2",
    ]
    assert [feed.entry_count for feed in store.feeds()] == [1, 1]


@pytest.mark.parametrize("moved", [True, False])
def test_an_entry_without_an_address_is_known_when_its_feed_moves_or_is_followed_again(
    store: PostgresStore, moved: bool
) -> None:
    feed = follow(store)
    first = an_entry("e1", url=None)
    poll(store, feed, first)
    (entry,) = store.entries_to_read(store.claim("read", now=NOW, limit=9, lease_s=60))
    given: dict[str, Any] = {"extract": an_extract(), "text_digest": sha("x"), "now": NOW}
    store.record_read(entry, page=None, url="https://kurier.example/feed.xml#e1", **given)
    take_down(store, only_article(store))
    if moved:
        store.record_poll(a_visit(feed, url="https://kurier.example/new.xml"), {})
        assert store.feed(feed).url == "https://kurier.example/new.xml"
    else:
        store.remove_feed(feed)
        feed = follow(store)
    assert poll(store, feed, first) == 0


def test_a_page_that_turns_out_to_be_it_is_not_kept(store: PostgresStore, dsn: str) -> None:
    read(store, guid="e1", url="https://kurier.example/e1")
    take_down(store, only_article(store))
    page = a_page(b"<html>again</html>")
    assert read(store, guid="short", url="https://kurier.example/e1", page=page, again_at=later(900)) is None
    assert store.latest().rows == ()
    with psycopg.connect(dsn) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM work), (SELECT count(*) FROM blobs)"
        ).fetchone()
    assert left == (0, 0, 0)


def test_pages_of_every_revision_go_but_for_bytes_that_another_article_needs(
    store: PostgresStore, dsn: str
) -> None:
    shared, old, new = (a_page(f"<html>{words}</html>".encode()) for words in ("shared", "old", "new"))
    read(store, an_extract("Shared."), guid="e1", page=shared)
    for seconds, page in ((1, old), (2, new)):
        read(store, an_extract(f"Words {seconds}."), guid="e1", page=page, at=later(seconds))
    article = only_article(store)
    read(store, guid="e2", page=shared, at=later(3))
    assert store.reach(article).pages == 3
    take_down(store, article)
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT digest FROM blobs").fetchall() == [(shared.digest,)]


def test_an_address_that_a_copy_names_as_its_source_is_not_marked(store: PostgresStore) -> None:
    copied = an_extract(canonical_url="https://wire.example/original")
    read(store, copied, guid="e1", url="https://kurier.example/e1")
    take_down(store, only_article(store))
    read(store, guid="o", url="https://wire.example/original", feed_url="https://wire.example/feed.xml")
    assert [card.url for card in store.latest().rows] == ["https://wire.example/original"]


def test_a_reading_under_way_ends_without_the_article(store: PostgresStore) -> None:
    read(store, guid="e1", url="https://kurier.example/e1")
    article = only_article(store)
    poll(store, follow(store), an_entry("e1", updated_at=later(5)))
    (entry,) = store.entries_to_read(store.claim("read", now=later(6), limit=9, lease_s=60))
    take_down(store, article)
    extract = an_extract("Other words.")
    given = {"extract": extract, "url": "https://kurier.example/e1", "text_digest": sha("x"), "now": later(7)}
    assert store.record_read(entry, page=a_page(), **given) is None  # type: ignore[arg-type]
    store.keep_page(entry, a_page())
    assert store.latest().rows == ()
    assert store.kept_page(entry.entry_id) is None


def test_what_is_being_written_in_this_moment_is_waited_for_and_goes(store: PostgresStore, dsn: str) -> None:
    read(store, guid="e1", url="https://kurier.example/e1")
    article = only_article(store)
    with psycopg.connect(dsn) as writing:
        writing.execute("SELECT id FROM articles WHERE id = %s FOR UPDATE", (article,))
        eraser = threading.Thread(target=take_down, args=(store, article))
        eraser.start()
        time.sleep(0.2)
        assert eraser.is_alive()
        writing.execute("UPDATE articles SET headline = 'Later words' WHERE id = %s", (article,))
        writing.commit()
    eraser.join(10)
    assert not eraser.is_alive()
    with pytest.raises(TakenDown):
        store.article(article)


def test_what_a_reading_brings_in_this_moment_goes_too_and_stays_away(store: PostgresStore, dsn: str) -> None:
    read(store, guid="e1", url="https://kurier.example/e1", page=a_page())
    article = only_article(store)
    other = follow(store, "https://andere.example/feed.xml")
    link = an_entry("short", url="https://links.example/abc")
    poll(store, other, link)
    (entry,) = store.entries_to_read(store.claim("read", now=NOW, limit=9, lease_s=60))
    poll(store, follow(store), an_entry("e1", updated_at=later(1)))
    (again,) = store.entries_to_read(store.claim("read", now=later(1), limit=9, lease_s=60))
    given: dict[str, Any] = {"extract": an_extract("Other words."), "text_digest": sha("x"), "now": later(2)}
    with psycopg.connect(dsn, row_factory=dict_row) as writing:
        page = a_page(b"<html>other words</html>")
        articles.record_read(writing, entry, page=page, url="https://kurier.example/e1", **given)
        writing.execute(  # as a later extractor that takes another address from the same bytes
            "UPDATE articles SET url = 'https://kurier.example/moved', url_key = %s WHERE id = %s",
            (text_key("https://kurier.example/moved"), article),
        )
        eraser = threading.Thread(target=take_down, args=(store, article))
        eraser.start()
        time.sleep(0.3)
        assert eraser.is_alive()
        writing.commit()
    eraser.join(10)
    assert not eraser.is_alive()
    assert store.record_read(again, page=a_page(), url="https://kurier.example/new", **given) is None
    with psycopg.connect(dsn) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM pages), (SELECT count(*) FROM blobs), (SELECT count(*) FROM work)"
        ).fetchone()
    assert left == (0, 0, 0, 0)
    for url in ("https://kurier.example/moved", "https://kurier.example/e1", "https://links.example/abc"):
        assert poll(store, other, an_entry(url, url=url)) == 0


def test_an_entry_that_comes_and_is_claimed_in_this_moment_is_not_written(
    store: PostgresStore, dsn: str
) -> None:
    read(store, guid="e1", url="https://kurier.example/e1")
    article = only_article(store)
    with psycopg.connect(dsn, row_factory=dict_row) as erasing_it:
        erasing.take_down(erasing_it, [article], **ASKED)
        other = follow(store, "https://andere.example/feed.xml")
        poll(store, other, an_entry("later", url="https://kurier.example/e1"))
        (entry,) = store.entries_to_read(store.claim("read", now=NOW, limit=9, lease_s=60))
    given: dict[str, Any] = {"extract": an_extract("Other words."), "text_digest": sha("x"), "now": NOW}
    assert store.record_read(entry, page=a_page(), url="https://kurier.example/new", **given) is None
    assert store.latest().rows == ()
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (0,)


# ── what is left behind ──────────────────────────────────────────────────────────────────────────────────────────────


def placed(store: PostgresStore, stories: dict[int, int], **plan: object) -> None:
    placements = tuple(Placement(article, story, 1.0) for article, story in stories.items())
    store.apply(
        Plan(placements=placements, **plan),  # type: ignore[arg-type]
        [],
        ranks={},
        epoch=store.take_group_epoch("test"),
        now=NOW,
    )


def test_a_plan_of_the_writer_that_knew_it_is_refused(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    epoch = store.take_group_epoch("writer")
    take_down(store, one)
    plan = Plan(placements=(Placement(two, one, 1.0),))
    with pytest.raises(Conflict):
        store.apply(plan, [], ranks={}, epoch=epoch, now=NOW)


def test_a_hashtag_and_a_spelling_that_only_it_had_go_and_the_others_are_counted(
    store: PostgresStore,
) -> None:
    one, two = load(store, "one", "two")
    describe(store, a_description(one), a_description(two))
    ada, *_ = store.known_entities(keys=["ada"], story_ids=[]).free_ids
    people = EntityPlan(
        new=(
            NewEntity(
                ada, "Ada Q. Ferrow", "person", "en", {"ada q ferrow": "Ada Q. Ferrow", "ferrow": "Ferrow"}
            ),
        ),
        mentions={
            one: (
                EntityMention(
                    ada, "person", ("Ada Q. Ferrow", "Ferrow"), ("ada q ferrow", "ferrow"), 2, True, ()
                ),
            ),
            two: (EntityMention(ada, "person", ("Ferrow",), ("ferrow",), 1, False, ()),),
        },
        made_by="entities/test",
    )
    tags = {
        one: (Hashtag("tunnel", "Tunnel", "tunnel", 1.0), Hashtag("ada", "AdaQFerrow", "Ada Q. Ferrow", 1.0)),
        two: (Hashtag("tunnel", "Tunnel", "tunnel", 1.0),),
    }
    placed(store, {one: one, two: one}, entities=people, hashtags=tags)
    take_down(store, one)
    assert [(tag.slug, tag.article_count) for tag in store.hashtag_vocabulary()] == [("tunnel", 1)]
    view = store.entity(ada, now=NOW)
    assert (view.card.label, [alias.spelling for alias in view.aliases]) == ("Ferrow", ["Ferrow"])
    story = store.story(one)
    assert (story.card.headline, story.card.article_count) == ("two", 1)


def test_a_hashtag_that_others_carry_is_known_by_their_words_alone(store: PostgresStore) -> None:
    one, two, three = load(store, "one", "two", "three")
    rare, usual = Name("ada quill ferrow", "Ada Quill Ferrow"), Name("ada ferrow", "ADA FERROW")
    toll, fee = Phrase("bridge-toll", "Bridge-Toll", 0.5), Phrase("bridge toll", "bridge tolls", 0.5)
    describe(
        store,
        a_description(one, names=(rare,), phrases=(toll,)),
        a_description(two, names=(usual, Name("ferrow", "Ferrow")), phrases=(fee,)),
        a_description(three, names=(usual,), phrases=(fee,)),
    )
    person = Hashtag("ferrow", "Ada Quill Ferrow", "Ada Quill Ferrow", 1.0)
    topic = Hashtag("toll", "Bridge-Toll", "Bridge-Toll", 1.0)
    fees = replace(topic, words="bridge tolls")
    tags = {
        one: (person, topic),
        two: (replace(person, words="Ferrow"), fees),
        three: (replace(person, words="ADA FERROW"), fees),
    }
    placed(store, {one: one, two: one, three: one}, hashtags=tags)
    placed(store, {}, hashtags={one: (person, Hashtag("once", "Once", "Once", 1.0))})
    placed(store, {}, hashtags={one: (person,)})  # it is known by what it was tagged with before, too
    take_down(store, one)
    assert store.hashtag_vocabulary() == [
        KnownHashtag("ferrow", "ADA FERROW", frozenset({"ada ferrow", "ferrow"}), 2),
        KnownHashtag("toll", "Bridge tolls", frozenset({"bridge toll"}), 2),
    ]


def test_of_copies_without_their_original_one_is_it_and_a_story_that_is_left_empty_ends(
    store: PostgresStore,
) -> None:
    one, two, three = load(store, "one", "two", "three")
    describe(store, *(a_description(i, sketch=b"") for i in (one, two, three)))
    placed(
        store,
        {one: one, two: one, three: three},
        copies=(CopyOf(two, one, 1.0, "Concord Wire"),),
    )
    reach = store.reach(one)
    assert ([card.id for card in reach.copies], reach.story and reach.story.id) == ([two], one)
    assert [card.id for card in store.reach(two).copies] == [one]
    done = take_down(store, one, three)
    assert [(mark.article_id, mark.story_id) for mark in done] == [(one, None), (three, three)]
    (card,) = store.cards([two])
    assert (card.copy_of, card.agency, card.story_id) == (None, None, one)
    with pytest.raises(TakenDown):
        store.story_now(three)


def test_what_its_story_continues_and_what_continues_it_is_looked_for_again(store: PostgresStore) -> None:
    first, second, third, more = load(store, "first", "second", "third", "more")
    describe(store, *(a_description(i, sketch=b"") for i in (first, second, third, more)))
    placed(store, {first: first, second: second, third: third, more: second})
    begun = [story.story_id for story in store.stories_to_link(limit=9)]
    found = [
        Continuation(second, first, 2.0, "continue/test"),
        Continuation(third, second, 2.0, "continue/test"),
    ]
    store.record_links(begun, found, now=NOW)
    assert store.stories_to_link(limit=9) == []
    take_down(store, more)
    assert [story.story_id for story in store.stories_to_link(limit=9)] == [second, third]
    store.record_links([second, third], found, now=NOW)
    take_down(store, first)  # all that its story had
    assert [story.story_id for story in store.stories_to_link(limit=9)] == [second]
    assert store.continuations(second)[0] == []
    assert [card.id for card in store.continuations(third)[0]] == [second]


def test_a_correction_of_articles_that_are_gone_can_be_undone(store: PostgresStore) -> None:
    one, two, three = load(store, "one", "two", "three")
    describe(store, *(a_description(i, sketch=b"") for i in (one, two, three)))
    placed(store, {one: one, two: two, three: two})
    merge = store.ask_correction("merge", story_id=two, other_id=one, editor="operator", now=NOW)
    carry_out(store)
    assert store.story_now(two) == one
    take_down(store, two, three)
    assert store.story_now(two) == one  # where its address led, a story goes on
    store.ask_undo(merge.id, now=NOW)
    carry_out(store)
    assert store.correction(merge.id).undone_at is not None
    assert [card.id for card, _ in store.story(one).reports] == [one]


def carry_out(store: PostgresStore) -> None:
    grouper = Grouper(store, owner="test", clock=lambda: NOW, window_days=14)
    for correction in store.waiting_corrections():
        grouper.correct(correction)


def test_nothing_is_said_any_more_of_what_is_gone(store: PostgresStore) -> None:
    (one,) = load(store, "one")
    claim = Claim("It opens.", (Citation(one, 1, sha("one"), 0, 0, 9, "It opens."),), "en")
    take_down(store, one)
    with pytest.raises(NotFound):
        store.report_wrong(claim, feature="short", page="/", made_by="extract/1", note="", now=NOW)
    assert store.wrong_claims().rows == ()


# ── who reads meanwhile ──────────────────────────────────────────────────────────────────────────────────────────────


class Interrupted:
    """A connection on which something happens before one of its statements."""

    def __init__(self, connection: Any, *, before: int, happens: Callable[[], object]) -> None:
        self._connection, self._left, self._happens = connection, before, happens

    def execute(self, *asked: Any) -> Any:
        if self._left == 0:
            self._happens()
        self._left -= 1
        return self._connection.execute(*asked)

    @property
    def is_over(self) -> bool:
        """Whether there were not so many statements."""
        return self._left >= 0


class Told(NamedTuple):
    """What a story and one that continues it are made of, and who is named in its lead alone."""

    lead: int
    copy: int
    more: int
    lone: int
    later: int
    who: int


def told(store: PostgresStore, number: int) -> Told:
    ids = load(store, *(f"{name} {number}" for name in ("lead", "copy", "more", "lone", "later")))
    describe(store, *(a_description(i, sketch=b"") for i in ids))
    who = store.known_entities(keys=["ada"], story_ids=[]).free_ids[0]
    it = Told(*ids, who)
    people = EntityPlan(
        new=(NewEntity(who, "Ada", "person", "en", {"ada": "Ada"}),),
        mentions={it.lead: (EntityMention(who, "person", ("Ada",), ("ada",), 1, True, ()),)},
        made_by="entities/test",
    )
    stories = {it.lead: it.lead, it.copy: it.lead, it.more: it.lead, it.lone: it.lone, it.later: it.later}
    placed(store, stories, copies=(CopyOf(it.copy, it.lead, 1.0, None),), entities=people)
    begun = [story.story_id for story in store.stories_to_link(limit=9)]
    store.record_links(begun, [Continuation(it.later, it.lead, 2.0, "continue/test")], now=NOW)
    return it


@pytest.mark.parametrize(
    "read_it",
    [
        pytest.param(lambda c, it: cards.article_view(c, it.lead), id="article"),
        pytest.param(lambda c, it: cards.article_view(c, it.copy), id="copy"),
        pytest.param(lambda c, it: erasing.reach(c, it.copy), id="reach"),
        pytest.param(lambda c, it: cards.story_view(c, it.lead), id="story"),
        pytest.param(lambda c, it: cards.front(c), id="front"),
        pytest.param(lambda c, it: cards.story_neighbours(c, it.later, limit=3), id="neighbours"),
        pytest.param(lambda c, it: continuations.linked(c, it.later), id="linked"),
        pytest.param(lambda c, it: answers.sources(c, [it.lead, it.copy]), id="sources"),
        pytest.param(lambda c, it: entities.named_in(c, it.lead), id="named"),
        pytest.param(lambda c, it: entities.entity_view(c, it.who, now=NOW), id="entity"),
    ],
)
def test_whoever_reads_while_articles_go_is_shown_what_is_left_or_that_it_is_gone(
    store: PostgresStore, dsn: str, read_it: Callable[..., object]
) -> None:
    with psycopg.connect(dsn, row_factory=dict_row, autocommit=True) as connection:
        for statement in count():
            it = told(store, statement)
            goes = partial(take_down, store, it.lead, it.more, it.lone)
            reading = Interrupted(connection, before=statement, happens=goes)
            with suppress(NotFound):
                read_it(reading, it)
            if reading.is_over:
                break
            take_down(store, it.copy, it.later)
    assert statement > 0
