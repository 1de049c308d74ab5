"""Views: what pages and JSON show, as plain values."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidings.model import ArticleCard, Publisher, SearchAnswer, SearchHit, StoryCard, StoryView
from tidings.web.present import Presenter, as_json, by_day, cut, older_href, runs

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
PRESENT = Presenter(now=NOW, image_href=lambda url: f"/image/s/{len(url)}")
COURIER = Publisher(1, "The Courier", "https://courier.example/", "en")
CARD = ArticleCard(
    id=7,
    headline="Tunnel opens",
    standfirst=None,
    lead="Cars drive under the bay.",
    publisher=COURIER,
    url="https://courier.example/7",
    at=NOW - timedelta(hours=18),
    published_at=NOW - timedelta(hours=18),
    first_seen_at=NOW,
    language="en",
    image_url="https://courier.example/7.png",
    access="open",
    story_id=7,
)


def story_card(articles: Iterable[ArticleCard] = (), **given: int) -> StoryCard:
    counts = {"article_count": 1, "publisher_count": 1, "report_count": 1, **given}
    return StoryCard(
        id=7,
        headline="Tunnel opens",
        lead=CARD,
        articles=tuple(articles),
        first_at=CARD.at,
        last_at=CARD.at,
        rank=1.0,
        rank_reasons=("it is new",),
        unread_count=1,
        **counts,
    )


def test_a_row_says_its_age_in_words_and_exactly() -> None:
    row = PRESENT.row(CARD)
    assert (row.at.words, row.at.exact) == ("18 hours ago", "Friday 13 March 2026, 18:00 UTC")
    assert (row.href, row.summary) == ("/article/7/tunnel-opens", "Cars drive under the bay.")
    assert row.picture is not None
    assert row.picture.src == "/image/s/29"


def test_pictures_are_only_taken_from_the_web() -> None:
    for url in (None, "javascript:alert(1)", "data:image/png;base64,xx", "//example.org/a.png"):
        assert PRESENT.row(replace(CARD, image_url=url)).picture is None


def test_a_tally_tells_publishers_with_a_report_of_their_own_from_the_others() -> None:
    story = PRESENT.story_row(story_card(article_count=5, publisher_count=4, report_count=2))
    assert story.tally == (True, True, False, False)
    assert story.coverage == "4 publishers, 2 independent reports"
    assert len(PRESENT.story_row(story_card(article_count=99, report_count=50)).tally) == 16


def test_a_story_says_who_counts_as_one_voice_and_why() -> None:
    post, ilbo = Publisher(2, "The Post", None, "en", "Harbour Media"), Publisher(3, "새길일보", None, "ko")
    courier = replace(COURIER, owner="Harbour Media")
    told = [
        replace(CARD, id=1, publisher=courier),
        replace(CARD, id=2, publisher=post),
        replace(CARD, id=3, publisher=ilbo),
        replace(CARD, id=4, publisher=ilbo, agency="Concord Wire"),
    ]
    copy = replace(CARD, id=5, publisher=post, copy_of=4, agency="Concord Wire")
    reports = tuple((card, (copy,) if card.id == 4 else ()) for card in told)
    voices = PRESENT.story(StoryView(story_card(told), reports), ()).voices
    assert [(v.name, v.kind, [p.label for p in v.publishers], v.reports, v.copies) for v in voices] == [
        ("Concord Wire", "agency", ["새길일보", "The Post"], 1, 1),
        ("Harbour Media", "owner", ["The Courier", "The Post"], 2, 0),
        ("새길일보", "publisher", ["새길일보"], 1, 0),
    ]
    assert [v.note for v in voices] == ["ran the text of Concord Wire", "belong to Harbour Media", ""]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A sentence, whole.", "A sentence, whole."),
        ("“Said by her.”", "“Said by her.”"),
        ("breaks in and breaks", "…breaks in and breaks\xa0…"),
        ("The sum was never on the poster", "The sum was never on the poster"),
        ("터널이 열렸다。", "터널이 열렸다。"),
    ],
)
def test_a_stretch_of_text_says_where_it_was_cut(text: str, shown: str) -> None:
    card = replace(CARD, standfirst="The sum was never on the poster")
    hit = SearchHit(card, 1.0, (), ((text, ()),))
    (row,) = PRESENT.search(SearchAnswer((hit,)), "/search", {}).rows
    assert "".join(piece for piece, _ in row.fragments[0]) == shown


def test_an_agency_is_named_beside_others_only() -> None:
    assert PRESENT.row(replace(CARD, agency="Concord Wire")).agency == "Concord Wire"
    assert PRESENT.row(replace(CARD, agency=CARD.publisher.name)).agency is None


def test_the_lead_is_not_among_its_own_others() -> None:
    other = replace(CARD, id=8)
    assert [row.id for row in PRESENT.story_row(story_card([CARD, other])).others] == [8]


def test_a_story_that_slept_says_when_it_woke() -> None:
    woke = replace(CARD, id=9, at=NOW - timedelta(hours=1))
    first = replace(CARD, id=8, at=NOW - timedelta(days=5))
    page = PRESENT.story(StoryView(story_card(), ((woke, ()), (first, ()))), [])
    assert [(day.label, [r.pause for r in day.reports]) for day in page.days] == [
        ("Monday 9 March", [""]),
        ("Today", ["Four days later"]),
    ]


def test_days_keep_the_order_of_their_rows() -> None:
    rows = PRESENT.rows(replace(CARD, id=n, at=NOW - timedelta(hours=9 * n)) for n in range(5))
    assert [(day, [row.id for row in ours]) for day, ours in by_day(rows)] == [
        ("Today", [0, 1]),
        ("Yesterday", [2, 3, 4]),
    ]


def test_views_become_json_values_whole() -> None:
    json = as_json(PRESENT.story_row(story_card()))
    assert json["lead"]["publisher"] == {"label": "The Courier", "href": "/publisher/1/the-courier"}
    assert json["reasons"] == ["it is new"]


def test_the_address_of_the_next_page_keeps_the_filters() -> None:
    assert older_href("/search", None, {"q": "a"}) is None
    assert older_href("/search", "k=", {"q": "a b", "tag": "c"}) == "/search?q=a+b&tag=c&after=k%3D"


SPANS = st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60)))


@given(st.text(max_size=50), SPANS)
def test_highlighting_never_changes_the_words(text: str, spans: list[tuple[int, int]]) -> None:
    pieces = runs(text, spans)
    assert "".join(piece for piece, _ in pieces) == text
    assert all(piece for piece, _ in pieces)


def test_highlights_may_touch_and_overlap() -> None:
    assert runs("abcdef", [(1, 3), (2, 4), (4, 5)]) == (
        ("a", False),
        ("bc", True),
        ("d", True),
        ("e", True),
        ("f", False),
    )


@given(st.text(max_size=600), st.integers(20, 300))
def test_a_cut_text_keeps_its_length_and_beginning(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
