import threading
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from store_values import (
    NOW,
    a_description,
    a_vector,
    an_extract,
    describe,
    later,
    load,
    read,
    same,
    sha,
)

from tidings.errors import Conflict, NotFound
from tidings.model import (
    CopyOf,
    Hashtag,
    KnownHashtag,
    Merge,
    Name,
    Phrase,
    Placement,
    Plan,
    StoryRank,
    Work,
)
from tidings.store.postgres import PostgresStore


def place(
    store: PostgresStore,
    plan: Plan,
    work: Iterable[Work] = (),
    ranks: dict[int, StoryRank] | None = None,
) -> None:
    epoch = store.take_group_epoch("test")
    store.apply(plan, list(work), ranks=ranks or {}, epoch=epoch, now=NOW)


def placed(*pairs: tuple[int, int], **given: object) -> Plan:
    """A plan that puts each article into a story."""
    return Plan(
        placements=tuple(Placement(article, story, 0.5) for article, story in pairs),
        made_by="group/1",
        **given,
    )


# ── descriptions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_description_comes_back_to_the_last_bit(store: PostgresStore) -> None:
    (article_id,) = load(store, "one")
    publisher_id = store.articles([article_id])[0].publisher.id
    rng = np.random.default_rng(1)
    description = a_description(
        article_id,
        publisher_id=publisher_id,
        headline_vector=rng.standard_normal(512).astype(np.float32),
        body_vector=rng.standard_normal(512).astype(np.float32),
        words={"zulu": 1, "alpha": 3, "\u0000nul\ud800": 1},
        names=(Name("nato", "NATO", 3, True), Name("한국", "한국")),
        phrases=(Phrase("arms export", "arms exports", 0.123456789),),
        agency="dpa",
    )
    (work,) = describe(store, description)
    assert work.subject_id == article_id
    (found,) = store.descriptions([99, article_id])
    assert same(found, replace(description, words={"zulu": 1, "alpha": 3, "nul\ufffd": 1}))
    assert store.cards([article_id])[0].agency == "dpa"
    assert store.queue_depths() == {"read": 0, "describe": 0, "group": 1, "quarantined": 0}


def test_describing_again_replaces(store: PostgresStore) -> None:
    (article_id,) = load(store, "one")
    describe(store, a_description(article_id, names=(Name("nato", "NATO"),)))
    store.redo("describe", made_by="describe/2", now=NOW)
    new = a_description(article_id, model="other@1", body_vector=a_vector(0, 1), made_by="describe/2")
    describe(store, new)
    assert same(store.descriptions([article_id])[0], new)
    assert store.redo("describe", made_by="describe/2", now=NOW) == 0


