"""What changed between two versions of an article, how much it matters, and where."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.extract.revisions import change_of, diff, diff_paragraphs, diff_words, text_digest
from tidings.model import Extract, Revision

BEFORE = (
    "PORT ELIN (CW) — Eleven people died when fire broke out aboard the ferry Sankt Alma on Thursday, the coastguard said.",
    "The master, Jonas Hale, was overcome by smoke on the bridge wing. He is said to be recieving treatment in Gullside.",
    "The harbour remains closed until Friday morning.",
)


def extract(*paragraphs: str) -> Extract:
    return Extract(headline="Ferry fire", paragraphs=paragraphs, made_by="extract/1")


def revision(*paragraphs: str, number: int = 1) -> Revision:
    return Revision(
        article_id=1,
        revision=number,
        change="first",
        seen_at=datetime(2026, 3, 5, tzinfo=UTC),
        headline="Ferry fire",
        standfirst=None,
        paragraphs=paragraphs,
        text_digest=text_digest(extract(*paragraphs)),
    )


def edited(old: str, new: str) -> Extract:
    """The article with one wording changed, which must be there."""
    text = "\n".join(BEFORE)
    assert old in text
    return extract(*text.replace(old, new).split("\n"))


# ── whether ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("“Four minutes,” she said.",), ('"Four minutes," she said.',)),
        (("It’s over…",), ("It's over...",)),
        (("A  text\u00a0here",), ("A text here",)),
        (("Cafe\u0301",), ("Café",)),
        (("One. Two.",), ("One.", "Two.")),
        (("One – two",), ("One — two",)),
        (("Text.", "Updated 3 min ago"), ("Text.", "Updated 5 min ago")),
        (("Text.", "Last updated: 5 March 2026, 14:05"), ("Text.",)),
        (("3 hours ago", "Text."), ("4 hours ago", "Text.")),
        (("Text.", "128 comments"), ("Text.", "131 comments")),
        (("vor 5 Minuten", "Text."), ("vor 9 Minuten", "Text.")),
        (("입력 2026-03-05 14:05", "기사"), ("입력 2026-03-05 15:10", "기사")),
        (("soft\u00adhyphen",), ("softhyphen",)),
    ],
)
def test_what_is_no_change_leaves_the_digest(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert text_digest(extract(*one)) == text_digest(extract(*other))
    assert change_of(revision(*one), extract(*other)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Eleven died.",), ("Twelve died.",)),
        (("Updated figures for 2026 show 12 dead.",), ("Updated figures for 2026 show 13 dead.",)),
        (("A. B.",), ("B. A.",)),
        (("It rose 3 %.",), ("It rose 3.",)),
        (("Text.",), ("Text.", "He said it was updated 3 min ago by the ministry of transport in its own words, three times.")),
        ((), ("Text.",)),
    ],
)  # fmt: skip
def test_a_change_of_words_changes_the_digest(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert text_digest(extract(*one)) != text_digest(extract(*other))


def test_the_digest_is_of_the_body_alone() -> None:
    other = Extract(headline="Other", standfirst="s", paragraphs=BEFORE, made_by="extract/9", confidence=0.1)
    assert text_digest(other) == text_digest(extract(*BEFORE))
    assert len(text_digest(other)) == 32


# ── how much ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("recieving", "receiving"),
        ("bridge wing. He", "bridge wing; he"),
        ("the coastguard said", "the Coastguard said"),
        ("treatment in", "treatment at"),
        ("The harbour", "Harbour"),
        ("harbour remains", "harbour, remains"),
        ("overcome", "over come"),
        ("smoke", "somke"),
    ],
)
def test_a_corrected_slip_is_minor(old: str, new: str) -> None:
    assert change_of(revision(*BEFORE), edited(old, new)) == "minor"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Eleven", "Twelve"),
        ("Eleven", "11"),
        ("Jonas Hale", "Jonas Hall"),
        ("Jonas Hale", "Jona Hale"),
        ("Gullside", "Gulside"),
        ("Friday", "Monday"),
        ("remains closed", "remains open"),
        ("was overcome", "was not overcome"),
        ("is said", "was said"),
        ("closed until", "closed at least until"),
        (" on the bridge wing", ""),
        ("He is said to be recieving treatment in Gullside.", ""),
        ("The harbour remains closed until Friday morning.", "The harbour remains closed until Friday morning. Ships wait."),
        ("closed", "unclosed"),
    ],
)  # fmt: skip
def test_names_numbers_negations_and_sentences_are_substantive(old: str, new: str) -> None:
    assert change_of(revision(*BEFORE), edited(old, new)) == "substantive"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("It cost 40 million.", "It cost 40 billion."),
        ("It cost $40.", "It cost €40."),
        ("It rose 3 %.", "It rose 3."),
        ("It rose 3.5 points.", "It rose 35 points."),
        ("The claim was legal.", "The claim was illegal."),
        ("He did it now.", "He did it not."),
        ("사망자는 11명이다.", "사망자는 12명이다."),
        ("伤者五人。", "伤者六人。"),
        ("", "A whole text."),
    ],
)
def test_small_edits_that_change_the_sense_are_substantive(old: str, new: str) -> None:
    assert change_of(revision(old), extract(new)) == "substantive"


def test_an_added_correction_is_substantive() -> None:
    note = "Correction: an earlier version misspelt a name."
    assert change_of(revision(*BEFORE), extract(*BEFORE, note)) == "substantive"


def test_many_slips_at_once_are_substantive() -> None:
    old = " ".join(f"wrod{chr(97 + i)}bcdefg of the day" for i in range(20))
    assert change_of(revision(old), extract(old.replace("wrod", "word"))) == "substantive"


# ── where ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_readable_diff_leaves_unchanged_stretches_whole() -> None:
    new = (
        BEFORE[0].replace("Eleven people", "Twelve people"),
        "The owners have said nothing.",
        BEFORE[1],
        BEFORE[2].replace("until Friday morning", "until Saturday"),
    )
    assert diff(revision(*BEFORE), revision(*new, number=2)) == [
        (
            ("same", "PORT ELIN (CW) — "),
            ("removed", "Eleven"),
            ("added", "Twelve"),
            ("same", BEFORE[0].split("Eleven")[1]),
        ),
        (("added", "The owners have said nothing."),),
        (("same", BEFORE[1]),),
        (
            ("same", "The harbour remains closed until "),
            ("removed", "Friday morning"),
            ("added", "Saturday"),
            ("same", "."),
        ),
    ]


@pytest.mark.parametrize(
    ("old", "new", "woven"),
    [
        ("a b c", "a b c", (("same", "a b c"),)),
        ("", "new", (("added", "new"),)),
        ("old", "", (("removed", "old"),)),
        ("one two three", "one 2 3", (("same", "one "), ("removed", "two three"), ("added", "2 3"))),
        ("사망자는 11명", "사망자는 12명", (("same", "사망자는 "), ("removed", "11명"), ("added", "12명"))),
        ("伤者五人", "伤者六人", (("same", "伤者"), ("removed", "五"), ("added", "六"), ("same", "人"))),
        ("He said so.", "He said.", (("same", "He said"), ("removed", " so"), ("same", "."))),
    ],
)
def test_words_are_woven(old: str, new: str, woven: tuple[tuple[str, str], ...]) -> None:
    assert diff_words(old, new) == woven


TEXTS = st.lists(
    st.lists(st.sampled_from(["fire", "ferry", "the", "11", "Hale", "—", "quay", "死", "no"]), min_size=1, max_size=12).map(" ".join),
    max_size=8,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(TEXTS, TEXTS)
def test_a_diff_holds_both_versions_to_the_letter(old: list[str], new: list[str]) -> None:
    woven = diff_paragraphs(old, new)
    for wanted, ops in ((old, ("same", "removed")), (new, ("same", "added"))):
        kept = [
            "".join(text for op, text in runs if op in ops)
            for runs in woven
            if any(o in ops for o, _ in runs)
        ]
        assert kept == list(wanted)
    assert all(text for runs in woven for _, text in runs)
    assert all(one[0] != two[0] for runs in woven for one, two in itertools.pairwise(runs))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=5), st.lists(st.text(max_size=60), max_size=5))
def test_a_change_is_seen_exactly_when_the_digest_changes(old: list[str], new: list[str]) -> None:
    one, other = extract(*old), extract(*new)
    assert (change_of(revision(*old), other) is None) == (text_digest(one) == text_digest(other))


def test_two_large_different_texts_are_compared_within_seconds() -> None:
    old = [
        f"Paragraph {i} of the first text speaks of {i * 7} things and {i * 3} people." for i in range(3_000)
    ]
    new = [f"Line {i} in another text tells {i * 5} others about {i * 11} matters." for i in range(3_000)]
    long_old, long_new = " ".join(old), " ".join(new)
    started = time.process_time()
    diff_paragraphs(old, new)
    diff_words(long_old, long_new)
    change_of(revision(long_old), extract(long_new))
    diff_paragraphs(["x y"] * 3_000, ["y x"] * 3_000)
    diff_words("a b " * 900, "b a " * 900)
    assert time.process_time() - started < 15
