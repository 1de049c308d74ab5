"""Related articles: near, explained, never copies, rather none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories_texts import ELECTION, FLOOD_OWN, FLOOD_WIRE, TUNNEL, article, described

from tidings.model import Article, Description, Relation
from tidings.stories.related import LEAST_SIMILAR, _common_parts, related
from tidings.stories.similarity import similarity

DIALOGUE = """\
South Korea and the European Union held their first space security dialogue in Brussels on Monday, the Foreign Ministry in Seoul \
said.
The talks follow a security and defence partnership. NATO members have been asked to raise defence spending, and South Korea's arms \
exports to Poland have grown.
Foreign Minister Cho Tae-yul said solidarity between Europe and Asia was needed."""
EXPORTS = """\
South Korean makers of tanks and howitzers expect more orders after NATO agreed to raise defence spending to five percent of output.
Poland is the largest buyer of arms from South Korea. NATO Secretary General Mark Rutte welcomed the exports.
An official in Seoul said Europe's demand for defence goods would surge."""
TARIFFS = """\
A senior official in Seoul said it was uncertain whether the pause on tariffs on South Korea's cars and steel would be extended.
Trade Minister Yeo Han-koo held talks in Washington. South Korea wants to be exempt from the duties."""

ARTICLES = [
    article(1, "South Korea, Europe draw closer on security", DIALOGUE, hours=None),
    article(2, "Will NATO's spending be a boon to South Korea's arms exports?", EXPORTS, hours=20),
    article(3, "Seoul uncertain of tariff pause", TARIFFS, hours=30),
    article(4, "Swimmer among nine candidates for athletes' commission", ELECTION, hours=40),
    article(5, "Glacier lake bursts", FLOOD_WIRE, publisher="Concord Wire", hours=1),
    article(6, "Glacier lake bursts above town", FLOOD_WIRE, publisher="Meridian Post", hours=2),
    article(7, "No warning in Skarholt", FLOOD_OWN, hours=3),
    article(8, "Tunnel late", TUNNEL, hours=4),
    article(
        9,
        "Glacier lake bursts, and nobody was warned",
        FLOOD_OWN.replace("Monday", "a Monday"),
        hours=24 * 900,
    ),
]


@pytest.fixture(scope="module")
def descriptions() -> list[Description]:
    return described(ARTICLES)


def ids(relations: Sequence[Relation]) -> list[int]:
    return [relation.article_id for relation in relations]


def texts_of(article_: Article) -> list[str]:
    return [article_.extract.headline, *article_.extract.paragraphs]


def test_the_nearest_comes_first_with_its_reason_and_the_unrelated_never(
    descriptions: list[Description],
) -> None:
    found = related(descriptions[0], descriptions)
    assert ids(found)[0] == 2
    assert 4 not in ids(found)
    assert not {5, 6, 7, 8, 9} & set(ids(found))
    assert found[0].kind == "names"
    assert "NATO" in found[0].names
    assert found[0].reason.startswith("Both name ")


def test_nothing_is_shown_rather_than_something_unrelated(descriptions: list[Description]) -> None:
    assert related(descriptions[3], descriptions) == []
    assert related(descriptions[7], descriptions) == []
    assert related(descriptions[0], []) == []


def test_a_copy_of_the_same_report_is_never_related_to_it(descriptions: list[Description]) -> None:
    wire, copy, own = descriptions[4], descriptions[5], descriptions[6]
    assert ids(related(wire, [copy, own])) == [7]
    assert ids(related(own, [wire, copy])) in ([5], [6])


def test_age_alone_excludes_nothing(descriptions: list[Description]) -> None:
    assert ids(related(descriptions[4], [descriptions[8]])) == [9]


def test_of_two_alike_the_one_of_the_same_days_comes_first(descriptions: list[Description]) -> None:
    wire, own = descriptions[4], descriptions[6]
    far = replace(own, article_id=70, at=descriptions[8].at, sketch=b"", headline="Another")
    near = replace(own, article_id=71, sketch=b"", headline="Yet another")
    assert ids(related(wire, [far, near]))[0] == 71


