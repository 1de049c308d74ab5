"""Summaries and key points: the sentences chosen, verbatim and cited."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.ai.sentences import opens_in_the_middle, sentences_of, showable
from tidings.ai.summarise import key_points, summary
from tidings.model import Citation, Claim, Facts, Source
from tidings.stories.quotes import quotes_in

AT = datetime(2026, 5, 6, 8, tzinfo=UTC)

FIRE = (
    "A fire on the ferry Marlin killed two sailors off Port Ellery on Tuesday, the coast guard said.",
    "The ferry Marlin was carrying 140 passengers when the fire broke out in its engine room.",
    "Was the ferry safe?",
    "He had worked there for years.",
    "Read more: our guide to ferries",
    "Passengers were taken to Port Ellery by fishing boats, and 11 of them needed treatment for smoke.",
)


def source(number: int, *paragraphs: str, **fields: object) -> Source:
    made = Source(
        article_id=number,
        revision=1,
        text_digest=bytes([number]),
        publisher=f"Publisher {number}",
        at=AT,
        language="en",
        headline="",
        paragraphs=paragraphs,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def with_quotes(made: Source) -> Source:
    quotes = quotes_in(made.paragraphs, made.language)
    return replace(made, facts=Facts(made.article_id, made.text_digest, quotes, (), (), None, "facts/1"))


def claim(of: Source, paragraph: int, words: str) -> Claim:
    start = of.paragraphs[paragraph].index(words)
    cited = Citation(of.article_id, 1, of.text_digest, paragraph, start, start + len(words), words)
    return Claim(words, (cited,), of.language)


def texts(claims: tuple[Claim, ...]) -> list[str]:
    return [one.text for one in claims]


# ── one article ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_line_is_the_sentence_that_holds_most_of_an_article() -> None:
    article = source(1, *FIRE, headline="Ferry fire kills two off Port Ellery")
    assert summary((article,), words=25) == (claim(article, 0, FIRE[0]),)


def test_a_longer_summary_keeps_the_order_of_the_text_and_leaves_out_what_says_nothing() -> None:
    article = source(1, *FIRE, headline="Ferry fire kills two off Port Ellery")
    assert summary((article,), words=60) == tuple(claim(article, i, FIRE[i]) for i in (0, 1, 5))


def test_a_summary_is_of_the_opening_of_an_article_whatever_stands_at_its_end() -> None:
    filler = [
        "Divers from three towns are waiting for calmer weather before going down.",
        "Bakers along Market Street opened early and handed out bread to relatives.",
        "A school choir cancelled its concert because half its singers live near the quay.",
        "Insurers declined to name any sum while surveyors keep reading old manuals.",
        "Fishermen complain that nets were cut when tugs crossed shallow water at night.",
        "Hotels report guests leaving without breakfast, keys still lying on counters.",
    ]
    end = "Ferry fire kills two off Port Ellery was the headline of the Pier that week."
    article = source(1, *filler, end, headline="Ferry fire kills two off Port Ellery")
    assert set(texts(summary((article,), words=12))) < set(filler)  # 48 words are its opening
    assert end in texts(summary((article,), words=30))  # 120 words: all of it


def test_a_dateline_is_no_part_of_the_sentence() -> None:
    lead = "PORT ELLERY, May 5 (Seawire) — A storm closed the harbour of Port Ellery for two days."
    article = source(1, lead)
    assert summary((article,), words=25) == (
        claim(article, 0, "A storm closed the harbour of Port Ellery for two days."),
    )


@pytest.mark.parametrize("lead", ["NATO – which met in Port Ellery – said it would send four ships.",
                                  "Hale, the mayor – a former sailor – said the harbour would open again."])  # fmt: skip
def test_what_only_looks_like_a_dateline_stays(lead: str) -> None:
    assert texts(summary((source(1, lead),), words=25)) == [lead]


def test_he_is_shown_only_behind_the_sentence_that_names_him() -> None:
    lead = "Mayor Ada Hale opened the harbour tunnel of Port Ellery on Monday."
    then = "She said it cost 90 million crowns and would carry 4,000 lorries a day."
    last = "Lorries may use the tunnel from Friday."
    headline = "Hale opens 90 million crowns tunnel for 4,000 lorries"
    assert texts(summary((source(1, f"{lead} {then}", headline=headline),), words=30)) == [lead, then]
    assert texts(summary((source(1, f"{then} {last}", headline=headline),), words=30)) == [last]


def test_a_quotation_whose_speaker_is_elsewhere_is_not_shown() -> None:
    named = "“The tunnel will be safe for a hundred years,” said Ada Hale."
    unnamed = "“Nobody in this town will ever drown in that tunnel again, I promise.”"
    article = with_quotes(source(1, f"{named} {unnamed}"))
    assert texts(summary((article,), words=60)) == [named]


def test_where_nothing_is_fit_to_be_shown_the_first_sentence_stands_in() -> None:
    assert texts(summary((source(1, "But the harbour of Port Ellery stays closed"),), words=25)) == [
        "But the harbour of Port Ellery stays closed"
    ]
    assert summary((source(1, "Read more: our guide to ferries"),), words=25) == ()
    assert summary((source(1),), words=25) == ()
    assert summary((), words=25) == ()


def test_key_points_are_at_most_so_many_in_the_order_of_the_text_and_none_twice() -> None:
    twice = source(1, *FIRE, FIRE[0], headline="Ferry fire kills two off Port Ellery")
    assert key_points(twice) == tuple(claim(twice, i, FIRE[i]) for i in (0, 1, 5))
    assert key_points(twice, most=1) == (claim(twice, 0, FIRE[0]),)


# ── a story ──────────────────────────────────────────────────────────────────────────────────────────────────────────

MAIN = "The council of Port Ellery voted on Monday to build the harbour tunnel for 90 million crowns."
SAME = "Port Ellery will build a harbour tunnel for 90 million crowns, its council decided on Monday."
ASIDE = "A brass band from the hills played on the steps of the town hall before the session began."


def test_what_independent_reports_share_comes_before_what_copies_repeat() -> None:
    reports = [
        source(1, ASIDE, MAIN),
        source(2, SAME),
        source(3, ASIDE, original_id=1),
        source(4, ASIDE, original_id=1),
    ]
    assert texts(summary(reports, words=20)) == [SAME]


def test_publishers_of_one_voice_are_one_report_told_by_its_newest_original() -> None:
    later = AT + timedelta(hours=1)
    reports = [source(1, MAIN, voice="Seawire"), source(2, MAIN, voice="Seawire", original_id=1, at=later)]
    assert summary(reports, words=20) == (claim(reports[0], 0, MAIN),)


def test_nothing_is_said_twice() -> None:
    assert len(summary([source(1, MAIN), source(2, SAME), source(3, MAIN)], words=60)) == 1


def test_where_the_story_moved_its_newest_facts_come_first() -> None:
    old = "The ferry Marlin caught fire off Port Ellery with 140 passengers, the coast guard said."
    new = "Divers found the bodies of two sailors in the engine room of the ferry Marlin."
    reports = [source(1, old), source(2, new, at=AT + timedelta(days=2))]
    assert texts(summary(reports, words=60)) == [new, old]
    assert texts(summary([reports[0], replace(reports[1], at=AT)], words=60)) == [old, new]


def test_what_stands_deep_in_the_newest_report_does_not_open_the_brief() -> None:
    old = "The ferry Marlin caught fire off Port Ellery with 140 passengers, the coast guard said."
    deep = "Insurers of the ferry Marlin meet in Varga on Friday to talk about the engine."
    chat = ["Who in the harbour could sleep?", "Were the gulls ever louder?"]
    reports = [source(1, old), source(2, *chat, deep, at=AT + timedelta(days=2))]
    told = texts(summary(reports, words=40))
    assert told[:1] == [old]
    assert deep in told


def test_a_story_is_told_in_the_language_of_most_reports() -> None:
    german = "Der Rat von Port Ellery beschloss am Montag den Bau des Hafentunnels für 90 Millionen Kronen."
    reports = [
        source(1, MAIN),
        source(2, german, language="de"),
        source(3, german.replace("beschloss", "genehmigte"), language="de"),
    ]
    assert {one.language for one in summary(reports, words=40)} == {"de"}


# ── sentences ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "language", "leans"),
    [
        ("However, the harbour stayed closed.", "en", True),
        ("As a result, the harbour stayed closed.", "en", True),
        ("Items left on board were burnt.", "en", False),
        ("Trotzdem blieb der Hafen geschlossen.", "de", True),
        ("Das Ministerium schloss den Hafen.", "de", False),
        ("Elle a fermé le port.", "fr", True),
        ("Nos Estados Unidos, o porto fechou.", "pt", False),
        ("하지만 항구는 닫혀 있었다.", "ko", True),
        ("항구는 닫혀 있었다.", "ko", False),
        ("しかし港は閉鎖されたままだった。", "ja", True),
        ("他说港口仍然关闭。", "zh", True),
        ("港口仍然关闭。", "zh", False),
        ("Höfnin er enn lokuð.", "is", False),
    ],
)
def test_what_leans_on_the_sentence_before(text: str, language: str, leans: bool) -> None:
    assert opens_in_the_middle(text, language) is leans


def test_korean_and_chinese_are_summed_up_by_their_own_rules() -> None:
    korean = "포트엘러리 항구 앞바다에서 여객선 말린호에 불이 나 선원 두 명이 숨졌다고 해경이 밝혔다."
    assert texts(summary((source(1, korean, language="ko"),), words=25)) == [korean]
    chinese = "埃勒里港议会周一投票决定修建海底隧道。"
    assert texts(summary((source(1, chinese, language="zh"),), words=25)) == [chinese]


@pytest.mark.parametrize(
    "text",
    [
        "This story has been updated with the mayor's reply.",
        "Sign up for our newsletter here and never miss a ferry.",
        "Reporting by Ana Crane; editing by Joe Tern.",
        "See https://harbour.example/ferries for the whole list of ships.",
        "Will the council of Port Ellery ever build it?",
        "“And that was the end of the ferry for all of us.",
        "Ferry fire off Port Ellery kills two",
    ],
)
def test_what_is_no_statement_is_never_shown(text: str) -> None:
    assert showable(sentences_of(source(1, text), characters=1_000)) == []


# ── odd texts ────────────────────────────────────────────────────────────────────────────────────────────────────────

PIECES = st.sampled_from(['"', "“", "”", "„", "(", ")", ".", "?", " — ", "\n", " ", "He said", "Ferry", "항구", "港。", "\u200f", "\x00", "1,5"])  # fmt: skip
ODD = st.lists(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=60), max_size=6)


@settings(max_examples=60, deadline=None)
@given(ODD, ODD, st.sampled_from(["en", "de", "ko", "zh", "th", "xx", None]), st.integers(-5, 80))
def test_every_claim_of_any_text_is_verbatim(
    first: list[str], second: list[str], language: str | None, words: int
) -> None:
    read = [source(1, *first, language=language), source(2, *second, language=language)]
    for one in (*summary(read, words=words), *key_points(read[0])):
        (cited,) = one.citations
        assert (
            one.text
            == cited.words
            == read[cited.article_id - 1].text(cited.paragraph)[cited.start : cited.end]
        )


@pytest.mark.parametrize("piece", ["(", "“", "A. ", "He said, ", "– ", "Port Ellery ", "港"])
def test_a_hostile_text_takes_no_longer_than_any_other(piece: str) -> None:
    hostile = source(1, *[piece * (40_000 // len(piece))] * 5)
    started = time.process_time()
    summary((hostile,), words=60)
    assert time.process_time() - started < 4
