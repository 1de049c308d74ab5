"""Author and time as pages show them where no metadata states them, and the eval that measures it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.extract.document import parse_page
from tidings.extract.shown import Shown, shown_on

pytest.importorskip("tidings.app", reason="the eval enters through tidings.app")

from evals import metadata as eval_of

LATEST = datetime(2026, 3, 9, tzinfo=UTC)
TITLE = "Harbour tunnel opens on Monday"
PROSE = (
    "<p>The harbour board said on Thursday that the tunnel would open in spring, at a cost of forty million crowns, "
    "and that the ferries would go on until the last lorry had found its way.</p>"
)


def shown(body: str, *, language: str | None = "en", title: str = TITLE) -> Shown:
    tree = parse_page(f"<html><body>{body}</body></html>".encode(), subject="page")
    return shown_on(tree, title, organisations=["The Courier"], language=language, latest=LATEST)


@pytest.mark.parametrize(
    ("credit", "names"),
    [
        ('<p class="article__byline">By <a href="/author/anna-sorel">Anna Sorel</a></p>', ["Anna Sorel"]),
        ('<span><a href="https://courier.example/staff/anna-sorel">Anna Sorel</a></span>', ["Anna Sorel"]),
        ('<div class="BylineBar_byline">By Anna Sorel, Nils Okkonen</div>', ["Anna Sorel", "Nils Okkonen"]),
        (
            '<div class="byline">By <span class="author-name">Anna E. Sorel</span> - March 5, 2026</div>',
            ["Anna E. Sorel"],
        ),
        (
            '<div class="autor"><i>AS</i><div>Anna Sorel</div><i>NO</i><div>Nils Okkonen</div></div>',
            ["Anna Sorel", "Nils Okkonen"],
        ),
        (
            '<div><p class="blog-author">Anna Sorel</p><p class="blog-author">Nils Okkonen</p></div>',
            ["Anna Sorel", "Nils Okkonen"],
        ),
        (
            '<p class="byline">By Anna Sore<b>l</b></p><p class="byline"><a href="/a">Ida Holm</a></p>',
            ["Anna Sorel", "Ida Holm"],
        ),
        ('<a href="/people/real-life">Real Life</a>', []),  # a section
        ('<p class="byline">The Courier</p>', []),
        ('<div class="author-bio">Anna Sorel</div>', []),  # who says what she is, not what she wrote
        ('<div class="related-posts"><p class="byline">By Ole Marsten</p></div>', []),
    ],
)
def test_a_credit_under_the_headline(credit: str, names: list[str]) -> None:
    assert list(shown(f"<h1>{TITLE}</h1>{credit}{PROSE * 3}").names) == names


def test_the_credit_under_the_headline_wins_over_those_of_other_articles() -> None:
    teaser = '<div><h3>Ferry strike</h3><p class="byline">By Ole Marsten</p><time>7 March 2026</time></div>'
    page = f"{teaser}<h1>{TITLE}</h1><p class='byline'>By Anna Sorel</p><time>5 March 2026</time>{PROSE * 3}{teaser}"
    found = shown(page)
    assert found.names == ("Anna Sorel",)
    assert found.published is not None
    assert found.published.at == datetime(2026, 3, 5, tzinfo=UTC)


def test_a_credit_right_above_the_headline_is_its_own_and_one_far_above_is_not() -> None:
    credit = '<p class="byline">By Anna Sorel</p>'
    assert shown(f"{credit}<h1>{TITLE}</h1>{PROSE * 3}").names == ("Anna Sorel",)
    assert shown(f"{credit}{PROSE * 3}<h1>{TITLE}</h1>{PROSE * 3}").names == ()


def test_below_the_text_only_what_is_not_contradicted_counts() -> None:
    page = f"<h1>{TITLE}</h1>{PROSE * 4}<p class='author'>Anna Sorel</p><p class='date'>5 March 2026</p>"
    alone, others = (
        shown(page),
        shown(f"{page}<p class='author'>Ole Marsten</p><p class='date'>1 March 2026</p>"),
    )
    assert (alone.names, alone.published and alone.published.at.day) == (("Anna Sorel",), 5)
    assert (others.names, others.published) == ((), None)


@pytest.mark.parametrize(
    ("markup", "language", "published", "changed"),
    [
        ('<span class="date">5 March 2026</span>', "en", (5, 0), None),
        (
            '<div class="meta-date"><time datetime="2026-03-05T14:30Z">Thursday</time></div>',
            "en",
            (5, 14),
            None,
        ),
        (
            '<span class="date">5 March 2026</span><time datetime="2026-03-05T22:30-05:00">x</time>',
            "en",
            (6, 3),
            None,
        ),
        ('<p class="post-date">Last updated 7 March 2026, originally created 5 March 2026</p>', "en", 5, 7),
        ('<span class="updated">7 March 2026</span><span class="date">5 March 2026</span>', "en", 5, None),
        ('<span class="date">05/03/2026</span>', "fr", 5, None),
        ('<span class="date">05/03/2026</span>', "en", None, None),  # May or March
        ('<span class="date">02/25/2026</span>', "en", 25, None),
        ('<span class="date">02.25.2026</span>', "en", 25, None),
        ('<p class="webtime">Stand: 7. März 2026</p>', "de", None, 7),
        ('<div class="comments"><time datetime="2026-03-05T14:30Z"></time></div>', "en", None, None),
        ('<span class="date">5 March 2027</span>', "en", None, None),
    ],
)
def test_a_time_under_the_headline(
    markup: str, language: str, published: int | tuple[int, int] | None, changed: int | None
) -> None:
    found = shown(f"<h1>{TITLE}</h1>{markup}{PROSE * 3}", language=language)
    said = found.published and (found.published.at.day, found.published.at.hour)
    assert (said[0] if said and not isinstance(published, tuple) else said) == published
    assert (found.changed and found.changed.at.day) == changed


def test_a_headline_in_a_trail_of_links_is_not_where_the_article_begins() -> None:
    page = (
        f"<nav><h1>{TITLE}</h1></nav><p class='byline'>By Ole Marsten</p>{PROSE * 4}"
        f"<h2>{TITLE}</h2><p class='byline'>By Anna Sorel</p>{PROSE * 3}"
    )
    assert shown(page).names == ("Anna Sorel",)


@given(
    st.lists(
        st.sampled_from(
            [
                "<h1>Harbour",
                "</h1>",
                "<p class=byline>",
                "<a href=/author/x>",
                "<time datetime=x>",
                "</p>",
                "</a>",
                "By Anna ",
            ]
        )
        | st.text(max_size=20),
        max_size=30,
    ).map("".join)
)
@settings(max_examples=60, deadline=None)
def test_any_markup_shows_something_or_nothing(markup: str) -> None:
    found = shown(f"<p>x</p>{markup}", title="Harbour")
    assert all(name.strip() == name and name for name in found.names)
    assert found.published is None or found.published.at <= LATEST + timedelta(days=1)


# ── the eval ─────────────────────────────────────────────────────────────────────────────────────────────────────────

STATED = {
    "@type": "NewsArticle",
    "headline": "Harbour tunnel opens on Monday",
    "author": [{"@type": "Person", "name": "Anna Sorel"}],
    "datePublished": "2026-03-05T23:30:00-05:00",
}


def a_page(head: str = "", body: str = "") -> bytes:
    stated = f'<script type="application/ld+json">{json.dumps(STATED)}</script>'
    return f"<html><head>{stated}{head}</head><body>{body}</body></html>".encode()


def test_the_truth_is_what_the_metadata_states() -> None:
    tree = eval_of.tree_of(a_page('<meta property="og:title" content="Tunnel opens | The Courier">'))
    assert tree is not None
    truth = eval_of.truth_of(tree, "https://www.the-courier.example/a/1")
    assert truth == eval_of.Truth(
        headlines=frozenset({"harbour tunnel opens on monday", "tunnel opens"}),
        people=frozenset({"anna sorel"}),
        days=frozenset({"2026-03-05", "2026-03-06"}),
        minutes=frozenset({datetime(2026, 3, 6, 4, 30, tzinfo=UTC)}),
    )


@pytest.mark.parametrize(
    "author",
    [
        "Courier staff",
        "The Courier",
        "Anna Sorel and Reuters",
        "https://courier.example/anna",
        "ANNA SOREL",
        "Anna",
    ],
)
def test_an_author_that_may_be_no_person_gives_no_truth(author: str) -> None:
    page = f'<meta name="author" content="{author}"><meta property="og:site_name" content="The Courier">'
    tree = eval_of.tree_of(f"<html><head>{page}</head><body>x</body></html>".encode())
    assert tree is not None
    assert eval_of.truth_of(tree, "https://courier.example/a").people is None


def test_stripping_leaves_nothing_that_only_machines_read() -> None:
    body = f'<h1 itemprop="headline">{TITLE}</h1><span itemprop="author">Anna Sorel</span> <time datetime="2026-03-05">5 March 2026</time>'
    tree = eval_of.tree_of(a_page('<meta name="author" content="Anna Sorel"><title>T</title>', body))
    assert tree is not None
    page, text = eval_of.stripped(tree)
    assert b"ld+json" not in page
    assert b"itemprop" not in page
    assert page.count(b"<meta") == 1  # the character set
    assert text == f"{TITLE} Anna Sorel 5 March 2026"


def test_only_what_can_be_seen_is_asked_of_the_visible_page() -> None:
    truth = eval_of.Truth(
        frozenset({"tunnel opens"}), frozenset({"anna sorel"}), frozenset({"2026-03-05"}), frozenset()
    )
    assert eval_of.shown_of(truth, "Tunnel opens! By Anna Sorel. Thursday, 5th of March, 2026") == truth
    assert eval_of.shown_of(truth, "2026 tunnels opened; Anna wrote 5 texts.") == eval_of.Truth(
        None, None, None, None
    )


def test_answers_are_right_wrong_or_missing(tmp_path: Path) -> None:
    (tmp_path / "a.html.gz").write_bytes(
        gzip.compress(a_page("", f"<h1>{TITLE}</h1><p>By Anna Sorel, March 5, 2026</p>{PROSE}"))
    )
    path = tmp_path / "pages.jsonl"
    path.write_text(json.dumps({"id": "a", "html": "a.html.gz", "url": "https://courier.example/a"}), "utf-8")

    def reader(page: bytes, url: str) -> eval_of.Answer:
        if b"ld+json" not in page:
            return eval_of.Answer("Another headline", (), datetime(2026, 3, 5, tzinfo=UTC))
        return eval_of.Answer(
            f"{TITLE}!", ("Anna  Sorel",), datetime(2026, 3, 6, 4, 30, 20, tzinfo=UTC), is_exact=True
        )

    found, pages, _ = eval_of.measure(path, reader)
    assert pages == 1
    assert {name: [outcome.right for outcome in outcomes] for name, outcomes in found.items()} == {
        "visible_headline": [False],
        "visible_byline": [None],
        "visible_day": [True],
        "visible_minute": [None],
        "stated_headline": [True],
        "stated_byline": [True],
        "stated_day": [True],
        "stated_minute": [True],
    }
    figures = eval_of.figures_of(found, pages)
    assert (figures["visible_byline"], figures["visible_byline_n"], figures["visible_byline_answered"]) == (
        0.0,
        1,
        0.0,
    )
    assert figures["stated_day_interval"] == [1.0, 1.0]
