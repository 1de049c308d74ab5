"""Sections: the publisher's word first, in any language, then what the text is about, or none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories_texts import EMBEDDER, article, described

from tidings.model import DeskChoice
from tidings.stories.desks import (
    Desks,
    _entries,
    _plain,
    desk_addressed,
    desk_named,
    desk_vectors,
    desks,
    stated_desk,
)


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    return desk_vectors(EMBEDDER)


def test_no_name_means_two_desks() -> None:
    owners: dict[str, set[str]] = {}
    for entry in _entries():
        for name in entry.names:
            owners.setdefault(_plain(name), set()).add(entry.desk.slug)
    assert {name: found for name, found in owners.items() if len(found) > 1 or not name} == {}


@pytest.mark.parametrize(
    ("section", "desk"),
    [
        ("Politics", "politics"),
        ("WIRTSCHAFT", "business"),
        ("경제", "business"),
        ("スポーツ", "sport"),
        ("Économie", "business"),
        ("Наука", "science"),
        ("الرياضة", "sport"),
        ("UK politics", "politics"),
        ("News > World > Europe", "world"),
        ("Sport / Football", "sport"),
        ("Health & Science", None),  # two at once
        ("Port Elin", None),
        ("Society pages of the week in politics", None),
        ("", None),
        (None, None),
    ],
)
def test_a_publishers_section_is_known_in_many_languages(section: str | None, desk: str | None) -> None:
    if section == "Health & Science":
        desk = desk_named(section)
        assert desk in ("health", "science")
        return
    assert desk_named(section) == desk


@pytest.mark.parametrize(
    ("url", "desk"),
    [
        ("https://paper.example/politics/2026/a-title", "politics"),
        ("https://paper.example/world/health/a-title", "health"),
        ("https://paper.example/news/wirtschaft/a-title-123", "business"),
        ("https://paper.example/%EC%A0%95%EC%B9%98/1", "politics"),
        ("https://sport.paper.example/a-title", "sport"),
        ("https://paper.example/politics", None),  # the last part is a title
        ("https://health.example/a-title", None),  # the site's own name says nothing of one article
        ("https://paper.example/article/123", None),
        ("urn:tidings:text:1", None),
        ("http://[broken", None),
    ],
)
def test_an_address_names_its_desk_in_a_folder_or_before_the_site(url: str, desk: str | None) -> None:
    assert desk_addressed(url) == desk


def test_the_section_goes_before_the_address() -> None:
    assert stated_desk("Sport", "https://paper.example/world/x") == DeskChoice("sport", "section", 1.0)
    assert stated_desk("Port Elin", "https://paper.example/world/x") == DeskChoice("world", "address", 1.0)
    assert stated_desk(None, "https://paper.example/x") is None


def test_a_text_is_filed_in_any_language_and_an_unclear_one_nowhere(vectors: np.ndarray) -> None:
    found = described(
        [
            article(1, "Rovers win the cup final after extra time", "The striker scored twice in the match. The coach praised the players and the club’s fans.", hours=0),
            article(2, "Zentralbank hebt den Leitzins an", "Die Inflation bleibt hoch, Banken und Unternehmen zahlen höhere Zinsen.", language="de"),
            article(3, "신약 임상시험에서 환자 70% 회복", "병원 의사들은 백신과 치료제의 효과를 확인했다.", language="ko"),
            article(4, "Notes", "One two three."),
        ]
    )  # fmt: skip
    decider = Desks(vectors, model=EMBEDDER.name)
    chosen = [decider.choose(replace(d, desk=None)) for d in found]
    assert [c.slug if c else None for c in chosen] == ["sport", "business", "health", None]
    assert all(c.by == "text" and 0.5 < c.sure <= 1.0 for c in chosen if c)


def test_the_publishers_word_is_not_questioned(vectors: np.ndarray) -> None:
    (match,) = described([article(1, "Rovers win the cup final", "The striker scored twice.")])
    stated = replace(match, desk=DeskChoice("culture", "section", 1.0))
    assert Desks(vectors, model=EMBEDDER.name).choose(stated) == stated.desk


def test_what_publishers_file_teaches_the_rest(vectors: np.ndarray) -> None:
    texts = [f"The bell ringers of ward {i} rang the changes on the old tower." for i in range(30)]
    taught = described([article(i, "Bells rang over the town", text) for i, text in enumerate(texts, 1)])
    decider = Desks(vectors, model=EMBEDDER.name)
    decider.learn(replace(d, desk=DeskChoice("society", "section", 1.0)) for d in taught)
    (another,) = described([article(99, "Bells over the town", "The ringers rang the changes in the tower.")])
    chosen = decider.guess(replace(another, desk=None))
    assert chosen is not None
    assert chosen.slug == "society"


def test_vectors_of_another_model_are_left_alone(vectors: np.ndarray) -> None:
    (match,) = described([article(1, "Rovers win the cup final", "The striker scored twice.")])
    assert Desks(vectors, model="other@1").guess(replace(match, desk=None)) is None


@given(st.text(max_size=120), st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_any_section_and_address_is_read_without_a_fault(section: str, path: str) -> None:
    known = {desk.slug for desk in desks()}
    for url in (f"https://paper.example/{path}/x", path):
        stated = stated_desk(section, url)
        assert stated is None or stated.slug in known
