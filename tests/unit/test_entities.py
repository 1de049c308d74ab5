"""Names with their kinds and spellings, and how they are linked to entities."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.model import (
    Description,
    EntityMention,
    EntityPlan,
    KnownEntities,
    KnownEntity,
    Merge,
    Name,
    Placement,
    Plan,
)
from tidings.stories.entities import keys_of, link, sentences_naming
from tidings.stories.names import names_in
from tidings.stories.nations import code_of, nation_of
from tidings.stories.places import countries_named, geocode, place_in_dateline
from tidings.stories.readings import reading, skeleton, sound_alike

ZERO = np.zeros(8, dtype=np.float32)


def found(text: str, language: str = "en", headline: str = "", **given: str) -> dict[str, Name]:
    return {name.label: name for name in names_in(headline, text.split("\n"), language, **given)}


# ── kinds and spellings in one text ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("The minister, Ada Brandt, resigned. Brandt said nothing.", "Ada Brandt", "person"),
        ("Mira Tolle, 52, was elected on Sunday.", "Mira Tolle", "person"),
        ("A fire broke out in Skarholt on Monday.", "Skarholt", "place"),
        ("They met at the town of Hedmoor for talks.", "Hedmoor", "place"),
        ("A ship left for Port Elin at noon.", "Port Elin", "place"),
        (
            "Officials at the Northern Transport Ministry said so.",
            "Northern Transport Ministry",
            "organisation",
        ),
        ("He works for the University of Varga these days.", "University of Varga", "organisation"),
        ("The company Veldenlinie runs three ships.", "Veldenlinie", "organisation"),
        ("They boarded the MV Sankt Alma at dawn.", "MV Sankt Alma", "work"),
        ("She directed the film Lanterns Below in 2019.", "Lanterns Below", "work"),
        ("Talks in South Korea went on.", "South Korea", "place"),
        ("A summit of the European Union ended.", "European Union", "organisation"),
    ],
)
def test_the_words_around_a_name_and_its_own_tell_its_kind(text: str, label: str, kind: str) -> None:
    assert found(text)[label].kind == kind


def test_a_name_without_any_sign_has_no_kind() -> None:
    assert found("Some people like Quorvin and some do not.")["Quorvin"].kind is None


def test_korean_titles_and_endings_tell_kinds() -> None:
    text = (
        "윤서진 외교부 장관은 새움에서 말했다. 피터르 할바네 사무총장도 참석했다. 미란반도체는 공장을 열었다."
    )
    names = found(text, "ko")
    assert {label: names[label].kind for label in ("윤서진", "피터르 할바네", "미란반도체")} == {
        "윤서진": "person",
        "피터르 할바네": "person",
        "미란반도체": "organisation",
    }


def test_short_and_other_spellings_go_with_the_whole_name() -> None:
    names = found(
        "The Korean Central News Agency (KCNA) reported it. KCNA gave no details.\n"
        "Foreign Minister Cho Tae-yul (조태열) spoke first. Cho said little.\nCritics of Scientology and Tom Cruise met. "
        "Scientologist Tom Cruise stayed away."
    )
    assert names["Korean Central News Agency"].forms == ("KCNA",)
    assert set(names["Cho Tae-yul"].forms) == {"Cho", "조태열"}
    assert "KCNA" not in names
    assert names["Tom Cruise"].count >= 2


def test_a_gloss_in_another_script_joins_both_spellings() -> None:
    names = found("조태열(Cho Tae-yul) 장관은 말했다. 조태열 장관은 떠났다.", "ko")
    assert [
        set(name.forms) | {name.label} for name in names.values() if "조태열" in (name.label, *name.forms)
    ] == [{"조태열", "Cho Tae-yul"}]


@pytest.mark.parametrize("inside", ["'\"", "“ ”", '"\u2003"'])
def test_brackets_around_nothing_but_marks_explain_nothing(inside: str) -> None:
    assert list(found(f"The Harbour Board [{inside}] ({inside}) met.")) == ["Harbour Board"]


def test_an_acronym_is_not_joined_to_words_with_other_initials() -> None:
    names = found("The National Grain Board (KCNA) reported it.")
    assert names["National Grain Board"].forms == ()


@pytest.mark.parametrize("word", ["Ki-moon", "Jae-in", "Jong-un"])
def test_given_names_of_two_syllables_stay_whole(word: str) -> None:
    assert f"Kim {word}" in found(f"Officials met Kim {word} on Monday.")


def test_two_names_of_a_person_and_a_party_are_two() -> None:
    names = found("Voters chose Alvin Yeung of Civic Party and the University of Sheffield.")
    assert {"Alvin Yeung", "Civic Party", "University of Sheffield"} <= set(names)


def test_roles_are_read_beside_a_name() -> None:
    assert found("Jonas Hale, the winger who scored, left.")["Jonas Hale"].roles == ("winger",)
    assert found("Arvenia's defence minister, Jonas Hale, resigned.")["Jonas Hale"].roles == ("minister",)


def test_the_place_of_the_dateline_is_named() -> None:
    assert found("Nothing happened today.", dateline="PORT ELIN (CW)")["Port Elin"].kind == "place"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.text(max_size=200), st.sampled_from(["en", "de", "ko", "ja", None]))
def test_whatever_a_text_holds_every_spelling_is_verbatim_in_it(
    headline: str, text: str, language: str | None
) -> None:
    for name in names_in(headline, [text], language):
        for spelling in (name.label, *name.forms):
            assert spelling in headline or spelling in text


@pytest.mark.parametrize(
    "unit", ["(" * 40 + "A", "Aa Bb of the ", "A.B.C. ", "가나다 장관 ", "“Aa” (BB) ", "Aa, 12, "]
)
def test_hostile_repetition_is_read_in_linear_time(unit: str) -> None:
    def seconds(n: int) -> float:
        text = unit * (n // len(unit))
        began = time.thread_time()
        names_in("", [text], "ko" if "가" in unit else "en")
        return time.thread_time() - began

    seconds(2_000)  # words seen before are looked up faster
    assert min(seconds(40_000), seconds(40_000)) < 50 * max(0.005, seconds(4_000))


# ── sound ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("조태열", "Cho Tae-yul"),
        ("오스카르 린드크바네", "Oskar Lindqvane"),
        ("노르 할로런", "Noor Halloran"),
        ("비프케 토르나우", "Wiebke Tornau"),
        ("이재명", "Lee Jae-myung"),
        ("Владимир Путин", "Vladimir Putin"),
        ("Αλέξης Τσίπρας", "Alexis Tsipras"),
        ("도널드 트럼프", "Donald Trump"),
    ],
)
def test_one_name_in_two_scripts_sounds_alike(one: str, other: str) -> None:
    assert sound_alike(one, other)
    assert sound_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("한도윤", "Han Ji-woo"), ("정서린", "Yun Seo-jin"), ("강태문", "Mun Tae-kang"), ("Hale", "Hall")],
)
def test_other_names_do_not(one: str, other: str) -> None:
    assert not sound_alike(one, other)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_a_reading(text: str) -> None:
    assert reading(text).isascii()
    assert skeleton(text) == skeleton(text)


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_place_is_found_in_any_language_and_by_the_country_named() -> None:
    seoul = geocode("서울")
    assert seoul is not None
    assert (seoul.name, seoul.country) == ("Seoul", "KR")
    assert geocode("Paris").country == "FR"  # type: ignore[union-attr]
    assert geocode("Cambridge", countries=countries_named(["united states"])).country == "US"  # type: ignore[union-attr]
    assert geocode("Texas").sort == "region"  # type: ignore[union-attr]
    assert geocode("Germany").sort == "country"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "label", ["Springfield", "Cambridge", "Skarholt", "Port Elin", "바르가", "", "x" * 500]
)
def test_an_ambiguous_or_unknown_place_has_no_coordinates(label: str) -> None:
    assert geocode(label) is None


@pytest.mark.parametrize(
    ("dateline", "place"),
    [
        ("PORT ELIN (CW)", "Port Elin"),
        ("WASHINGTON, March 5 (Reuters)", "Washington"),
        ("(서울=연합뉴스)", "서울"),
        ("Berlin (dpa)", "Berlin"),
        ("(Reuters)", None),
    ],
)
def test_a_dateline_names_its_place(dateline: str, place: str | None) -> None:
    assert place_in_dateline(dateline) == place


def test_countries_are_known_in_more_languages_than_the_table_has() -> None:
    assert nation_of("Лесото") == nation_of("Lesotho") == "lesotho"
    assert nation_of("South Korea") == "south korea"
    assert (code_of("south korea"), code_of("nato")) == ("KR", None)


# ── linking ──────────────────────────────────────────────────────────────────────────────────────────────────────────

IDS = tuple(range(100, 160))


def person(label: str, **given: object) -> Name:
    return Name(label.casefold(), label, **{"kind": "person"} | given)  # type: ignore[arg-type]


def article(article_id: int, *names: Name, language: str = "en") -> Description:
    return Description(
        article_id=article_id, publisher_id=1, language=language, at=datetime(2026, 3, 1, tzinfo=UTC), dated=True, headline="",
        headline_vector=ZERO, body_vector=ZERO, words={}, headline_words={}, names=names, phrases=(), sketch=b"", word_count=0,
        agency=None, model="m", english_vector=ZERO, english_model="m", made_by="d",
    )  # fmt: skip


def linked(
    articles: Sequence[Description],
    stories: dict[int, int],
    *known: KnownEntity,
    merges: tuple[Merge, ...] = (),
) -> EntityPlan:
    plan = Plan(placements=tuple(Placement(a, s, 1.0) for a, s in stories.items()), merges=merges)
    return link(articles, plan, KnownEntities(known, IDS))


def ids(mentions: Sequence[EntityMention]) -> list[int]:
    return [mention.entity_id for mention in mentions]


def test_a_name_makes_an_entity_and_the_next_article_means_the_same() -> None:
    plan = linked([article(1, person("Ada Brandt")), article(2, person("Ada Brandt", count=3))], {1: 1, 2: 2})
    (new,) = plan.new
    assert (new.id, new.label, new.kind, dict(new.aliases)) == (
        100,
        "Ada Brandt",
        "person",
        {"ada brandt": "Ada Brandt"},
    )
    assert ids(plan.mentions[1]) == ids(plan.mentions[2]) == [100]


def test_the_same_values_give_the_same_plan() -> None:
    batch = [
        article(1, person("Ada Brandt"), Name("varga", "Varga", kind="place")),
        article(2, person("Brandt")),
    ]
    assert linked(batch, {1: 1, 2: 1}) == linked(batch, {1: 1, 2: 1})


def test_a_bare_surname_means_the_one_person_of_its_story() -> None:
    plan = linked(
        [article(1, person("Ada Brandt")), article(2, person("Brandt")), article(3, person("Brandt"))],
        {1: 1, 2: 1, 3: 3},
    )
    assert ids(plan.mentions[2]) == [100]
    assert plan.mentions[2][0].keys == ()  # a surname is no spelling that could mean her elsewhere
    assert plan.mentions[3] == ()


def test_a_surname_of_two_people_in_a_story_means_neither() -> None:
    plan = linked(
        [article(1, person("Ada Brandt"), person("Halvor Brandt")), article(2, person("Brandt"))],
        {1: 1, 2: 1},
    )
    assert plan.mentions[2] == ()


def test_stories_merged_by_the_plan_count_as_one() -> None:
    known = KnownEntity(7, "Ada Brandt", "person", frozenset({"ada brandt"}), story_ids=frozenset({5}))
    plan = linked([article(2, person("Brandt"))], {2: 1}, known, merges=(Merge(5, 1),))
    assert ids(plan.mentions[2]) == [7]


MINISTER = KnownEntity(
    7,
    "Jonas Hale",
    "person",
    frozenset({"jonas hale"}),
    company=frozenset({50}),
    roles=frozenset({"minister"}),
    story_ids=frozenset({1}),
)


def test_a_minister_and_a_winger_of_one_name_are_two_people() -> None:
    hale = person("Jonas Hale", roles=("winger",))
    club = Name("fc skarholt", "FC Skarholt", kind="organisation")
    plan = linked([article(1, hale, club), article(2, person("Jonas Hale"), club)], {1: 1, 2: 1}, MINISTER)
    assert [new.label for new in plan.new] == ["FC Skarholt", "Jonas Hale"]
    footballer = plan.new[1].id
    assert footballer in ids(plan.mentions[1])
    assert footballer in ids(plan.mentions[2])  # no role, but the company he keeps


def test_a_name_of_two_people_without_any_sign_means_neither() -> None:
    footballer = KnownEntity(
        8, "Jonas Hale", "person", frozenset({"jonas hale"}), roles=frozenset({"winger"})
    )
    minister = KnownEntity(
        7, "Jonas Hale", "person", frozenset({"jonas hale"}), roles=frozenset({"minister"})
    )
    assert linked([article(3, person("Jonas Hale"))], {3: 3}, minister, footballer).mentions[3] == ()


def test_shared_company_makes_one_person_of_two_walks_of_life() -> None:
    body = KnownEntity(50, "Harbour Party", "organisation", frozenset({"harbour party"}))
    hale = person("Jonas Hale", roles=("actor",))
    party = Name("harbour party", "Harbour Party", kind="organisation")
    assert 7 in ids(linked([article(9, hale, party)], {9: 9}, MINISTER, body).mentions[9])


def test_another_script_is_heard_within_a_story_only() -> None:
    yun = KnownEntity(7, "Yun Seo-jin", "person", frozenset({"yun seo-jin"}), story_ids=frozenset({1}))
    korean = Name("윤서진", "윤서진", kind="person")
    plan = linked([article(2, korean, language="ko")], {2: 1}, yun)
    assert ids(plan.mentions[2]) == [7]
    assert plan.aliases == {7: {"윤서진": "윤서진"}}
    assert ids(linked([article(2, korean, language="ko")], {2: 2}, yun).mentions[2]) == [100]


def test_a_spelling_that_was_taken_away_is_neither_linked_nor_learned() -> None:
    yun = KnownEntity(
        7,
        "Yun Seo-jin",
        "person",
        frozenset({"yun seo-jin"}),
        refused=frozenset({"윤서진"}),
        story_ids=frozenset({1}),
    )
    plan = linked([article(2, Name("윤서진", "윤서진", kind="person"))], {2: 1}, yun)
    assert ids(plan.mentions[2]) == [100]
    assert plan.aliases == {}


def test_a_spelling_that_the_operator_gave_goes_before_all_others() -> None:
    given = KnownEntity(
        7,
        "Veldenlinie",
        "organisation",
        frozenset({"veldenlinie", "brita norden"}),
        given=frozenset({"brita norden"}),
    )
    ship = KnownEntity(8, "Brita Norden", "work", frozenset({"brita norden"}), story_ids=frozenset({1}))
    assert ids(
        linked([article(1, Name("brita norden", "Brita Norden", kind="work"))], {1: 1}, given, ship).mentions[
            1
        ]
    ) == [7]


@pytest.mark.parametrize("label", ["Foreign Ministry", "Supreme Court", "State Department"])
def test_a_body_that_every_country_has_is_nobody_by_itself(label: str) -> None:
    assert (
        linked([article(1, Name(label.casefold(), label, kind="organisation", count=5))], {1: 1}).mentions[1]
        == ()
    )


def test_a_ship_is_one_with_and_without_its_prefix() -> None:
    plan = linked(
        [
            article(1, Name("mv sankt alma", "MV Sankt Alma", kind="work")),
            article(2, Name("sankt alma", "Sankt Alma", kind="place")),
        ],
        {1: 1, 2: 2},
    )
    assert ids(plan.mentions[1]) == ids(plan.mentions[2])


def test_the_adjective_of_a_place_is_no_place() -> None:
    plan = linked(
        [article(1, Name("arvenia", "Arvenia", kind="place"), Name("arvenian", "Arvenian", kind="place"))],
        {1: 1},
    )
    assert [new.label for new in plan.new] == ["Arvenia"]


def test_two_places_of_one_name_are_told_apart_by_the_country() -> None:
    british = KnownEntity(
        7, "Cambridge", "place", frozenset({"cambridge"}), place=geocode("Cambridge", home="GB")
    )
    assert british.place is not None
    american = article(
        1, Name("cambridge", "Cambridge", kind="place"), Name("united states", "US", kind="place")
    )
    plan = linked([american], {1: 1}, british)
    assert {new.label: new.place.country for new in plan.new if new.place} == {
        "Cambridge": "US",
        "United States": "US",
    }


def test_no_more_entities_are_made_than_there_are_ids() -> None:
    batch = [
        article(1, *(person(f"Ada Brandt{chr(97 + i // 26)}{chr(97 + i % 26)}") for i in range(len(IDS) + 5)))
    ]
    assert len(linked(batch, {1: 1}).new) == len(IDS)


def test_the_keys_asked_for_are_those_of_spellings_that_stand_alone() -> None:
    name = person("Cho Tae-yul", forms=("Cho", "조태열"))
    assert keys_of([article(1, name)]) == {"cho tae-yul", "조태열"}


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sentences_are_verbatim_with_where_the_name_stands() -> None:
    text = ["— Ada Brandt left. Nobody came. The Brandts did not know Brandt."]
    rows = sentences_naming(text, ("Ada Brandt", "Brandt"), "en")
    assert [s for s, _ in rows] == ["Ada Brandt left.", "The Brandts did not know Brandt."]
    assert [[s[a:b] for a, b in spans] for s, spans in rows] == [["Ada Brandt"], ["Brandt"]]
    assert sentences_naming(text, (), "en") == ()