def test_rows_whose_lease_was_lost_are_not_described(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    lost = store.claim("describe", now=NOW, limit=1, lease_s=0)
    store.claim("describe", now=NOW, limit=1, lease_s=600)
    assert describe(store) == []
    store.record_descriptions(lost, [a_description(one), a_description(two)], now=NOW)
    assert store.descriptions([one, two]) == []


# ── placing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_is_written_whole_and_twice_is_once(store: PostgresStore) -> None:
    one, two, three = load(store, "one", "two", "three")
    work = describe(store, *(a_description(i) for i in (one, two, three)))
    tag = Hashtag("tunnel", "Tunnel", "harbour tunnel", 0.75)
    plan = placed(
        (one, one),
        (two, one),
        (three, three),
        copies=(CopyOf(two, one, 0.93, "dpa"),),
        hashtags={one: (tag,)},
    )
    rank = StoryRank(7.25, ("2 publishers", "new"))
    for _ in range(2):
        place(store, plan, work, {one: rank, three: StoryRank(1.0, ())})
        assert store.queue_depths() == {"read": 0, "describe": 0, "group": 0, "quarantined": 0}
        card = store.story(one).card
        assert (card.id, card.headline, card.lead.id) == (one, "one", one)
        assert (card.article_count, card.publisher_count, card.report_count) == (2, 1, 1)
        assert (card.first_at, card.last_at) == (NOW, later(60))
        assert (card.rank, card.rank_reasons, card.unread_count) == (7.25, ("2 publishers", "new"), 2)
        assert card.hashtags == card.lead.hashtags == (tag,)
        copy = store.cards([two])[0]
        assert (copy.copy_of, copy.agency, copy.story_id) == (one, "dpa", one)
        assert [c.id for c in store.front().rows] == [one, three]


def test_only_the_last_epoch_may_write(store: PostgresStore) -> None:
    (one,) = load(store, "one")
    old = store.take_group_epoch("a")
    new = store.take_group_epoch("b")
    assert new > old
    with pytest.raises(Conflict, match="of b"):
        store.apply(placed((one, one)), [], ranks={}, epoch=old, now=NOW)
    assert store.front().rows == ()
    store.apply(placed((one, one)), [], ranks={}, epoch=new, now=NOW)
    assert len(store.front().rows) == 1


def test_only_one_holds_the_group_lock(store: PostgresStore) -> None:
    with store.sole_writer() as first:
        assert first
        with store.sole_writer() as second:
            assert not second
    with store.sole_writer() as third:
        assert third


def test_a_merged_story_redirects_through_any_number_of_merges(store: PostgresStore) -> None:
    one, two, three, four = load(store, "one", "two", "three", "four")
    place(store, placed((one, one), (two, two), (three, three), (four, four)))
    place(store, Plan(merges=(Merge(four, three),)))
    place(store, Plan(merges=(Merge(three, two), Merge(two, one))))
    assert [store.story_now(i) for i in (one, two, three, four)] == [one] * 4
    assert store.story(four).card.article_count == 4
    assert [c.id for c in store.front().rows] == [one]
    assert {c.story_id for c in store.cards([one, two, three, four])} == {one}


def test_a_merge_in_the_plan_of_its_placements_takes_them_along(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    place(store, placed((one, one), (two, two), merges=(Merge(one, two),)))
    assert [c.id for c in store.front().rows] == [two]
    assert store.story(one).card.article_count == 2


def test_an_article_placed_again_leaves_its_old_story(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    place(store, placed((one, one), (two, one)))
    place(store, placed((two, two)))
    assert store.story(one).card.article_count == 1
    place(store, placed((two, one)))
    assert store.story_now(two) == one  # by way of the article that opened it


def test_a_story_that_lives_again_redirects_no_more(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    place(store, placed((one, one), (two, two)))
    place(store, Plan(merges=(Merge(two, one),)))
    place(store, placed((two, two)))
    assert store.story_now(two) == two
    assert store.story(two).card.article_count == 1


def test_an_article_not_placed_yet_is_a_story_of_one(store: PostgresStore) -> None:
    (one,) = load(store, "one")
    view = store.story(one)
    assert (view.card.id, view.card.article_count, view.card.lead) == (one, 1, store.cards([one])[0])
    assert view.reports == ((view.card.lead, ()),)
    for missing in (store.story, store.story_now):
        with pytest.raises(NotFound):
            missing(999)


def test_copies_are_folded_under_an_original_and_never_under_a_copy(store: PostgresStore) -> None:
    one, two, three, four = load(store, "one", "two", "three", "four")
    everyone = ((one, one), (two, one), (three, one), (four, one))
    place(store, placed(*everyone, copies=(CopyOf(two, one, 0.9), CopyOf(three, two, 0.8))))
    assert [c.copy_of for c in store.cards([one, two, three, four])] == [None, one, one, None]
    # The fullest copy came last: it is the original from now on, and the others move under it.
    place(store, Plan(copies=(CopyOf(one, four, 0.85),)))
    assert [c.copy_of for c in store.cards([one, two, three, four])] == [four, four, four, None]
    (original, copies), *others = store.story(one).reports
    assert (original.id, [c.id for c in copies], others) == (four, [one, two, three], [])
    assert store.story(one).card.report_count == 1
    # And back: what was folded under it stays folded.
    place(store, Plan(copies=(CopyOf(four, one, 0.85),)))
    assert [c.copy_of for c in store.cards([one, two, three, four])] == [None, one, one, one]


def test_a_circle_of_copies_does_not_hang(store: PostgresStore) -> None:
    one, two, three = load(store, "one", "two", "three")
    circle = (CopyOf(one, two, 0.9), CopyOf(two, three, 0.9), CopyOf(three, one, 0.9), CopyOf(one, one, 1.0))
    place(store, placed((one, one), (two, one), (three, one), copies=circle))
    assert store.story(one).card.article_count == 3


def test_an_article_grouped_anew_without_a_copy_is_one_no_longer(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    place(store, placed((one, one), (two, one), copies=(CopyOf(two, one, 0.9),)))
    place(store, placed((one, one)))
    assert store.cards([two])[0].copy_of == one
    store.redo("describe", made_by="describe/2", now=NOW)
    work = describe(store, a_description(one), a_description(two))
    place(store, placed((two, two)), work)
    assert store.cards([two])[0].copy_of is None


def test_the_lead_is_the_newest_full_open_original(store: PostgresStore) -> None:
    names = ("first", "newer", "short", "walled", "copy")
    first, newer, short, walled, copy = load(store, *names)
    describe(
        store,
        *(
            a_description(i, word_count=40 if i == short else 300)
            for i in (first, newer, short, walled, copy)
        ),
    )
    with store.database.own_connection() as connection:
        connection.execute("UPDATE articles SET access = 'paywall' WHERE id = %s", (walled,))
    everyone = [(i, first) for i in (first, newer, short, walled, copy)]
    place(store, placed(*everyone, copies=(CopyOf(copy, first, 0.9),)))
    assert store.story(first).card.headline == "newer"
    place(store, placed((newer, newer)))
    assert store.story(first).card.headline == "first"
    place(store, placed((copy, newer), (first, newer)))
    assert [store.story(i).card.headline for i in (short, newer)] == ["short", "newer"]


def test_the_lead_speaks_the_language_that_most_of_the_story_is_told_in(store: PostgresStore) -> None:
    first, second = load(store, "first", "second", language="en")
    (third,) = load(store, "셋째", language="ko", at=later(600))
    place(store, placed((first, first), (second, first), (third, first)))
    assert store.story(first).card.headline == "second"
    place(store, placed((third, third)))
    assert store.story(third).card.headline == "셋째"


def test_an_article_without_a_date_leads_only_where_none_has_one(store: PostgresStore) -> None:
    dated, undated = load(store, "dated", "undated")
    with store.database.own_connection() as connection:
        connection.execute("UPDATE articles SET published_at = NULL WHERE id = %s", (undated,))
    place(store, placed((dated, dated), (undated, dated)))
    assert store.story(dated).card.headline == "dated"
    place(store, placed((undated, undated)))
    assert store.story(undated).card.headline == "undated"


def test_reports_of_one_publisher_are_not_independent(store: PostgresStore) -> None:
    ids = load(store, "one", "two")
    other = store.load_articles(
        [("https://anzeiger.example/x", an_extract(headline="x"), sha("x"))],
        publisher="https://anzeiger.example/",
        now=NOW,
    )
    place(store, placed(*((i, ids[0]) for i in (*ids, *other))))
    card = store.story(ids[0]).card
    assert (card.article_count, card.publisher_count, card.report_count) == (3, 2, 2)
    assert [c.id for c in card.articles] == other


def test_publishers_of_one_owner_and_texts_of_one_agency_are_one_voice(store: PostgresStore) -> None:
    sites = ("a", "b", "c", "d", "e")
    ids = [
        i
        for site in sites
        for i in store.load_articles(
            [(f"https://{site}.example/x", an_extract(headline=site), sha(site))],
            publisher=f"https://{site}.example/",
            now=NOW,
        )
    ]
    agencies = dict(zip(ids, (None, None, None, "Concord Wire", "Concord Wire"), strict=True))
    describe(store, *(a_description(i, agency=agency) for i, agency in agencies.items()))
    story = placed(*((i, ids[0]) for i in ids))
    place(store, story)
    assert store.story(ids[0]).card.report_count == 4
    a, b, c = (card.publisher.id for card in store.cards(ids[:3]))
    owners = {"a.example": "Harbour Media", "b.example": "Harbour Media", "c.example": "concord wire"}
    assert store.keep_owners(owners) == [a, b, c]
    assert store.owners() == {a: "Harbour Media", b: "Harbour Media", c: "concord wire"}
    place(store, Plan(recounted=(ids[0],)))
    assert store.story(ids[0]).card.report_count == 2
    assert store.cards(ids[:1])[0].publisher.owner == "Harbour Media"
    assert store.keep_owners(owners) == []
    assert store.keep_owners({"a.example": "Harbour Media"}) == [b, c]


def test_ranks_of_stories_that_nothing_else_touches_are_written(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    place(store, placed((one, one), (two, two)), ranks={one: StoryRank(2.0, ()), two: StoryRank(1.0, ())})
    place(store, Plan(), ranks={two: StoryRank(3.0, ('it "grows"',)), 999: StoryRank(9.0, ())})
    assert [(c.id, c.rank, c.rank_reasons) for c in store.front().rows] == [
        (two, 3.0, ('it "grows"',)),
        (one, 2.0, ()),
    ]
    place(store, placed((two, two)))
    assert store.story(two).card.rank == 3.0  # a plan without a rank leaves it


def test_two_hundred_placements_are_one_plan(store: PostgresStore) -> None:
    ids = load(store, *(f"a{n}" for n in range(200)))
    work = describe(store, *(a_description(i) for i in ids))
    tags = {i: (Hashtag(f"tag-{i % 7}", "Tag", "words", 0.5),) for i in ids}
    place(store, placed(*((i, ids[i % 10]) for i in ids), hashtags=tags), work)
    assert sum(c.article_count for c in store.front(limit=50).rows) == 200
    assert store.counts() == {"articles": 200, "placed": 200, "stories": 10, "publishers": 1, "feeds": 0}


def test_an_article_that_was_read_again_keeps_its_story(store: PostgresStore) -> None:
    read(store, an_extract(headline="Old"))
    article_id = store.latest().rows[0].id
    place(store, placed((article_id, article_id)), describe(store, a_description(article_id)))
    read(store, an_extract("New text.", headline="New"), at=later(60))
    assert store.cards([article_id])[0].story_id == article_id
    assert store.story(article_id).card.headline == "New"
    assert [w.subject_id for w in describe(store, a_description(article_id), now=later(60))] == [article_id]


# ── the window ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_window_gives_back_whole_stories_in_order(store: PostgresStore) -> None:
    ids = load(store, *"abcdef")
    known = {i: a_description(i, at=later(60 * n)) for n, i in enumerate(ids)}
    describe(store, *known.values())
    a, b, c, d, e, _ = ids
    place(store, placed((a, a), (e, a), (b, b), (c, d), (d, d)))
    window = list(store.window(since=later(60 * 3)))
    assert [(s.story_id, [x.article_id for x in s.articles]) for s in window] == [(a, [a, e]), (d, [c, d])]
    assert all(same(x, replace(known[x.article_id], publisher_id=1)) for s in window for x in s.articles)
    assert list(store.window(since=later(3600))) == []


# ── hashtags ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_vocabulary_grows_by_the_keys_of_the_words_that_earned_a_tag(store: PostgresStore) -> None:
    one, two = load(store, "one", "two")
    describe(
        store,
        a_description(one, phrases=(Phrase("harbour tunnel", "harbour tunnels", 1.0),)),
        a_description(two, names=(Name("harbourton", "Harbourton"),)),
    )
    tag = Hashtag("harbour-tunnel", "Harbour tunnel", "harbour tunnels", 0.9)
    place(store, Plan(hashtags={one: (tag,)}))
    place(store, Plan(hashtags={two: (replace(tag, words="Harbourton"),)}))
    assert store.hashtag_vocabulary() == [
        KnownHashtag("harbour-tunnel", "Harbour tunnel", frozenset({"harbour tunnel", "harbourton"}), 2)
    ]
    place(store, Plan(hashtags={two: (Hashtag("ferry", "Ferry", "ferry", 0.5),)}))
    assert {h.slug: h.article_count for h in store.hashtag_vocabulary()} == {"harbour-tunnel": 1, "ferry": 1}
    known, listed = store.hashtag("ferry")
    assert (known.label, [c.id for c in listed.rows]) == ("Ferry", [two])
    with pytest.raises(NotFound):
        store.hashtag("nothing")


# ── near ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_neighbours_are_near_in_meaning_or_share_names(store: PostgresStore) -> None:
    subject, near, copy, namesake, far = load(store, "subject", "near", "copy", "namesake", "far")
    nato = (Name("nato", "NATO", 2, True), Name("seoul", "Seoul"))
    describe(
        store,
        a_description(subject, body_vector=a_vector(1.0), names=nato),
        a_description(near, body_vector=a_vector(1.0, 0.2)),
        a_description(copy, body_vector=a_vector(1.0), names=nato),
        a_description(namesake, body_vector=a_vector(0, 0, 1.0), names=nato[:1]),
        a_description(far, body_vector=a_vector(0, 0, 0, 1.0)),
    )
    place(store, placed((subject, subject), (copy, subject), copies=(CopyOf(copy, subject, 0.9),)))
    found = [d.article_id for d in store.neighbours(subject, limit=3)]
    assert found[0] == near
    assert set(found) == {near, namesake, far}
    assert {d.article_id for d in store.neighbours(subject, limit=2)} <= {near, namesake, far}
    assert store.neighbours(999, limit=5) == []


def test_story_neighbours_are_the_nearest_other_stories(store: PostgresStore) -> None:
    one, two, three, lone = load(store, "one", "two", "three", "lone")
    describe(
        store,
        a_description(one, body_vector=a_vector(1.0)),
        a_description(two, body_vector=a_vector(1.0, 0.9)),
        a_description(three, body_vector=a_vector(1.0, 0.1)),
        a_description(lone, body_vector=a_vector(1.0, 0.05)),
    )
    place(store, placed((one, one), (two, two), (three, three)))
    assert [c.id for c in store.story_neighbours(one, limit=5)] == [three, two]
    assert [c.id for c in store.story_neighbours(lone, limit=1)] == [three]


# ── listening ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_listener_hears_of_work_and_of_stories_and_stops(store: PostgresStore) -> None:
    stop = threading.Event()
    events = store.events(stop=stop)
    assert [next(events) for _ in range(3)] == [("stories", ""), ("queue", ""), ("takedowns", "")]
    one, two = load(store, "one", "two")
    assert next(events) == ("queue", "describe")
    place(store, placed((one, one), (two, one)))
    assert next(events) == ("stories", f"{one}")
    stop.set()
    assert list(events) == []


def test_a_listener_hears_of_more_stories_than_can_be_named(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidings.store.stories._NOTIFY_CHARS", 4)
    (one,) = load(store, "one")
    ids = load(store, *(f"other {n}" for n in range(6)))
    stop = threading.Event()
    events = store.events(stop=stop)
    assert [next(events) for _ in range(3)] == [("stories", ""), ("queue", ""), ("takedowns", "")]
    place(store, placed(*((i, i) for i in ids)))
    assert next(events) == ("stories", "many")  # not "", which every connection begins with
    place(store, placed((one, one)))
    assert next(events) == ("stories", f"{one}")
    stop.set()
    assert list(events) == []
