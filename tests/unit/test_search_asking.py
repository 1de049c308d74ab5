"""How a query is read: dates in words, filters by name, names in any spelling, acronyms."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.model import Period, Publisher, SearchQuery, Understood
from tidings.store.acronyms import acronyms_in
from tidings.store.asking import Asked, read
from tidings.store.periods import period_in
from tidings.store.spelling import distance_within, spelling_key
from tidings.store.wording import wording_of

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)  # a Thursday
PUBLISHERS = [
    Publisher(1, "Kurier am Hafen", "https://kurier.example/"),
    Publisher(2, "The Ledger", "https://ledger.example/news"),
    Publisher(3, "Kurier", None),
]


def days(text: str) -> tuple[str, str, str] | None:
    """First day, the day after the last, and what is left, as they are read."""
    found = period_in(text, NOW)
    if found is None:
        return None
    period, _, left = found
    since, until = (f"{at:%Y-%m-%d}" if at else "" for at in (period.since, period.until))
    return since, until, left


@pytest.mark.parametrize(
    ("text", "since", "until", "left"),
    [
        ("strike march 2024", "2024-03-01", "2024-04-01", "strike"),
        ("March 2024 strike", "2024-03-01", "2024-04-01", "strike"),
        ("strike in Sept. 2024", "2024-09-01", "2024-10-01", "strike"),
        ("strike 5 March 2024", "2024-03-05", "2024-03-06", "strike"),
        ("strike on March 5th, 2024", "2024-03-05", "2024-03-06", "strike"),
        ("strike 2024-03-05", "2024-03-05", "2024-03-06", "strike"),
        ("strike 2024-03", "2024-03-01", "2024-04-01", "strike"),
        ("elections in 2019", "2019-01-01", "2020-01-01", "elections"),
        ("covid before 2020", "", "2020-01-01", "covid"),
        ("covid until June 2021", "", "2021-07-01", "covid"),
        ("flood since monday", "2026-11-23", "", "flood"),
        ("flood after monday", "2026-11-24", "", "flood"),
        ("flood on thursday", "2026-11-26", "2026-11-27", "flood"),
        ("flood yesterday", "2026-11-25", "2026-11-26", "flood"),
        ("today", "2026-11-26", "2026-11-27", ""),
        ("flood this week", "2026-11-23", "2026-11-30", "flood"),
        ("flood last week", "2026-11-16", "2026-11-23", "flood"),
        ("flood last month", "2026-10-01", "2026-11-01", "flood"),
        ("flood last year", "2025-01-01", "2026-01-01", "flood"),
        ("flood 3 days ago", "2026-11-23", "2026-11-24", "flood"),
        ("flood last 10 days", "2026-11-16", "2026-11-27", "flood"),
        ("strike from march to may 2024", "2024-03-01", "2024-06-01", "strike"),
        ("strike between monday and wednesday", "2026-11-23", "2026-11-26", "strike"),
        ("2024-03-01 – 2024-03-05", "2024-03-01", "2024-03-06", ""),
        ("strike in december", "2025-12-01", "2026-01-01", "strike"),
        ("strike 20 december", "2025-12-20", "2025-12-21", "strike"),
        ("Wahl im März 2024", "2024-03-01", "2024-04-01", "Wahl"),
        ("Streik seit dem 5. März 2024", "2024-03-05", "", "Streik"),
        ("Streik letzte Woche", "2026-11-16", "2026-11-23", "Streik"),
        ("Streik vor 3 Tagen", "2026-11-23", "2026-11-24", "Streik"),
        ("grève en août 2024", "2024-08-01", "2024-09-01", "grève"),
        ("grève la semaine dernière", "2026-11-16", "2026-11-23", "grève"),
        ("grève il y a deux semaines", "2026-11-12", "2026-11-13", "grève"),
        ("huelga en marzo de 2024", "2024-03-01", "2024-04-01", "huelga"),
        ("huelga desde el lunes", "2026-11-23", "", "huelga"),
        ("huelga el mes pasado", "2026-10-01", "2026-11-01", "huelga"),
        ("2024년 3월 지진", "2024-03-01", "2024-04-01", "지진"),
        ("3월 5일 지진", "2026-03-05", "2026-03-06", "지진"),
        ("지난주 지진", "2026-11-16", "2026-11-23", "지진"),
        ("2019년 이후 무역", "2019-01-01", "", "무역"),
        ("2024년 3월부터 2024년 5월까지 지진", "2024-03-01", "2024-06-01", "지진"),
        ("선거 2024年3月5日", "2024-03-05", "2024-03-06", "선거"),
    ],
)  # fmt: skip
def test_dates_in_words_are_understood(text: str, since: str, until: str, left: str) -> None:
    assert days(text) == (since, until, left)


@pytest.mark.parametrize(
    "text",
    [
        "may the force", "march on washington", "strike may 20 people", "apple 2024 results", "USA Today report",
        '"march 2024" film', "2024-13-45", "paid 2,500 people", "elections in 2199", "hier", "friday night lights",
        "the second half", "9 to 5", "",
    ],
)  # fmt: skip
def test_words_that_only_look_like_dates_are_words(text: str) -> None:
    assert days(text) is None


def test_the_longest_stretch_is_named_as_it_is_said() -> None:
    assert period_in("strike  in March of 2024 downtown", NOW) == (
        Period(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC)),
        "in March of 2024",
        "strike downtown",
    )


@settings(deadline=None)  # the first one compiles the expressions
@given(
    st.lists(
        st.sampled_from(
            "since from in march may 5 31 2024 2024-02-30 monday letzte woche 3 days ago 2024년 3월 31일 – to a".split()  # noqa: SIM905
        )
        | st.text(max_size=8),
        max_size=12,
    )
)
def test_any_text_is_read_and_a_stretch_has_a_beginning_before_its_end(parts: list[str]) -> None:
    found = period_in(" ".join(parts), NOW)
    if found:
        period, said, _ = found
        assert said
        assert period.since or period.until
        assert not (period.since and period.until) or period.since < period.until
        assert all(at is None or at.date() <= date(NOW.year + 2, 1, 1) for at in (period.since, period.until))


# ── reading a query ──────────────────────────────────────────────────────────────────────────────────────────────────


def asked(text: str, **given: object) -> Asked:
    return read(SearchQuery(text, **given), now=NOW, publishers=lambda: PUBLISHERS)  # type: ignore[arg-type]


def test_a_date_narrows_and_may_be_taken_back() -> None:
    found = asked("strike march 2024 -port")
    march = Period(datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 1, tzinfo=UTC))
    assert (found.query.since, found.query.until) == (march.since, march.until)
    assert found.wording == wording_of("strike -port")
    assert found.understood == (Understood("period", "march 2024", march, "strike -port"),)
    again = found.of_all_times()
    assert (again.query.since, again.query.until) == (None, None)
    assert again.wording.plain == "strike march 2024"
    assert [u.holds for u in again.understood] == [False]
    assert asked("strike").of_all_times() == asked("strike")


def test_in_a_question_a_date_is_a_wish() -> None:
    found = asked("Who won the election on Monday?")
    assert found.query.since is None
    assert found.wish == Period(datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))
    assert found.wording.plain == "Who won the election on Monday?"


def test_what_the_form_states_goes_before_what_the_words_say() -> None:
    found = asked("strike in 2019", since=NOW)
    assert (found.query.since, found.query.until, found.understood) == (NOW, None, ())
    assert found.wording.plain == "strike in 2019"


@pytest.mark.parametrize(
    ("text", "publisher_id"),
    [
        ("publisher:ledger", 2),  # a word of its name is enough
        ('tunnel publisher:"the ledger"', 2),
        ("tunnel publisher:kurier", 3),
        ('tunnel publisher:"kurier am"', 1),
        ("tunnel site:ledger.example", 2),
        ("tunnel Publisher:Hafen", 1),
        ('"tunnel publisher:kurier"', None),
    ],
)
def test_a_publisher_is_named_by_its_name_or_site(text: str, publisher_id: int | None) -> None:
    assert asked(text).query.publisher_id == publisher_id


def test_filters_stand_among_the_words_and_go_one_by_one() -> None:
    found = asked("tunnel #HarbourTunnel lang:DE publisher:nobody")
    assert (found.query.hashtag, found.query.language, found.query.publisher_id) == (
        "harbourtunnel",
        "de",
        None,
    )
    assert found.wording.plain == "tunnel"
    assert [(u.kind, u.value, u.instead) for u in found.understood if u.holds] == [
        ("hashtag", "harbourtunnel", "tunnel lang:DE publisher:nobody"),
        ("language", "de", "tunnel #HarbourTunnel publisher:nobody"),
    ]
    assert [(u.kind, u.value) for u in found.understood if not u.holds] == [("publisher", "nobody")]
    assert asked("C# is #1").query.hashtag == "1"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_query_is_read(text: str) -> None:
    found = asked(text)
    assert all(u.said in " ".join(text.split()) or u.kind == "period" for u in found.understood)


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "names",
    [
        "Zelensky Zelenskyy Zelenskiy Zelenskij Selenskyj Зеленский Зеленський",
        "Gaddafi Qaddafi Kadhafi Gadhafi Khadafi Gadafi Qadhafi Каддафи",
        "Müller Mueller Muller MÜLLER",
        "Mohammed Muhammad Mohamed Mohammad Muhammed",
        "Hussein Husain Hossein Hussain Husayn",
        "Netanyahu Netanjahu Netanyahou",
        "Yeltsin Jelzin Eltsine Ельцин",
        "Tchaikovsky Chaikovsky Tschaikowski Чайковский",
        "Wałęsa Walesa",
        "Søren Soren",
        "Tsipras Τσίπρας",
        "Schäuble Schaeuble",
    ],
)
def test_the_ways_to_write_a_name_have_one_key(names: str) -> None:
    assert len({spelling_key(name) for name in names.split()}) == 1


def test_other_names_have_other_keys_and_short_words_none() -> None:
    different = (
        "Zelensky Gaddafi Müller Miller Mohammed Hussein Netanyahu Yeltsin Putin Biden Merkel Macron Walesa"
    )
    keys = [spelling_key(name) for name in different.split()]
    assert len(set(keys)) == len(keys)
    assert [spelling_key(word) for word in ("Xi", "Yun", "한국", "東京", "", "2024", "b2b")] == [""] * 7


@given(st.text(max_size=40))
def test_any_word_has_a_key_or_none(word: str) -> None:
    key = spelling_key(word)
    assert key == "" or (key.isascii() and key.isalpha() and len(key) >= 4)


def test_slips_are_counted() -> None:
    assert distance_within("tunnel", "tunnel", 2) == 0
    assert distance_within("tunel", "tunnel", 1) == 1
    assert distance_within("tunenl", "tunnel", 1) == 1
    assert distance_within("tnuenl", "tunnel", 1) is None
    assert distance_within("tnuenl", "tunnel", 2) == 2
    assert distance_within("tunnel", "funnels", 2) == 2
    assert distance_within("ab", "tunnel", 2) is None


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
def test_slips_are_the_same_from_both_sides(one: str, other: str, most: int) -> None:
    slips = distance_within(one, other, most)
    assert slips == distance_within(other, one, most)
    assert (slips == 0) == (one == other)


def test_acronyms_are_learned_where_a_text_explains_them() -> None:
    text = (
        "The European Union (EU) and the World Health Organization (WHO) met. Centre for Disease Control (C.D.C.) too; "
        "a Democrat (D), the court (ABC), Kim (it), the Ministry of Defence (MOD)."
    )
    assert list(acronyms_in(text)) == [
        ("eu", "european union"),
        ("who", "world health organization"),
        ("cdc", "centre for disease control"),
        ("mod", "ministry of defence"),
    ]


@given(st.text(alphabet='aA BbofC.()"', max_size=80))
def test_any_text_may_explain_acronyms(text: str) -> None:
    for short, long in acronyms_in(text):
        assert len(short) >= 2
        assert " " in long
