"""Text: what every other part cuts words, sentences and shingles with."""

from itertools import pairwise

import pytest
import wordfreq
from hypothesis import given, settings
from hypothesis import strategies as st
from syntok import segmenter

from tidings.text import (
    _spans_by_syntok,
    cut_paragraphs,
    fold,
    is_cjk,
    language_of,
    paragraphs_of,
    search_matches,
    search_tokens,
    search_tokens_with_spans,
    sentence_spans,
    sentences,
    shingles,
    stem,
    words,
    words_with_spans,
)


def test_blank_lines_part_paragraphs_and_single_breaks_only_wrap() -> None:
    assert paragraphs_of("The lake\nburst.\n\n \n Two  are missing.\r\n\r\n") == (
        "The lake burst.",
        "Two are missing.",
    )


def test_without_blank_lines_every_line_is_a_paragraph() -> None:
    assert paragraphs_of("One.\nTwo.\n") == ("One.", "Two.")
    assert paragraphs_of(" \n\t ") == ()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "Minister Cho met S. Korea's envoy on Mar. 5. “We will not go,” he said. The U.S. left. Why?",
            [
                "Minister Cho met S. Korea's envoy on Mar. 5.",
                "“We will not go,” he said.",
                "The U.S. left.",
                "Why?",
            ],
        ),
        (
            "de",
            "Er kam am 5. März nach Brandesund. Am 6. April ging er.",
            ["Er kam am 5. März nach Brandesund.", "Am 6. April ging er."],
        ),
        (
            "ko",
            "공장은 3.5% 늦게 문을 열었다. 백 대표는 “답이 바로 여기다.”라고 말했다. 끝!",
            ["공장은 3.5% 늦게 문을 열었다.", "백 대표는 “답이 바로 여기다.”라고 말했다.", "끝!"],
        ),
        (
            "ja",
            "首相は「行かない。」と述べた。氷河湖が決壊した！三人が死亡。",
            ["首相は「行かない。」と述べた。", "氷河湖が決壊した！", "三人が死亡。"],
        ),
        (
            "zh",
            "他说：“今天很好。”记者问为什么？没有回答。",
            ["他说：“今天很好。”", "记者问为什么？", "没有回答。"],
        ),
        ("zh", "他说“今天很好。”然后离开了。", ["他说“今天很好。”然后离开了。"]),
        ("hi", "झील टूट गई। तीन लोग मरे।", ["झील टूट गई।", "तीन लोग मरे।"]),
        (None, "   ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(
    language: str | None, text: str, expected: list[str]
) -> None:
    assert sentences(text, language) == expected


@given(st.text(), st.sampled_from(["en", "de", "ko", "ja", "zh", "th", None]))
def test_sentences_lose_nothing_but_white_space_and_come_in_order(text: str, language: str | None) -> None:
    spans = sentence_spans(text, language)
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    kept = {i for start, end in spans for i in range(start, end)}
    assert all(text[i].isspace() for i in range(len(text)) if i not in kept)


SYNTOK_WORDS = [
    "The", "said", "Mr.", "U.S.", "U.S", "Ph.D.", "p.m.", "no.", "No.", "5", "5.", "3.5", "2013.", "May", "Nov.", "Sen.", "J.",
    "II.", "“We", "\"We", "left.”", "left.\"", "left.", "left?", "why?!", "wait...", "…", "...", ";", "well;", "(see", "note)",
    "[sic].", "(Reuters)", "-", "—", "It’s", "couldn't.", "DeVos", "McCain.", "é.", "Él", "war.The", "a.m.,", "however,", "'no.'",
    "\n", "\n\n", "\u200b", "IV", "capt.", "A", "x.", "iPhoneX.", "McA.", "YouTube.", "1990s.", "B2B.",
]  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.sampled_from(SYNTOK_WORDS), max_size=14), st.sampled_from([" ", "  ", "\u00a0"]))
def test_sentences_that_are_cut_without_syntok_are_those_it_cuts(pieces: list[str], space: str) -> None:
    text = space.join(pieces)
    starts = [s[0].offset for block in segmenter.analyze(text) for s in block if s]
    starts = sorted({0, *starts[1:]}) if starts else [0]
    assert _spans_by_syntok(text) == list(zip(starts, [*starts[1:], len(text)], strict=True))


def test_words_are_verbatim_and_acronyms_and_numbers_stay_whole() -> None:
    assert words("The U.S. paid $1,900.50 for Trump’s K2, don't ask") == [
        "The", "U.S.", "paid", "1,900.50", "for", "Trump", "s", "K2", "don", "t", "ask",
    ]  # fmt: skip


def test_scripts_without_spaces_come_as_pairs_and_korean_words_whole() -> None:
    assert words("東京都で 5月 나토와 회의") == ["東京", "京都", "都で", "5", "月", "나토와", "회의"]
    assert words("ที่นี่")[0] == "ที"


