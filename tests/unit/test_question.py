"""What a question asks for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.ai.question import SOUGHT, read_question


@pytest.mark.parametrize(
    ("text", "language", "sought"),
    [
        ("Who resigned over the harbour tunnel?", "en", "person"),
        ("Which minister resigned over the harbour tunnel?", "en", "person"),
        ("In which coastal city does the tunnel end?", "en", "place"),
        ("Which ferry caught fire?", "en", "name"),
        ("The ferry burned for two days. How many passengers were on board?", "en", "number"),
        ("What percentage of voters backed the bypass?", "en", "number"),
        ("The mayor, who took office in May, has resigned over what?", "en", "anything"),
        ("When does the bridge open?", "en", "time"),
        ("Why did the talks fail?", "en", "reason"),
        ("Who is Ida Morrow?", "en", "anything"),
        ("Wer ist Ida Morrow?", "de", "anything"),
        ("Wer ist Bundeskanzler?", "de", "person"),
        ("Wer ist Präsident Frankreichs?", "de", "person"),
        ("Who is Prime Minister?", "en", "person"),
        ("Who resigned?", "en", "person"),
        ("Who won Wimbledon?", "en", "person"),
        ("Who is the mayor of Port Elin?", "en", "person"),
        ("the ____ of the harbour", "en", "anything"),
        ("Wie viele Menschen waren an Bord?", "de", "number"),
        ("Welche Stadt baut den Tunnel?", "de", "place"),
        ("Was beschloss der Rat?", "de", "anything"),
        ("누가 사임했습니까?", "ko", "person"),
        ("어느 나라가 이겼습니까?", "ko", "place"),
        ("몇 명이 배에 타고 있었습니까?", "ko", "number"),
        ("誰が辞任しましたか？", "ja", "person"),
        ("Kto złożył rezygnację?", "pl", "anything"),
    ],
)
def test_a_question_tells_what_kind_of_thing_answers_it(text: str, language: str, sought: str) -> None:
    assert read_question(text, language=language).sought == sought


@pytest.mark.parametrize(
    ("text", "language", "measure", "counted"),
    [
        ("How old is the mayor?", "en", "age", set()),
        ("How tall is the tower?", "en", "length", set()),
        ("How long did the strike last?", "en", "extent", set()),
        ("How many of the pilot whales died?", "en", None, {"pilot"}),
        ("How many trees were felled?", "en", None, {"tree", "fell"}),
        ("How much did it cost?", "en", None, set()),
        ("Wie alt ist der Minister?", "de", "age", set()),
    ],
)
def test_a_question_for_a_number_tells_of_what(
    text: str, language: str, measure: str | None, counted: set[str]
) -> None:
    question = read_question(text, language=language)
    assert (question.sought, question.measure) == ("number", measure)
    assert question.counted(language) == counted


def test_the_words_that_ask_weigh_nothing_and_rare_words_most() -> None:
    weights = read_question("Who opened the Lindqvist bridge?", language="en").weights("en")
    assert set(weights) == {"open", "the", "lindqvist", "bridg"}
    assert weights["lindqvist"] > weights["bridg"] > weights["open"] > weights["the"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=600), st.sampled_from([None, "en", "de", "ko", "ja", "xx", "x\x00"]))
def test_whatever_is_asked_is_read(text: str, language: str | None) -> None:
    question = read_question(text, language=language)
    assert question.sought in SOUGHT
    assert all(weight > -1e-5 for weight in question.weights("en").values())
