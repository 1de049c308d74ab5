"""Hashtags: a closed vocabulary that grows, and does not explode."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories_texts import ELECTION, FLOOD_OWN, FLOOD_WIRE, TUNNEL, article, described

from tidings.model import Description, KnownHashtag
from tidings.stories.hashtags import MOST_TAGS, Vocabulary, candidates, slug_of, spoken
from tidings.stories.phrases import is_topic, word_key


@pytest.fixture(scope="module")
def flood() -> list[Description]:
    return described(
        [
            article(1, "Glacier lake bursts above Skarholt, three dead", FLOOD_WIRE),
            article(2, "No warning before the glacier lake burst in Skarholt", FLOOD_OWN),
            article(3, "Harbour tunnel will open late", TUNNEL),
            article(4, "Swimmer stands for athletes' commission", ELECTION),
        ]
    )


def test_every_article_has_one_to_six_tags_each_with_its_verbatim_words(flood: list[Description]) -> None:
    texts = {1: FLOOD_WIRE, 2: FLOOD_OWN, 3: TUNNEL, 4: ELECTION}
    tags = Vocabulary().tag(flood)
    assert list(tags) == [1, 2, 3, 4]
    for description in flood:
        found = tags[description.article_id]
        assert 1 <= len(found) <= MOST_TAGS
        assert len({tag.slug for tag in found}) == len(found)
        for tag in found:
            assert tag.words in description.headline or tag.words in texts[description.article_id]
            assert tag.slug == slug_of(tag.slug)
            assert 0.0 < tag.weight <= 1.0


def test_what_two_articles_share_becomes_a_tag_of_both(flood: list[Description]) -> None:
    tags = Vocabulary().tag(flood)
    shared = {t.slug for t in tags[1]} & {t.slug for t in tags[2]}
    assert {"skarholt"} <= shared


def test_a_word_of_one_article_waits_for_another() -> None:
    one, two = described(
        [
            article(
                1,
                "Talks on whelks end",
                "The talks on whelks ended. A quota for whelks was not agreed by the fishers.",
            ),
            article(
                2,
                "Whelks again",
                "A quota for whelks is needed, the fishers say. The price of whelks has doubled.",
            ),
        ]
    )
    vocabulary = Vocabulary()
    first = {t.slug for t in vocabulary.tag([one])[1]}
    second = {t.slug for t in vocabulary.tag([two])[2]}
    assert len(first) == 1  # its best candidate, for want of a tag
    assert any(slug.startswith("whelk") for slug in first | second)


def test_spellings_and_inflections_are_one_tag() -> None:
    korea = described(
        [
            article(1, "S. Korea signs arms deal", "S. Korea signed an arms deal. S. Korea hopes for more."),
            article(
                2, "South Korea exports tanks", "South Korea exports tanks. Tanks from South Korea cost less."
            ),
        ]
    )
    tags = Vocabulary().tag(korea)
    ours = [next(t for t in tags[i] if t.slug == "south-korea") for i in (1, 2)]
    assert [(t.label, t.words) for t in ours] == [("South Korea", "S. Korea"), ("South Korea", "South Korea")]
    singular, plural = described(
        [
            article(3, "A ferry for the islands", "The ferry is new. A ferry costs nine million crowns."),
            article(4, "Ferries for the islands", "The ferries are new. Ferries cost nine million crowns."),
        ]
    )
    again = Vocabulary().tag([singular, plural])
    assert {t.slug for t in again[3]} & {t.slug for t in again[4]} >= {"ferri"} or {
        t.slug for t in again[3]
    } & {t.slug for t in again[4]}


def test_a_known_vocabulary_is_kept_with_its_labels_and_aliases(flood: list[Description]) -> None:
    known = KnownHashtag("glacier-floods", "Glacier floods", frozenset({"skarholt"}), 40)
    tags = Vocabulary([known]).tag([flood[0]])
    assert any(
        (t.slug, t.label, t.words) == ("glacier-floods", "Glacier floods", "Skarholt") for t in tags[1]
    )


def test_the_vocabulary_does_not_explode() -> None:
    reports = described(
        [
            article(i, f"Council {i} debates bridge number {i}", f"The council of ward {i} debated the bridge. Councillor {name} spoke of the bridge and its lamps.")
            for i, name in enumerate(["Ana Holt", "Bo Rask", "Cy Lund", "Di Moen", "Ed Vik", "Flo Aas", "Gus Lie", "Hal Ås", "Ida By", "Jon Ek"], 1)
        ]
    )  # fmt: skip
    vocabulary = Vocabulary()
    used = {t.slug for tags in vocabulary.tag(reports).values() for t in tags}
    assert len(used) <= 12


def test_a_korean_article_is_tagged_without_particles() -> None:
    (korean,) = described(
        [
            article(
                1,
                "미란반도체, 아르베니아 공장 준공",
                "미란반도체가 아르베니아에 공장을 열었다. 미란반도체는 아르베니아의 지원을 받았다.",
                language="ko",
            )
        ]
    )
    assert {"미란반도체", "아르베니아"} <= {t.slug for t in Vocabulary().tag([korean])[1]}


@given(
    st.text(max_size=200), st.text(max_size=80), st.sampled_from(["en", "ko", "ja", "zh", "de", "ar", None])
)
@settings(max_examples=80, deadline=None)
def test_candidates_of_any_text_are_slugs_with_verbatim_words(
    text: str, headline: str, language: str | None
) -> None:
    (description,) = described([article(1, headline, text, language=language)])
    for candidate in candidates(description):
        assert candidate.words in headline or candidate.words in text
        assert candidate.slug
        assert not set(candidate.slug) & set(" /?#%&")


@pytest.mark.parametrize(
    ("words", "headline", "is_one"),
    [
        ("glacier", "", True),
        ("harbour tunnel", "", True),
        ("votes", "", False),
        ("votes", "Corvane wins by 287 votes", True),
        ("announced", "Winners are announced", False),
        ("reportedly", "", False),
        ("didn", "It didn’t open", False),
        ("2026 plan", "", False),
        ("", "", False),
    ],
)
def test_a_lone_word_is_a_topic_when_it_is_rare_and_no_past_tense(
    words: str, headline: str, is_one: bool
) -> None:
    assert is_topic(words, "en", headline=headline) is is_one


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Ferries", "ferry"),
        ("ferry", "ferry"),
        ("taxes", "tax"),
        ("whales", "whale"),
        ("arms exports", "arms export"),
        ("politics", "politics"),
        ("crisis", "crisis"),
        ("witness", "witness"),
        ("nationalism", "nationalism"),
    ],
)
def test_singular_and_plural_have_one_key_and_mere_relatives_their_own(words: str, key: str) -> None:
    assert word_key(words, "en") == key


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("AMY GOODMAN", "Amy Goodman"),
        ("ADVERTISERS", "Advertisers"),
        ("NATO", "NATO"),
        ("UNESCO", "UNESCO"),
        ("BBC TWO", "BBC TWO"),
        ("Oskar Lindqvane", "Oskar Lindqvane"),
    ],
)
def test_a_name_that_is_shouted_is_shown_as_it_is_spoken(label: str, shown: str) -> None:
    assert spoken(label) == shown


def test_an_article_of_common_words_only_still_has_a_tag() -> None:
    (plain,) = described([article(1, "They announced it", "It was announced that many had announced it.")])
    assert len(Vocabulary().tag([plain])[1]) == 1
