"""ROUGE as the evals count it, against examples worked by hand."""

from datetime import date

import pytest

from evals.articles import article_of
from evals.rouge import rouge_l, rouge_n, rouge_tokens
from evals.summaries import RoundedUp, textrank
from evals.timeline_rouge import aligned_rouge, date_f1
from evals.timelines import reference_of, written
from tidings.app import source_of

SHOWN = rouge_tokens("The ferry burned off Port Ellery.")
WANTED = rouge_tokens("The old ferry sank off Port Ellery, burned.")


def test_rouge_counts_what_two_texts_have_in_common() -> None:
    assert rouge_n(SHOWN, WANTED, 1) == pytest.approx(2 * 6 / (6 + 8))  # the ferry burned off port ellery
    assert rouge_n(SHOWN, WANTED, 2) == pytest.approx(2 * 2 / (5 + 7))  # off port, port ellery
    assert rouge_l(SHOWN, WANTED) == pytest.approx(2 * 5 / (6 + 8))  # the ferry off port ellery


def test_a_word_counts_as_often_as_both_have_it() -> None:
    assert rouge_n(["a", "a", "a"], ["a", "a", "b"], 1) == pytest.approx(2 / 3)


def test_nothing_shown_scores_nothing() -> None:
    assert (rouge_n([], WANTED, 1), rouge_n(["a"], ["a"], 2), rouge_l([], WANTED)) == (0.0, 0.0, 0.0)


ONE, TWO, FOUR = date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 4)


def test_a_day_off_halves_what_it_has_in_common() -> None:
    shown = {TWO: [["ferries", "burn", "."]]}
    reference = {ONE: [["ferry", "burned"]], FOUR: [["trial", "opens"]]}
    # precision: of 2 stems both are on the day before, counted half: 1 of 2.  recall: the same 1, of 4 (the trial shares nothing).
    assert aligned_rouge(shown, reference, 1) == pytest.approx(2 * (1 / 2) * (1 / 4) / (1 / 2 + 1 / 4))
    assert aligned_rouge(shown, reference, 2) == pytest.approx(2 * (1 / 2) * (1 / 4) / (1 / 2 + 1 / 4))
    assert date_f1(shown, reference) == 0.0


def test_a_timeline_is_as_near_as_can_be_to_itself() -> None:
    reference = {ONE: [["ferry", "burned"]], FOUR: [["trial", "opens"]]}
    assert (aligned_rouge(reference, reference, 1), aligned_rouge(reference, reference, 2), date_f1(reference, reference)) == (1, 1, 1)  # fmt: skip
    assert date_f1({ONE: []}, reference) == pytest.approx(2 / 3)
    assert (aligned_rouge({}, reference, 1), date_f1({}, reference)) == (0.0, 0.0)


def test_common_words_do_not_count() -> None:
    assert aligned_rouge({ONE: [["the", "of", "Mon"]]}, {ONE: [["the", "of", "Mon"]]}, 1) == 0.0


def test_a_journalists_timeline_is_read_by_its_days() -> None:
    text = f"2026-05-01\nThe ferry burned .\n{'-' * 32}\n2026-05-04\nA trial opens .\nTwo testify .\n{'-' * 32}\n"
    assert reference_of(text) == {
        ONE: [["The", "ferry", "burned", "."]],
        FOUR: [["A", "trial", "opens", "."], ["Two", "testify", "."]],
    }


def test_tokens_become_a_text_in_which_each_has_its_place() -> None:
    line = written(
        [
            "``",
            "It",
            "did",
            "n't",
            "burn",
            ",",
            "''",
            "Hale",
            "-LRB-",
            "left",
            "-RRB-",
            "said",
            ":",
            "$",
            "5",
            "1\\/2",
            ".",
        ]
    )
    assert line.text == "“It didn't burn,” Hale (left) said: $5 1/2."
    assert [
        line.text[start:end] for start, end, token in line.tokens if token in ("n't", "''", "-LRB-", "$")
    ] == [
        "n't",
        "”",
        "(",
        "$",
    ]


def test_textrank_takes_the_sentence_that_shares_most_and_is_cut_at_the_budget() -> None:
    texts = [
        "The ferry burned off Port Ellery. Birds sang.",
        "A ferry burned at Port Ellery.",
        "Port Ellery saw a ferry that burned.",
    ]
    story = RoundedUp(
        tuple(source_of(article_of({"text": text, "language": "en"}, i)) for i, text in enumerate(texts)), ""
    )
    assert textrank(story, 5) in {" ".join(text.split(". ")[0].split()[:5]) for text in texts}
