"""What the store counts for trends, and the sections of articles and stories."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.store_values import NOW, an_extract, sha
from tidings.model import Activity, CopyOf, DeskChoice, Hashtag, Placement, Plan, StoryRank, TagReport
from tidings.store.postgres import PostgresStore

GLACIER = Hashtag("glacier", "Glacier", "glacier", 0.9)
SKARHOLT = Hashtag("skarholt", "Skarholt", "Skarholt", 0.8)


def place(store: PostgresStore, plan: Plan) -> None:
    epoch = store.take_group_epoch("test")
    ranks = {p.story_id: StoryRank(float(p.story_id), ()) for p in plan.placements}
    store.apply(plan, [], ranks=ranks, epoch=epoch, now=NOW)


@pytest.fixture
def written(store: PostgresStore) -> list[int]:
    """Seven articles: three of three publishers in the last day, a copy, and three of the days before."""
    hours = (2, 5, 20, 3, 30, 31, 80)
    ids: list[int] = []
    for i, ago in enumerate(hours):
        extract = an_extract(f"Text {i}", published_at=NOW - timedelta(hours=ago))
        site = f"paper{i % 3}.example"
        ids += store.load_articles([(f"https://{site}/{i}", extract, sha(f"{i}"))], publisher=site, now=NOW)
    place(
        store,
        Plan(
            copies=(CopyOf(ids[3], ids[0], 0.9),),
            placements=tuple(Placement(i, ids[0], 1.0) for i in ids[:4]),
            hashtags={i: (GLACIER, SKARHOLT) if n < 4 else (GLACIER,) for n, i in enumerate(ids)},
        ),
    )
    return ids


def test_hashtags_and_pairs_of_the_last_day_are_counted_by_day_without_copies(
    store: PostgresStore, written: list[int]
) -> None:
    found = store.activity(now=NOW, days=5)
    assert isinstance(found, Activity)
    assert found.totals == (0, 1, 0, 2, 3)
    by_slugs = {tuple(slug for slug, _ in tag.tags): tag for tag in found.tags}
    assert set(by_slugs) == {("glacier",), ("skarholt",), ("glacier", "skarholt")}
    assert by_slugs["glacier",].days == (0, 1, 0, 2, 3)
    assert by_slugs["glacier", "skarholt"].days == (0, 0, 0, 0, 3)
    assert by_slugs["skarholt",].tags == (("skarholt", "Skarholt"),)
    newest = by_slugs["glacier",].reports[0]
    publisher = store.cards([written[0]])[0].publisher.id
    assert newest == TagReport(written[0], publisher, written[0], NOW - timedelta(hours=2))


def test_a_hashtag_of_one_publisher_or_of_yesterday_only_is_left_out(
    store: PostgresStore, written: list[int]
) -> None:
    assert store.activity(now=NOW + timedelta(days=3), days=5).tags == ()


def test_articles_and_stories_keep_their_section(store: PostgresStore, written: list[int]) -> None:
    one, two, three = written[:3]
    place(
        store,
        Plan(
            placements=tuple(Placement(i, one, 1.0) for i in (one, two, three)),
            desks={
                one: DeskChoice("world", "section", 1.0),
                two: DeskChoice("disasters", "text", 0.75),
                three: DeskChoice("disasters", "text", 0.5),
                written[4]: None,
            },
        ),
    )
    assert [card.desk for card in store.cards([one, two, written[4]])] == [
        DeskChoice("world", "section", 1.0),
        DeskChoice("disasters", "text", 0.75),
        None,
    ]
    assert [card.id for card in store.front(desk="disasters").rows] == [one]
    assert store.front(desk="world").rows == ()
    assert store.front(desk="disasters").rows[0].desk == "disasters"


def test_a_section_pages_by_rank(store: PostgresStore, written: list[int]) -> None:
    lone = written[:3]
    place(
        store,
        Plan(
            placements=tuple(Placement(i, i, 1.0) for i in lone),
            desks={i: DeskChoice("sport", "text", 0.9) for i in lone},
        ),
    )
    first = store.front(desk="sport", limit=2)
    rest = store.front(desk="sport", after=first.next_key, limit=2)
    assert [card.id for card in (*first.rows, *rest.rows)] == sorted(lone, reverse=True)
    assert rest.next_key is None