def test_search_tokens_fold_stem_and_drop_what_apostrophes_leave() -> None:
    assert search_tokens("The U.S. banned Trump's 1,900 Réunions in 2.5 days", "en") == [
        "the", "us", "ban", "trump", "1900", "reunion", "in", "2.5", "day",
    ]  # fmt: skip
    assert search_tokens("l'État d'urgence décrété", "fr") == ["etat", "urgenc", "decret"]
    assert search_tokens("Schröders Häuser", "de") == search_tokens("SCHRÖDERS häuser", "de")


ENGLISH = [w for w in wordfreq.top_n_list("en", 4000) if w.isascii() and w.isalpha()]


@given(
    st.lists(
        st.sampled_from(
            [*ENGLISH, "U.S.", "2.5bn", "1,900", "Dying", "Trump’s", "café", "x", "_", "반도체", "U.N."]
        )
        | st.text("aB1.,'_ -’é", max_size=8),
        max_size=40,
    ),
    st.sampled_from(["en", "en-GB", "de", None]),
    st.integers(0, 5),
)
def test_matches_are_the_tokens_that_were_asked(pieces: list[str], language: str | None, step: int) -> None:
    text = " ".join(pieces)
    found = search_tokens_with_spans(text, language)
    asked = {token for token, _, _ in found[:: step + 1]} | {"tax"} if step else set()
    assert search_matches(text, asked, language) == [token for token in found if token[0] in asked]


def test_an_english_word_begins_like_its_stem() -> None:
    for word in wordfreq.get_frequency_dict("en", "large"):
        if word.isascii() and word.isalpha():
            token = stem(word, "en")
            assert word.startswith(token[:-1] if len(token) >= 4 else token[:1]), (word, token)


def test_korean_particles_do_not_keep_a_word_from_being_found() -> None:
    assert set(search_tokens("나토", "ko")) <= set(search_tokens("한국은 나토와 만났다", "ko"))
    assert search_tokens("2만5000장을", "ko") == ["2", "만", "5000", "장을"]


@given(
    st.text() | st.text("aBsSé1,.'’ʼ＇_ -ﬁ나中²\u0301", max_size=14),
    st.sampled_from(["en", "ko", "ar", None]),
)
def test_spans_of_tokens_lie_in_the_text_in_order(text: str, language: str | None) -> None:
    found = search_tokens_with_spans(text, language)
    assert [t for t, _, _ in found] == search_tokens(text, language)
    assert all(0 <= start < end <= len(text) for _, start, end in found)
    assert [s for _, s, _ in found] == sorted(s for _, s, _ in found)
    assert all(text[start:end] == word for word, start, end in words_with_spans(text))


def test_folding_ignores_case_width_and_accents_but_not_letters() -> None:
    assert fold("ＮＡＴＯ") == "nato"
    assert fold("Łódź") == "łodz"
    assert fold("Straße") == "strasse"
    assert fold("が") == "が"
    assert fold("한국") == "한국"


def test_stemming_needs_a_known_language() -> None:
    assert stem("Exports", "en") == stem("exported", "en-GB") == "export"
    assert stem("Exports", None) == "exports"
    assert stem("Exports", "xx") == "exports"


def test_shingles_are_runs_of_words() -> None:
    assert shingles(["a", "b", "c"], n=2) == ["a b", "b c"]
    assert shingles(["a", "b", "c"]) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The national emergency agency sent rescuers to the valley on Friday.", "en"),
        ("Beim Brand der Autofähre sind 14 Menschen ums Leben gekommen.", "de"),
        ("La présidente a ouvert une enquête sur l'incendie du tunnel.", "fr"),
        ("미란반도체가 바르가에서 공장 준공식을 열었다.", "ko"),
        ("氷河湖が決壊し、三人が死亡した。", "ja"),
        ("冰川湖决堤，三人死亡，救援人员正在搜寻失踪者。", "zh"),
        ("12 345 — !", None),
        ("", None),
    ],
)
def test_language_is_told_or_left_unknown(text: str, language: str | None) -> None:
    code, confidence = language_of(text)
    assert code == language
    assert 0.0 <= confidence <= 1.0


@given(st.text())
def test_language_of_anything_raises_nothing(text: str) -> None:
    code, confidence = language_of(text)
    assert code is None or 2 <= len(code) <= 3
    assert 0.0 <= confidence <= 1.0


def test_cjk_is_han_kana_or_hangul() -> None:
    assert is_cjk("NATO와")
    assert not is_cjk("ที่นี่ NATO Ґ")


def test_paragraphs_are_cut_by_number_and_by_characters() -> None:
    paragraphs = ["a" * 4, "b" * 4, "c" * 4]
    assert cut_paragraphs(paragraphs, most=2, characters=100) == ("aaaa", "bbbb")
    assert cut_paragraphs(paragraphs, most=9, characters=6) == ("aaaa", "bb")
    assert cut_paragraphs(paragraphs, most=9, characters=8) == ("aaaa", "bbbb")
    assert cut_paragraphs([], most=9, characters=8) == ()


@pytest.mark.parametrize(
    "text",
    [
        "VARGA (CW) — The minister resigned on Wednesday.",
        "VARGA (CW) -- The minister resigned on Wednesday.",
    ],
)
def test_a_dateline_belongs_to_its_sentence(text: str) -> None:
    assert sentences(f"{text} He left.", "en") == [text, "He left."]
