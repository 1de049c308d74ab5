"""Hashtags: a closed vocabulary that grows, and does not explode."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stories_texts import ELECTION, EMBEDDER, FLOOD_OWN, FLOOD_WIRE, TUNNEL, article, described

from tidings.model import Description, EntityMention, KnownHashtag, Name, Phrase
from tidings.stories.hashtags import MORE_FROM, MOST_TAGS, Vocabulary, candidates, slug_of, spoken
from tidings.stories.phrases import is_topic, key_phrases, word_key


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
    assert {"미란반도체", "아르베니아"} <= {c.slug for c in candidates(korean)}


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


def told(
    article_id: int,
    *names: str,
    publisher: int | None = None,
    phrases: tuple[Phrase, ...] = (),
    headline: str = "A headline",
) -> Description:
    """What is known of an article that names these in its headline."""
    (plain,) = described([article(article_id, headline)])
    found = tuple(Name(n.lower(), n, 3, True) for n in names)
    return replace(plain, publisher_id=publisher or article_id, names=found, phrases=phrases)


def slugs(vocabulary: Vocabulary, *batch: Description) -> dict[int, set[str]]:
    return {i: {t.slug for t in tags} for i, tags in vocabulary.tag(batch).items()}


def test_articles_that_waited_are_tagged_when_another_publisher_has_their_word() -> None:
    vocabulary = Vocabulary([KnownHashtag("varga", "Varga", frozenset({"varga"}), 9)])
    assert slugs(vocabulary, told(1, "Varga", "Merrow")) == {1: {"varga"}}
    assert slugs(vocabulary, told(2, "Varga", "Merrow", publisher=1)) == {2: {"varga"}}
    both = {"varga", "merrow"}
    assert slugs(vocabulary, told(3, "Varga", "Merrow")) == {1: both, 2: both, 3: both}


def test_a_larger_vocabulary_asks_more_publishers() -> None:
    known = [KnownHashtag(f"tag-{i}", f"Tag {i}", frozenset(), 1) for i in range(2 * MORE_FROM)]
    vocabulary = Vocabulary([*known, KnownHashtag("varga", "Varga", frozenset({"varga"}), 9)])
    for publisher in (1, 2):
        assert slugs(vocabulary, told(publisher, "Varga", "Merrow")) == {publisher: {"varga"}}
    assert set(slugs(vocabulary, told(3, "Varga", "Merrow"))) == {1, 2, 3}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Health Care", "Healthcare"),
        ("Covid-19", "Covid 19"),
        ("Conservatives", "Conservative"),
    ],
)
def test_words_apart_joined_hyphened_and_in_the_plural_are_one_tag(one: str, other: str) -> None:
    tags = Vocabulary().tag([told(1, one), told(2, other)])
    assert len({tag.slug for found in tags.values() for tag in found}) == 1


def test_an_acronym_and_the_name_it_stands_for_become_one_tag() -> None:
    vocabulary = Vocabulary()
    both = ("Northern Compact Assembly", "NCA")
    vocabulary.tag([told(1, *both), told(2, *both)])
    later = vocabulary.tag([told(3, "NCA"), told(4, "Northern Compact Assembly")])
    assert {tag.slug for tag in later[3]} == {tag.slug for tag in later[4]}


def test_publishers_and_agencies_are_no_tags() -> None:
    vocabulary = Vocabulary(press=["The Varga Ledger"])
    found = slugs(
        vocabulary,
        told(1, "Varga Ledger", "Reuters", "Merrow"),
        told(2, "Varga Ledger", "Reuters", "Merrow"),
    )
    assert found == {1: {"merrow"}, 2: {"merrow"}}


def test_a_country_and_its_people_are_one_tag_even_where_nobody_knows_the_country() -> None:
    assert [c.slug for c in candidates(told(1, "Arvenia", "Arvenian"))] == ["arvenia"]


def test_topics_stand_beside_names() -> None:
    phrase = Phrase("rail strike", "rail strike", 0.3, count=3)
    lone = Phrase("locomot", "locomotives", 0.5, count=5)
    names = ("Anna Sorel", "Nils Okkonen", "Ingrid Vale", "Henrik Salo", "Marit Skoglund", "Elsbeth Noring")
    batch = [told(i, *names, phrases=(phrase, lone), headline="Rail strike") for i in range(1, 4)]
    tags = Vocabulary().tag(batch)[3]
    assert len(tags) == MOST_TAGS
    assert {"rail-strike", "locomotive"} <= {tag.slug for tag in tags}


def test_what_is_only_counted_is_no_topic() -> None:
    phrases = key_phrases(["A tax of 5 crowns", "It cost 7 crowns, then 9 crowns, then 11 crowns."], "en")
    (crowns,) = [phrase for phrase in phrases if phrase.key == "crown"]
    assert crowns.count == 0


def test_a_topic_that_has_a_tag_in_another_language_takes_that_tag() -> None:
    def topical(article_id: int, words: str, language: str) -> Description:
        phrase = Phrase(words, words, 0.5, count=6)
        return replace(told(article_id, phrases=(phrase,), headline=words), language=language)

    vocabulary = Vocabulary(meanings=EMBEDDER.embed)
    english = [topical(i, "earthquake", "en") for i in (1, 2, 3)]
    others = [
        topical(i, words, code) for i, (words, code) in enumerate([("지진", "ko"), ("Erdbeben", "de")] * 3, 4)
    ]
    apart = [topical(i, "백신", "ko") for i in (20, 21, 22)]
    tags = vocabulary.tag([*english, *others, *apart])
    assert {tag.slug for i in range(1, 10) for tag in tags[i]} == {"earthquake"}
    assert {(tag.slug, tag.words) for tag in tags[4]} == {("earthquake", "지진")}
    assert {tag.slug for tag in tags[20]} == {"백신"}
    restored = Vocabulary(
        [KnownHashtag("earthquake", "Earthquake", frozenset({"earthquake"}), 9)], meanings=EMBEDDER.embed
    )
    later = restored.tag([topical(i, "지진", "ko") for i in (30, 31, 32)])
    assert {tag.slug for found in later.values() for tag in found} == {"earthquake"}


def test_the_names_of_one_entity_are_one_tag_and_stay_so() -> None:
    vocabulary = Vocabulary()
    batch = [told(i, "Cho Tae-yul") for i in (1, 2)] + [told(i, "조태열") for i in (3, 4)]
    mentions = {
        i: (EntityMention(7, "person", ("Cho Tae-yul" if i < 3 else "조태열",), ("조태열",), 3, True),)
        for i in range(1, 5)
    }
    tags = vocabulary.align(vocabulary.tag(batch), mentions, {7: "Cho Tae-yul"})
    assert {(tag.slug, tag.label) for found in tags.values() for tag in found} == {
        ("cho-tae-yul", "Cho Tae-yul")
    }
    assert slugs(vocabulary, told(5, "조태열")) == {5: {"cho-tae-yul"}}