def test_at_most_two_of_the_same_story_are_shown(descriptions: list[Description]) -> None:
    wire, own = descriptions[4], descriptions[6]
    same = [replace(own, article_id=100 + i, sketch=b"", headline=f"Version {i}") for i in range(5)]
    found = related(wire, same, same_story={100, 101, 102, 103, 104})
    assert len(found) == 2
    assert {relation.kind for relation in found} == {"same story"}
    assert found[0].reason.startswith("The same story: both name ")


def test_the_limit_is_kept(descriptions: list[Description]) -> None:
    assert len(related(descriptions[0], descriptions, limit=1)) == 1


def test_every_name_and_quoted_phrase_of_a_reason_stands_in_both_texts(
    descriptions: list[Description],
) -> None:
    for subject, its_article in zip(descriptions, ARTICLES, strict=True):
        for relation in related(subject, descriptions):
            other = next(a for a in ARTICLES if a.id == relation.article_id)
            for words in [*relation.names, *re.findall("“(.+?)”", relation.reason)]:
                assert any(words in t for t in texts_of(its_article)), (words, relation)
                assert any(words in t for t in texts_of(other)), (words, relation)


_WORDS = st.sampled_from(
    ["Liv Carrow", "Carrow", "South Korea", "S. Korea", "NATO", "Nato", "U.S.", "US", "the glacier", "defence spending",
     "Defence Spending", "arms exports", "Skarholt", "Mayor Gunnvor Askill", "Askill", "said", "met", "in", "on Monday.", "The"]
)  # fmt: skip


@given(st.lists(st.lists(_WORDS, min_size=8, max_size=40), min_size=2, max_size=4))
@settings(max_examples=40, deadline=None)
def test_reasons_hold_for_any_texts(bags: list[list[str]]) -> None:
    articles = [article(i, bag[0], " ".join(bag)) for i, bag in enumerate(bags, 1)]
    subject, *others = described(articles)
    for relation in related(subject, others):
        for words in [*relation.names, *re.findall("“(.+?)”", relation.reason)]:
            for one in (articles[0], articles[relation.article_id - 1]):
                assert any(words in text for text in texts_of(one))


def test_similarity_is_symmetric_bounded_and_highest_for_the_same_text(
    descriptions: list[Description],
) -> None:
    for a in descriptions:
        for b in descriptions:
            assert similarity(a, b) == pytest.approx(similarity(b, a), abs=1e-6)
            assert 0.0 <= similarity(a, b) <= 1.0
    assert similarity(descriptions[4], descriptions[5]) > 0.9
    assert (
        similarity(descriptions[4], descriptions[6])
        > 0.6
        > 0.2
        > similarity(descriptions[4], descriptions[3])
    )


def test_similarity_crosses_languages_and_stands_a_missing_text() -> None:
    english, korean, empty = described(
        [
            article(1, "Glacier lake bursts above Arvenian town, four dead", FLOOD_WIRE),
            article(2, "빙하호 붕괴로 4명 사망", "북부 마을 위쪽의 빙하 호수가 터져 4명이 숨지고 1명이 실종됐다. 구조대가 수색하고 있다.", language="ko"),
            article(3, "", ""),
        ]
    )  # fmt: skip
    assert similarity(english, korean) > 0.4
    assert similarity(english, empty) == 0.0
    assert related(empty, [english, korean]) == []


def test_a_name_that_most_candidates_have_is_no_reason_to_show_one() -> None:
    """In a town's own press everybody names the town: two of its places in common make no article related."""
    town = described(
        [
            article(i, f"Notice {i}", f"{words} at Gullside in Lowgate, the council of Port Elin said.")
            for i, words in enumerate(
                ["A ferry burned", "Whales stranded", "Choirs will sing", "A shop opens", "Buses run late",
                 "Trees are felled", "Rates go up", "A bridge is shut", "Schools open", "The market moves"], 1
            )
        ]
    )  # fmt: skip
    assert {"gullside", "lowgate"} <= _common_parts(town)
    assert _common_parts(town[:5]) == frozenset()
    subject, *others = town
    assert all(
        relation.similarity >= LEAST_SIMILAR["english"] or relation.kind == "same story"
        for relation in related(subject, others + described([article(99, "Other", ELECTION)]))
    )
