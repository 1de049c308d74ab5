"""Near-duplicates and wire copies."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from stories_texts import ELECTION, FLOOD_OWN, FLOOD_WIRE, START, TUNNEL, article, described

from tidings.model import CopyOf, Description
from tidings.stories.copies import CopyIndex
from tidings.stories.sketches import sketch_of

FOOTER = (
    "Sign up for our newsletter and never miss a story from the coast. All rights reserved. Reproduction of this text, even "
    "in part, needs the written consent of the publisher. Readers may write to the letters page, and letters are published "
    "with name and place. Complaints are heard by the press council of Arvenia, whose address stands on page two."
)


def placed(index: CopyIndex, *articles: Description) -> list[list[CopyOf]]:
    return [index.place(one) for one in articles]


def test_a_wire_copy_with_edits_is_folded_under_the_agency_s_report_and_names_it() -> None:
    edited = FLOOD_WIRE.replace("killing three people", "killing at least three people").rsplit("\n", 1)[0]
    wire, copy, own = described(
        [
            article(1, "Glacier lake bursts", FLOOD_WIRE, publisher="Concord Wire"),
            article(2, "Three die as lake bursts", edited, publisher="Meridian Post"),
            article(3, "No warning in Skarholt", FLOOD_OWN),
        ]
    )
    index = CopyIndex()
    first, second, third = placed(index, wire, copy, own)
    assert (first, third) == ([], [])
    assert [(c.article_id, c.original_id, c.agency) for c in second] == [(2, 1, "Concord Wire")]
    assert second[0].similarity > 0.85
    assert [index.root_of(i) for i in (1, 2, 3, 99)] == [1, 1, 3, 99]


def test_a_short_extract_of_a_wire_report_is_its_copy() -> None:
    extract = "\n".join(FLOOD_WIRE.split("\n")[:2])
    wire, short = described(
        [
            article(1, "Glacier lake bursts", FLOOD_WIRE, publisher="Concord Wire"),
            article(2, "Lake bursts", extract, publisher="The Daily Outlook"),
        ]
    )
    index = CopyIndex()
    assert placed(index, wire, short)[1] == [CopyOf(2, 1, 1.0, "Concord Wire")]


def test_an_extract_that_came_first_points_to_the_fuller_report() -> None:
    extract = TUNNEL.split("\n")[0]
    short, full = described(
        [
            article(1, "Tunnel late", extract, publisher="A"),
            article(2, "Tunnel will open late", TUNNEL, publisher="B", hours=2),
        ]
    )
    assert placed(CopyIndex(), short, full) == [[], [CopyOf(1, 2, 1.0, None)]]


def test_the_agency_s_own_report_becomes_the_original_when_it_comes_last() -> None:
    copies = [
        article(i, f"Lake bursts {i}", FLOOD_WIRE, publisher=name, hours=i)
        for i, name in enumerate(["Meridian Post", "The Daily Outlook"], 1)
    ]
    one, two, wire = described(
        [*copies, article(3, "Glacier lake bursts", FLOOD_WIRE, publisher="Concord Wire", hours=9)]
    )
    index = CopyIndex()
    changes = placed(index, one, two, wire)
    assert [[(c.article_id, c.original_id) for c in change] for change in changes] == [
        [],
        [(2, 1)],
        [(1, 3), (2, 3)],
    ]
    assert [index.root_of(i) for i in (1, 2, 3)] == [3, 3, 3]


def test_reports_that_share_only_boilerplate_are_no_copies() -> None:
    reports = described(
        [
            article(i, f"Report {i}", f"{text}\n{FOOTER}")
            for i, text in enumerate(
                [TUNNEL, ELECTION, FLOOD_OWN, "The bridge stays shut. " * 3, "Ferries sail again."], 1
            )
        ]
    )
    assert placed(CopyIndex(), *reports) == [[], [], [], [], []]


def test_an_article_seen_again_changes_nothing_and_a_text_too_short_has_no_copies() -> None:
    wire, again, short, same = described(
        [
            article(1, "Glacier lake bursts", FLOOD_WIRE),
            article(1, "Glacier lake bursts", FLOOD_WIRE),
            article(2, "Lake bursts", "A lake burst."),
            article(3, "Lake bursts", "A lake burst."),
        ]
    )
    assert placed(CopyIndex(), wire, again, short, same) == [[], [], [], []]
    assert short.sketch == b""


def test_what_left_the_window_is_forgotten() -> None:
    wire, copy = described(
        [article(1, "A", FLOOD_WIRE), article(2, "B", FLOOD_WIRE, publisher="Meridian Post", hours=400)]
    )
    index = CopyIndex()
    index.place(wire)
    index.forget([1])
    assert index.place(copy) == []
    assert index.root_of(2) == 2


SENTENCES = [f"{word} met {other} in room {n} to speak about {word} and the {other} of day {n}."
             for n, (word, other) in enumerate([("tin", "oak"), ("elm", "ash"), ("fig", "yew"), ("bay", "fir"), ("may", "box")])]  # fmt: skip
_BASE = described([article(1, "Base", TUNNEL)])[0]


@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=5), st.integers(1, 3), st.booleans()
        ),
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_article_copies_itself_or_another_copy(texts: list[tuple[list[str], int, bool]]) -> None:
    index = CopyIndex()
    originals: dict[int, int] = {}
    for number, (sentences, publisher, by_agency) in enumerate(texts, 1):
        tokens = " ".join(sentences).lower().split()
        one = replace(
            _BASE,
            article_id=number,
            publisher_id=publisher,
            at=START + timedelta(hours=number),
            sketch=sketch_of(tokens, by_agency=by_agency),
        )
        for copy in index.place(one):
            originals[copy.article_id] = copy.original_id
            assert 0.0 <= copy.similarity <= 1.0
    for copy_id, original_id in originals.items():
        assert copy_id != original_id
        if index.root_of(copy_id) != copy_id:
            assert index.root_of(copy_id) == original_id
            assert index.root_of(original_id) == original_id
