"""Describing articles: names, agencies, phrases, words, vectors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories_texts import FLOOD_OWN, FLOOD_WIRE, article, described

from tidings.stories import phrases
from tidings.stories.agencies import agency_named, credited_agency
from tidings.stories.names import name_key, names_in
from tidings.stories.nations import nation_of
from tidings.stories.phrases import key_phrases


def labels(headline: str, text: str, language: str) -> dict[str, int]:
    return {name.label: name.count for name in names_in(headline, text.split("\n"), language)}


def test_names_are_joined_counted_and_without_their_honorifics() -> None:
    text = (
        "Foreign Minister Cho Tae-yul met Polish Foreign Minister Radoslaw Sikorski on Mar. 5. Cho praised NATO.\n"
        "Later Mr. Sikorski thanked Minister Cho. Talks went on at the Foreign Ministry in Seoul. The U.S. was silent."
    )
    assert labels("Cho visits Poland", text, "en") == {
        "Cho Tae-yul": 4,
        "Poland": 1,
        "Radoslaw Sikorski": 2,
        "Foreign Ministry": 1,
        "NATO": 1,
        "Seoul": 1,
        "U.S.": 1,
    }


def test_a_word_that_only_opens_a_sentence_or_a_titled_headline_is_no_name() -> None:
    text = "Rescuers searched the valley. Nobody slept. In Skarholt the siren failed. People left Skarholt on Monday."
    assert labels("Rescuers Search Valley After Skarholt Flood", text, "en") == {"Skarholt": 3}


def test_german_nouns_are_no_names_for_being_capitalised() -> None:
    text = (
        "Beim Brand der Autofähre sind 14 Menschen ums Leben gekommen, sagte Verkehrsminister Jens Arnholt am Nachmittag. "
        "Hubschrauber flogen nach Brandesund.\nDie Reederei richtete in Brandesund eine Anlaufstelle ein. Arnholt dankte der NATO."
    )
    assert labels("14 Tote bei Fährbrand", text, "de") == {"Brandesund": 2, "Jens Arnholt": 2, "NATO": 1}


def test_korean_names_lose_their_particles() -> None:
    text = "미란반도체가 아르베니아에 공장을 열었다. 정서린 공장장은 말했다.\n미란반도체는 아르베니아의 지원을 받았다. NATO와 무관하다."
    found = labels("미란반도체, 아르베니아 공장 준공", text, "ko")
    assert found == {"미란반도체": 3, "아르베니아": 3, "정서린": 1, "NATO": 1}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("S. Korea", "South Korea"),
        ("U.S.", "United States"),
        ("한국", "South Korea"),
        ("독일", "Germany"),
        ("NATO", "나토"),
    ],
)
def test_spellings_of_a_country_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other) == nation_of(other)


def test_the_pronoun_us_is_no_country() -> None:
    assert nation_of("us") is None


@given(st.text(max_size=300), st.text(max_size=60), st.sampled_from(["en", "de", "ko", "ja", "fr", None]))
@settings(max_examples=150, deadline=None)
def test_every_name_and_phrase_stands_verbatim_in_the_text(
    text: str, headline: str, language: str | None
) -> None:
    texts = [headline, *text.split("\n")]
    for name in names_in(headline, texts[1:], language):
        assert any(name.label in t for t in texts)
        assert name.key
        assert name.count > 0
    for phrase in key_phrases(texts, language):
        assert any(phrase.words in t for t in texts)
        assert 0.0 <= phrase.weight <= 1.0


@pytest.mark.parametrize(
    ("paragraphs", "agency"),
    [
        (["SKARHOLT (CW) - A lake burst."], "Concord Wire"),
        (["A lake burst.", "More follows.", "— Concord Wire"], "Concord Wire"),
        (["WASHINGTON (AP) — The Senate met."], "AP"),
        (["BERLIN, March 5 - Reuters - The cabinet met."], "Reuters"),
        (["The court ruled on Friday.", "(Reporting by Ana Sole; editing by Joe Fir)", "(Reuters)"], "Reuters"),
        (["The minister spoke. (Yonhap)"], "Yonhap"),
        (["(서울=연합뉴스) 홍길동 기자 = 정부는 밝혔다."], "Yonhap"),
        (["Varga (dpa) – Der Fluss steigt."], "dpa"),
        (["Der Fluss steigt.", "© dpa-infocom, dpa:260302"], "dpa"),
        (["PARIS (AFP) - Le gouvernement a annoncé."], "AFP"),
        (["Officials told Reuters that the lake had burst.", "The AP reported two dead."], None),
        (["The CW network cancelled the series."], None),
        ([], None),
    ],
)  # fmt: skip
def test_a_credited_agency_is_found_and_a_mention_is_not_one(
    paragraphs: list[str], agency: str | None
) -> None:
    assert credited_agency(paragraphs) == agency


def test_bylines_and_datelines_credit_agencies_too() -> None:
    assert credited_agency(["A lake burst."], byline=("By Reuters",)) == "Reuters"
    assert credited_agency(["A lake burst."], byline=("Ana Sole, Associated Press",)) == "AP"
    assert credited_agency(["A lake burst."], dateline="SKARHOLT (CW)") == "Concord Wire"


def test_an_agency_is_known_by_its_publisher_name() -> None:
    assert agency_named("Concord Wire") == "Concord Wire"
    assert agency_named("연합뉴스") == "Yonhap"
    assert agency_named("The Harbour Courier") is None


def test_a_description_holds_what_the_article_says() -> None:
    wire, headline_only, empty = described(
        [
            article(1, "Glacier lake bursts above Skarholt, three dead", FLOOD_WIRE),
            article(2, "Glacier lake bursts above Skarholt, three dead", language=None, hours=None),
            article(3, "", language=None),
        ]
    )
    assert (wire.agency, wire.dated, wire.language) == ("Concord Wire", True, "en")
    assert wire.words["skarholt"] == 4
    assert wire.headline_words["glacier"] == 1
    assert {n.label for n in wire.names} >= {
        "Skarholt",
        "Liv Carrow",
        "Gunnvor Askill",
        "Oskar Lindqvane",
        "Kaldbrae",
    }
    assert "glacier" in {p.key for p in wire.phrases}
    assert len(wire.sketch) > 4 * 128
    assert (headline_only.sketch, headline_only.dated, headline_only.language) == (b"", False, "en")
    assert not headline_only.body_vector.any()
    assert np.linalg.norm(headline_only.headline_vector) == pytest.approx(1.0, abs=1e-5)
    assert (empty.names, empty.phrases, empty.words) == ((), (), {})


def test_describing_is_the_same_alone_and_in_a_batch() -> None:
    one = article(1, "Glacier lake bursts above Skarholt", FLOOD_WIRE)
    two = article(2, "No warning in Skarholt", FLOOD_OWN)
    alone, together = described([one])[0], described([two, one])[1]
    assert np.allclose(alone.body_vector, together.body_vector, atol=1e-5)
    assert (alone.names, alone.phrases, alone.words, alone.sketch) == (
        together.names,
        together.phrases,
        together.words,
        together.sketch,
    )


def test_a_page_without_end_is_read_only_in_part() -> None:
    huge = article(
        1, "Live", "\n".join(f"At {i} the counting of Osterly went on in room {i}." for i in range(20_000))
    )
    description = described([huge])[0]
    assert len(description.words) <= 600
    assert len(description.names) <= 40
    assert len(description.sketch) < 20_000


def test_the_agency_that_a_text_credits_is_none_of_its_names() -> None:
    text = "SKARHOLT (CW) — A lake burst above Skarholt, the CW office said.\nCW and Skarholt again."
    (found,) = described([article(1, "Lake bursts above Skarholt", text)])
    names = {name.label for name in found.names}
    assert found.agency == "Concord Wire"
    assert "Skarholt" in names
    assert "CW" not in names


def test_a_name_that_always_opens_its_sentence_is_whole_when_its_words_stand_together_again() -> None:
    found = names_in("Port Elin votes", ["Port Elin votes on a new port.", "Port Elin's port is full."], "en")
    assert [name.label for name in found] == ["Port Elin"]


def test_an_honorific_is_no_part_of_a_name_even_of_one_that_bodies_have() -> None:
    found = names_in("", ["He asked Ms. Mills. Later Ms. Mills left General Mills."], "en")
    assert {name.label for name in found} == {"Mills", "General Mills"}


def test_a_dateline_in_capitals_does_not_make_a_name_of_capitals() -> None:
    found = names_in("", ["VARGA (CW) — The NATO talks end.", "They met in Varga. NATO agreed."], "en")
    assert {"Varga", "NATO"} <= {name.label for name in found}


def test_the_score_of_a_phrase_is_the_weighted_sum_of_its_features() -> None:
    texts = [
        "Ferry fire in the strait",
        "The ferry’s deck burned. A ferry fire kills eleven, the coastguard said.",
    ]
    bias, weights = phrases._weights()
    for candidate in phrases._candidates(texts, "en").values():
        plain = bias + sum(w * f for w, f in zip(weights, candidate.features(), strict=True))
        assert candidate.score(bias, weights) == pytest.approx(plain)
