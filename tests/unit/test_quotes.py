"""Quotations: which words somebody said, and who."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidings.stories.marks import quoted_spans
from tidings.stories.names import names_in
from tidings.stories.quotes import quotes_in


def said(text: str, language: str = "en") -> list[tuple[str | None, str]]:
    paragraphs = text.split("\n")
    return [
        (q.speaker, q.words)
        for q in quotes_in(paragraphs, language, names=names_in("", paragraphs, language))
    ]


# ── marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("“We had it,” she said. “After that it’s gone.”", ["We had it", "After that it’s gone."]),
        ("„So ist es“, sagte er. „Gut.”", ["So ist es", "Gut."]),
        ("« Oui », dit-il.", ["Oui"]),
        ("»Ja«, sagte er. »Nein«.", ["Ja", "Nein"]),
        ("”Hej”, sade han. ”Ja.”", ["Hej", "Ja."]),
        ("「はい」と述べた。『本』", ["はい", "本"]),
        ("그는 “하겠다”며 ‘헤론 3호’를 \"말\"이라고", ["하겠다", "헤론 3호", "말"]),
        ("``Yes,'' he said", ["Yes"]),
        ("“A “b c” d” e", ["A “b c” d"]),
        # Opened with a single mark and closed with a double one, as converters leave them.
        ("The side 'stressed the need for talks,\" the ministry said. 'Both agreed,' it read.", ["stressed the need for talks", "Both agreed"]),
        ("'stressed the players' need for talks,\" the ministry said", ["stressed the players' need for talks"]),
        ("He said, 'There is interest in the players' union.'", ["There is interest in the players' union."]),
    ],
)  # fmt: skip
def test_every_convention_of_quotation_marks_is_read(text, words):
    assert [text[q.start : q.end] for q in quoted_spans([text])] == words


@pytest.mark.parametrize(
    "text",
    [
        "the players' union isn't one",
        "rock 'n' roll in the '90s",
        "a board 5'6\" long",
        "it’s Vale’s",
        '"never closed',
    ],
)
def test_apostrophes_inches_and_lone_marks_open_nothing(text):
    assert quoted_spans([text]) == []


def test_a_quotation_that_every_paragraph_opens_again_is_one_speech():
    text = "“We closed it,” Ada Brandt said. “And we waited\n“for the boats. They came.”\n“Who are you?” asked nobody."
    quotes = quotes_in(text.split("\n"), "en")
    assert [(q.paragraph, q.words, q.speaker, q.continues) for q in quotes[:3]] == [
        (0, "We closed it", "Ada Brandt", False),
        (0, "And we waited", "Ada Brandt", False),
        (1, "for the boats. They came.", "Ada Brandt", True),
    ]


# ── speakers ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "text", "speaker"),
    [
        ("en", "“We go on until it is done,” said Ada Brandt, the harbour master.", "Ada Brandt"),
        ("en", "Ada Brandt, the harbour master, said: “We go on until it is done.”", "Ada Brandt"),
        ("en", "“We go on,” Commander Ada Brandt told reporters, “until it is done.”", "Ada Brandt"),
        ("en", "According to Ada Brandt, it was “an ordinary night on the quay”.", "Ada Brandt"),
        ("en", "Brandt: “We go on until it is done.”", "Brandt"),
        ("en", "“We go on until it is done,” said an official at the port authority.", "an official at the port authority"),
        ("en", "On Friday Ada Brandt said, “We go on until it is done.”", "Ada Brandt"),
        ("en", "“We go on until it is done,” the port’s director, Ada Brandt, said.", "Ada Brandt"),
        ("en", "“We go on until it is done,” the Transport Ministry said in a statement.", "Transport Ministry"),
        ("de", "„Wir machen weiter, bis es fertig ist“, sagte Hafenmeisterin Ada Brandt am Montag.", "Ada Brandt"),
        ("de", "„Wir machen weiter“, sagte die Sprecherin der Behörde, Ada Brandt.", "Ada Brandt"),
        ("fr", "« Nous irons jusqu’au bout », a déclaré la ministre Claire Dumont.", "Claire Dumont"),
        ("es", "“No vamos a ceder ante nadie”, dijo la ministra Ana Ruiz.", "Ana Ruiz"),
        ("it", "«Non ci arrenderemo mai», ha detto Luca Bianchi, sindaco di Porto.", "Luca Bianchi"),
        ("pt", "“Não vamos desistir desta luta”, disse o ministro João Souza.", "João Souza"),
        ("nl", "“Wij geven niet op”, zei minister Jan de Vries.", "Jan de Vries"),
        ("sv", "”Vi ger oss inte”, säger ministern Anna Berg.", "Anna Berg"),
        ("ru", "«Мы не отступим», — заявил министр Иван Петров.", "Иван Петров"),
        ("pl", "„Nie poddamy się nigdy”, powiedział minister Jan Kowalski.", "Jan Kowalski"),
        ("tr", "Bakan Ali Demir, “Asla vazgeçmeyeceğiz” dedi.", "Ali Demir"),
        ("ar", "وقال الوزير أحمد علي: «لن نستسلم أبدا لهذا الضغط».", "أحمد علي"),
        ("ko", "오태린 감독은 “한번 잡은 줄은 놓지 않는다”고 말했다.", "오태린"),
        ("ja", "木村太郎首相は5日、「合意を歓迎する」と述べた。", "木村太郎"),
        ("zh", "王强说：“我们欢迎这一决定。”", "王强"),
    ],
)  # fmt: skip
def test_the_words_around_a_quotation_name_its_speaker(language, text, speaker):
    assert {who for who, _ in said(text, language)} == {speaker}


def test_she_is_the_one_person_she_can_be():
    assert said("Ada Brandt, a teacher, missed the boat. “I ran all the way,” she said. “It was gone.”") == [
        ("Ada Brandt", "I ran all the way"),
        ("Ada Brandt", "It was gone."),
    ]


def test_the_one_whom_the_last_sentence_is_about_is_meant_by_she():
    text = "Ada Brandt ran the port for years. The mayor, Hanne Lund, closed it. “I had no choice,” she said."
    assert said(text) == [("Hanne Lund", "I had no choice")]


def test_nobody_is_guessed_where_two_could_be_meant():
    text = "Many saw Ada Brandt and Hanne Lund on the quay that night. “I had no choice at all,” she said."
    assert said(text) == [(None, "I had no choice at all")]


def test_a_title_means_who_was_introduced_with_it():
    text = "Transport Minister Ada Brandt came by train.\n“It was on time,” the minister said."
    assert said(text) == [("Ada Brandt", "It was on time")]
    two = "Minister Ada Brandt met Minister Hanne Lund.\n“It was on time,” the minister said."
    assert said(two) == [("the minister", "It was on time")]


def test_he_is_not_the_town_that_the_last_speaker_spoke_in():
    text = "“The pause could be extended,” the official told reporters in Varga. “It is open,” he added."
    assert said(text) == [("the official", "The pause could be extended"), ("the official", "It is open")]


def test_the_statement_is_that_of_whoever_was_quoted_from_one():
    text = "The side “stressed the need for talks”, the Foreign Ministry said in a statement.\n“Both sides agreed to meet,” the statement read."
    assert said(text)[1] == ("Foreign Ministry", "Both sides agreed to meet")


def test_whoever_is_told_something_did_not_say_it():
    assert said("Ada Brandt was told: “You may not go aboard tonight.”") == [
        (None, "You may not go aboard tonight.")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "The ferry “Sankt Alma” left on time.",
        "They opened the “Korea-Germany Indo-Pacific Dialogue” in Varga.",
        "It was a so-called “smart” city.",
        "The minister said that nothing had been decided.",
    ],
)
def test_titles_scare_quotes_and_indirect_speech_are_no_quotes(text):
    assert said(text) == []


# ── hostile text ─────────────────────────────────────────────────────────────────────────────────────────────────────

_PIECES = st.sampled_from(
    ["“", "”", "„", "«", "»", '"', "'", "’", "``", "''", "「", "」", " said ", "Ada Brandt", "she", ", ", ". ", "\n", "the minister", " 말했다", "은 ", "と述べた", "：", "x", "\x01", "\x02", "İ"]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(
    st.lists(_PIECES, max_size=60).map("".join),
    st.sampled_from(["en", "de", "fr", "ko", "ja", "zh", "tr", "xx", None]),
)
def test_every_quote_is_verbatim_and_none_overlap(text, language):
    paragraphs = text.split("\n")
    quotes = quotes_in(paragraphs, language, names=names_in("", paragraphs, language))
    assert all(paragraphs[q.paragraph][q.start : q.end] == q.words != "" for q in quotes)
    places = [(q.paragraph, q.start, q.end) for q in quotes]
    assert all(a[0] < b[0] or a[2] <= b[1] for a, b in pairwise(places))


@pytest.mark.parametrize(
    "piece", ["“a ", "' ", '"x" ', "“a” said ", "Ada ", "the minister ", "“x,” she said. ", "은 “x”고 "]
)
@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_long_texts_take_no_more_than_their_length(piece, language):
    started = time.process_time()
    quotes_in([piece * 3_000], language)
    assert time.process_time() - started < 5.0
