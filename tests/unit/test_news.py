"""What is new since: claims that no earlier report made, changed figures beside what they were, nothing twice."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.told import told
from tidings.ai.news import new_since

FIRST = told(
    1, "Courier", "Three people died when the lake burst above the town. Two people are missing.", hours=-9
)


def shown(before, after, **options) -> list[tuple[str, str | None, str | None]]:
    """The kind, the new figure and the old one of each claim that is new."""
    return [
        (n.kind, n.figure and n.figure.words, n.was and n.was.words)
        for n in new_since(before, after, **options)
    ]


def test_a_changed_figure_stands_beside_what_it_was() -> None:
    later = told(2, "Post", "Five people died in the flood, the police said.", hours=-1)
    new = new_since([FIRST], [FIRST, later])
    assert [(n.kind, n.claim.text, n.figure.words, n.was.words) for n in new if n.figure and n.was] == [
        ("figure", "Five people died in the flood, the police said.", "Five people", "Three people")
    ]
    assert (new[0].was.article_id, new[0].figure.article_id) == (1, 2)


def test_what_was_said_before_is_never_new() -> None:
    again = told(2, "Post", "Three people died when the lake burst above the town, police said.", hours=-1)
    assert new_since([FIRST], [FIRST, again]) == ()
    assert new_since([FIRST], [FIRST]) == ()
    assert new_since([FIRST], []) == ()


def test_a_quote_a_name_a_figure_and_an_event_are_told_apart() -> None:
    text = """“I would have liked to hear it was the weather,” said the owner of the sawmill there.

Judge Elsbet Marrow came north to lead the inquiry into the flood.

The new panel costs 6,400 crowns."""
    before = told(1, "Courier", "A lake burst above the town of Skarholt on Monday.", hours=-9)
    later = told(2, "Post", text, hours=-1)
    assert {(n.kind, n.claim.text[:20]) for n in new_since([before], [later])} == {
        ("quote", "“I would have liked "),
        ("name", "Judge Elsbet Marrow "),
        ("figure", "The new panel costs "),
    }


def test_one_new_thing_in_two_reports_is_told_once_and_counted_twice() -> None:
    text = "The insurers put the loss at 48 million crowns."
    later = [told(2, "Post", text, hours=-2), told(3, "Wire", text, hours=-1)]
    (new,) = new_since([FIRST], [FIRST, *later])
    assert (new.claim.text, new.kind, new.reports) == (text, "figure", 2)


def test_a_revised_article_is_read_for_what_the_revision_added() -> None:
    added = f"{FIRST.paragraphs[0]} The railway to Skarholt is closed until Friday."
    revised = replace(told(1, "Courier", added, hours=-9), revision=2)
    assert [n.claim.text for n in new_since([FIRST], [revised])] == [
        "The railway to Skarholt is closed until Friday."
    ]


def test_an_older_figure_that_comes_late_is_not_news() -> None:
    newest = told(2, "Post", "Five people died in the flood.", hours=-1)
    older = told(3, "Wire", "Two people died in the flood.", hours=-8)
    assert [n for n in new_since([newest], [newest, older]) if n.was] == []


def test_a_rounder_word_for_a_known_figure_is_no_change() -> None:
    known = told(1, "Courier", "The ministry said that 217 people died in the flood.", hours=-9)
    rounder = told(2, "Post", "More than 200 people died in the flood, the minister said.", hours=-1)
    risen = told(3, "Wire", "The ministry said that 260 people died in the flood.", hours=-1)
    assert [n for n in new_since([known], [known, rounder]) if n.was] == []
    assert shown([known], [known, risen]) == [("figure", "260 people", "217 people")]


def test_a_name_is_new_only_in_a_language_that_was_read() -> None:
    known = told(1, "Wire", "The engine stopped 84 seconds early, the maker said.", hours=-9)
    korean = told(2, "Saegil", "백도현 대표는 엔진이 예정보다 84초 일찍 꺼졌다고 말했다.", "ko", hours=-1)
    assert [n.kind for n in new_since([known], [known, korean])] != ["name"]
    english = told(3, "Post", "Ingrid Vale of the maker said that the engine stopped early.", hours=-1)
    assert [n.kind for n in new_since([known], [known, english])] == ["name"]


def test_no_more_than_asked_for_and_every_claim_verbatim() -> None:
    text = " ".join(
        f"Ruben Askeland counted {n}00 fish in the {name} basin."
        for n, name in ((3, "northern"), (5, "southern"), (7, "western"))
    )
    later = told(2, "Post", text, hours=-1)
    new = new_since([FIRST], [later], most=2)
    assert len(new) == 2
    for claim in (n.claim for n in new):
        (citation,) = claim.citations
        assert later.text(citation.paragraph)[citation.start : citation.end] == claim.text == citation.words


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=100), max_size=3), st.lists(st.text(max_size=100), max_size=3))
def test_whatever_was_and_is_said_only_later_words_are_new(old: list[str], new: list[str]) -> None:
    before = [told(i, f"P{i}", text, hours=-5) for i, text in enumerate(old, 1)]
    after = [told(i, f"P{i}", text) for i, text in enumerate(new, 10)]
    for item in new_since(before, after):
        assert all(citation.article_id >= 10 for citation in item.claim.citations)
