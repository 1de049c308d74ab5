"""Timelines: which days, and in which sentences."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.ai.timeline import Dated, timeline
from tidings.model import Citation, Claim, Facts, Source
from tidings.stories.quotes import quotes_in
from tidings.stories.times import event_of, times_in


def source(number: int, printed: date, *paragraphs: str, language: str = "en", **fields: object) -> Source:
    times = times_in(paragraphs, language, today=printed)
    event = event_of(times, paragraphs, language, today=printed)
    quotes = quotes_in(paragraphs, language)
    made = Source(
        article_id=number,
        revision=1,
        text_digest=bytes([number]),
        publisher=f"Publisher {number}",
        at=datetime(printed.year, printed.month, printed.day, 9, tzinfo=UTC),
        language=language,
        headline="",
        paragraphs=paragraphs,
        facts=Facts(number, bytes([number]), quotes, (), times, event, "facts/1"),
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def dated(day: date, of: Source, paragraph: int) -> Dated:
    words = of.paragraphs[paragraph]
    cited = Citation(of.article_id, 1, of.text_digest, paragraph, 0, len(words), words)
    return Dated(day, "day", (Claim(words, (cited,), of.language),))


FIRE, SALVAGE, TRIAL = date(2026, 5, 5), date(2026, 5, 9), date(2026, 6, 1)
BROKE_OUT = source(
    1, date(2026, 5, 6), "A fire killed two sailors on the ferry Marlin off Port Ellery on Tuesday."
)
RAISED = source(
    2,
    date(2026, 5, 11),
    "Divers raised the burnt ferry Marlin from the sea bed off Port Ellery on May 9.",
    "The fire on the ferry broke out on May 5 in its engine room.",
)
TRIED = source(
    3,
    date(2026, 6, 2),
    "The captain of the ferry Marlin went on trial in Port Ellery on Monday.",
    "The fire of May 5 killed two of his sailors in the engine room.",
)
REPORTS = (BROKE_OUT, RAISED, TRIED)


def test_a_day_is_that_of_the_event_and_never_that_of_printing() -> None:
    assert [one.day for one in timeline(REPORTS)] == [FIRE, SALVAGE, TRIAL]


def test_the_day_that_later_reports_still_name_comes_first_when_only_one_is_asked_for() -> None:
    assert [one.day for one in timeline(REPORTS, dates=1)] == [FIRE]


def test_what_was_said_is_shown_only_where_nothing_else_is_told_of_a_day() -> None:
    said = "“The ferry Marlin burnt like paper off Port Ellery on May 5,” said Captain Ida Morrow."
    both = source(4, date(2026, 5, 6), said, "A fire killed two sailors on the ferry on May 5.")
    alone = source(5, date(2026, 5, 6), said)
    assert timeline([both], dates=1) == (dated(FIRE, both, 1),)
    assert timeline([alone], dates=1) == (dated(FIRE, alone, 0),)


def test_each_day_is_told_by_the_sentence_that_holds_most_of_what_its_reports_share() -> None:
    assert timeline(REPORTS, dates=3) == (
        dated(FIRE, BROKE_OUT, 0),
        dated(SALVAGE, RAISED, 0),
        dated(TRIAL, TRIED, 0),
    )


def test_a_window_leaves_out_what_happened_before_and_after() -> None:
    window = (date(2026, 5, 6), date(2026, 5, 31))
    assert timeline(REPORTS, window=window) == (dated(SALVAGE, RAISED, 0),)


def test_more_sentences_a_day_are_told_in_the_order_of_their_reports() -> None:
    (first,) = timeline(REPORTS, dates=1, sentences=3)
    assert [claim.citations[0].article_id for claim in first.claims] == [1, 2]  # the third repeats the first


def test_a_copy_says_nothing_more_than_its_original() -> None:
    copies = [replace(RAISED, article_id=number, original_id=2) for number in range(10, 20)]
    assert timeline((*REPORTS, *copies)) == timeline(REPORTS)


def test_all_reports_of_one_publisher_are_told_but_are_one_voice() -> None:
    reports = tuple(replace(one, voice="Harbour Courier") for one in REPORTS)
    assert timeline(reports, dates=3) == timeline(REPORTS, dates=3)


def test_the_day_of_printing_is_told_only_where_it_is_asked_for() -> None:
    undated = source(1, date(2026, 5, 5), "A fire killed two sailors on the ferry Marlin off Port Ellery.")
    assert timeline((undated,), dates=1) == ()
    told = timeline((undated,), dates=1, by_printing=True)
    assert told == (dated(date(2026, 5, 5), undated, 0),)


def test_a_sentence_that_leans_on_another_is_not_shown() -> None:
    leaning = source(1, date(2026, 5, 6), "But he left the ferry Marlin for the last time on Tuesday.")
    assert timeline((leaning,)) == ()


def test_a_korean_story_is_told_by_its_days() -> None:
    korean = source(
        1,
        date(2026, 5, 6),
        "포트엘러리 앞바다에서 여객선 말린호에 지난 5일 불이 나 선원 두 명이 숨졌다.",
        language="ko",
    )
    assert timeline((korean,), dates=1) == (dated(FIRE, korean, 0),)


def test_nothing_told_is_no_timeline() -> None:
    assert timeline(()) == ()
    assert timeline((source(1, FIRE),)) == ()


ODD = st.lists(
    st.lists(st.sampled_from(["On May 5 ", "yesterday", "1/1/0001", ". ", "“", "Ferry ", "9999-12-31 ", "\n"]), max_size=20).map("".join)
    | st.text(max_size=40),
    max_size=5,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(ODD, ODD, st.integers(1, 4), st.sampled_from([date(1, 1, 1), date(2026, 5, 6), date(9999, 12, 31)]))
def test_every_claim_of_any_text_is_verbatim_and_in_the_window(
    first: list[str], second: list[str], sentences: int, printed: date
) -> None:
    read = [source(1, printed, *first), source(2, date(2026, 5, 7), *second)]
    for one in timeline(read, sentences=sentences, window=(date(2026, 1, 1), date(2026, 12, 31))):
        assert one.day.year == 2026
        assert len(one.claims) <= sentences
        for claim in one.claims:
            (cited,) = claim.citations
            text = read[cited.article_id - 1].text(cited.paragraph)
            assert claim.text == cited.words == text[cited.start : cited.end]
