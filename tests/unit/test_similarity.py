"""How alike two articles are: learned weights, bounded, the same both ways; and how they are learned."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories_texts import ELECTION, FLOOD_OWN, FLOOD_WIRE, TUNNEL, article, described

from evals.curve import calibration_curve
from evals.similarity import JudgedPair
from evals.train_similarity import Lesson, learned_from, text_groups
from tidings.model import Description
from tidings.stories.similarity import (
    COMPARISONS,
    PAIR_FACTS,
    compared,
    comparison_of,
    learned_weights,
    most_alike,
    pair_facts,
    profile_of,
    scored,
    similarity,
)
from tidings.stories.weights import Rarities, number_weights

SHARES = st.floats(0.0, 1.0)


@pytest.fixture(scope="module")
def descriptions() -> list[Description]:
    texts = [FLOOD_WIRE, FLOOD_OWN, TUNNEL, ELECTION]
    return described([article(i, f"Report {i}", text) for i, text in enumerate(texts, 1)])


@pytest.mark.parametrize("how", COMPARISONS)
@given(facts=st.tuples(SHARES, SHARES, SHARES, SHARES), more=st.tuples(SHARES, SHARES, SHARES, SHARES))
@settings(max_examples=50, deadline=None)
def test_more_in_common_never_makes_less_alike(how, facts, more) -> None:  # type: ignore[no-untyped-def]
    weights = learned_weights()[how]
    raised = tuple(max(one, other) for one, other in zip(facts, more, strict=True))
    assert 0.0 <= scored((*facts, 1.0), weights) <= scored((*raised, 1.0), weights) <= 1.0


@pytest.mark.parametrize("how", COMPARISONS)
def test_with_nothing_in_common_two_articles_are_unrelated(how) -> None:  # type: ignore[no-untyped-def]
    assert scored((0.0, 0.0, 0.0, 0.0, 1.0), learned_weights()[how]) < 0.05


def test_no_pair_is_more_alike_than_its_vectors_allow(descriptions: list[Description]) -> None:
    plain = [replace(d, english_vector=None, english_model=None) for d in descriptions]
    foreign = [replace(d, language="de") for d in plain]
    profiles = [profile_of(d) for d in (*descriptions, *plain, *foreign)]
    for a in profiles:
        for b in profiles:
            assert compared(a, b) <= most_alike(a.views, b.views) + 1e-9


def test_english_vectors_are_compared_only_where_both_articles_have_one(
    descriptions: list[Description],
) -> None:
    wire, own = descriptions[:2]
    without = replace(own, english_vector=None, english_model=None)
    older = replace(own, english_model="another")
    korean = replace(own, language="ko")
    views = [profile_of(d).views for d in (own, without, older, korean)]
    found = [comparison_of(profile_of(wire).views, its) for its in views]
    assert found == ["english", "one language", "one language", "across"]
    assert similarity(wire, without) > 0.5  # the multilingual vectors tell it too


def test_words_do_not_count_across_languages(descriptions: list[Description]) -> None:
    wire, own = descriptions[:2]
    how, facts = pair_facts(profile_of(wire), profile_of(replace(own, language="de")))
    assert (how, facts[PAIR_FACTS.index("words")]) == ("across", 0.0)
    assert pair_facts(profile_of(wire), profile_of(own))[1][PAIR_FACTS.index("words")] > 0.0


def test_numbers_are_the_same_with_point_and_comma(descriptions: list[Description]) -> None:
    one = replace(descriptions[0], words={"34.7": 1, "2,000": 2, "flood": 3, "5g": 1})
    other = replace(descriptions[0], words={"34,7": 3, "2.000": 1, "flut": 2})
    assert set(number_weights(one, Rarities())) == set(number_weights(other, Rarities())) == {"347", "2000"}
    assert sum(weight**2 for weight in number_weights(one, Rarities()).values()) == pytest.approx(1.0)
    assert number_weights(replace(one, words={"flood": 1}), Rarities()) == {}


def test_the_weights_that_made_the_judgements_are_found_again() -> None:
    chance = np.random.default_rng(1)
    true = (6.0, 2.0, 0.0, 0.0, -4.0)
    lessons: list[Lesson] = [
        (how, facts, scored(facts, true))
        for how in COMPARISONS
        for facts in [(*chance.random(4).tolist(), 1.0) for _ in range(400)]
    ]
    for fact, found, expected in zip(PAIR_FACTS, learned_from(lessons)["english"], true, strict=True):
        assert found == pytest.approx(expected, abs=0.25), fact


def test_a_fact_that_would_count_against_likeness_counts_nothing() -> None:
    chance = np.random.default_rng(2)
    lessons: list[Lesson] = [
        (how, facts, scored(facts, (6.0, -3.0, 0.0, 0.0, -2.0)))
        for how in COMPARISONS
        for facts in [(*chance.random(4).tolist(), 1.0) for _ in range(200)]
    ]
    assert learned_from(lessons)["one language"][PAIR_FACTS.index("words")] == 0.0


def test_pairs_that_share_a_text_are_of_one_group(descriptions: list[Description]) -> None:
    def pair(one: str, other: str) -> JudgedPair:
        return JudgedPair(descriptions[0], descriptions[1], 2.0, ("en", "en"), (one, other))

    judged = [pair("a", "b"), pair("c", "d"), pair("e", "f"), pair("d", "g"), pair("b", "c")]
    first, second, third, fourth, fifth = text_groups(judged)
    assert first == second == fourth == fifth != third


def test_the_curve_is_a_picture_with_a_point_for_each_tenth() -> None:
    similar = [0.05, 0.06, 0.55, 0.56, 0.57, 1.0, 0.99]
    root = ElementTree.fromstring(calibration_curve(similar, [0.0, 0.1, 0.5, 0.6, 0.7, 1.0, 1.0]))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 3
    assert float(circles[0].get("cy", "")) > float(circles[2].get("cy", ""))


def test_time_does_not_count(descriptions: list[Description]) -> None:
    wire, own = descriptions[:2]
    later = replace(own, at=datetime(2031, 1, 1, tzinfo=UTC))
    assert similarity(wire, own) == similarity(wire, later)
