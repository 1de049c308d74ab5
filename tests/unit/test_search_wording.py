from hypothesis import given
from hypothesis import strategies as st

from tidings.store.highlights import FRAGMENT_CHARS, fragments_of, spans_in
from tidings.store.wording import Wording, tokens_of, wording_of


def test_words_phrases_and_what_must_not_stand_there_are_told_apart() -> None:
    assert wording_of('harbour "Tunnel opens" -ferry -"North Dock" ') == Wording(
        plain="harbour Tunnel opens", phrases=("Tunnel opens",), without=("ferry", "North Dock")
    )


def test_every_language_has_its_stems() -> None:
    assert tokens_of("Tunnelöffnungen", None) == ("tunneloffnungen",)
    assert tokens_of("Tunnelöffnungen", "de") == ("tunneloffn",)
    assert tokens_of("Tunnelöffnungen", "en") == ("tunneloffnungen",)


def test_a_quoted_word_must_stand_there_and_an_open_quote_is_no_error() -> None:
    assert wording_of('"tunnel"') == Wording("tunnel", ("tunnel",), ())
    assert wording_of('Who said "a tunnel"?', is_question=True) == Wording(
        "Who said a tunnel", (), (), ("a tunnel",)
    )
    assert wording_of('harbour "tunnel opens') == Wording("harbour tunnel opens", (), ())
    assert wording_of("well-known").without == ()


def test_korean_is_asked_by_its_pairs() -> None:
    wording = wording_of('"나토와 한국"')
    assert wording.phrases == ("나토와 한국",)
    assert tokens_of(wording.plain, "ko") == tokens_of(wording.plain, None) == ("나토", "토와", "한국")


@given(st.text(max_size=700), st.sampled_from([None, "en", "ko", "xx", ""]))
def test_anything_may_be_typed(text: str, language: str | None) -> None:
    wording = wording_of(text)
    assert all(t and not any(c.isspace() for c in t) for t in tokens_of(wording.plain, language))
    assert wording.is_blank == (not wording.plain)


TEXT = (
    "The harbour tunnel opens on Monday. Nobody was hurt.",
    "Unrelated words stand here.",
    "The weather was fine. " * 12 + "Ferries to the harbours stop, the tunnels' builder said.",
)


PLACES = (2, 0)  # two passages, the last paragraph's the better one


def asked(text: str, language: str | None = None) -> frozenset[str]:
    return frozenset(tokens_of(text, language))


def test_headlines_are_marked_where_the_words_stand() -> None:
    assert spans_in("Tunnels open: the harbour's new tunnel", asked("tunnel", "en"), "en") == (
        (0, 7),
        (32, 38),
    )
    assert spans_in("", asked("tunnel"), "en") == ()


def test_pairs_that_touch_are_one_mark() -> None:
    assert spans_in("정부는 나토와 협의했다", asked("나토와 협의", "ko"), "ko") == ((4, 7), (8, 10))


def test_a_fragment_is_a_stretch_of_the_best_passage_with_most_of_the_words() -> None:
    assert fragments_of(TEXT, PLACES, asked("tunnel ferry", "en"), "en") == (
        ("Ferries to the harbours stop, the tunnels' builder said.", ((0, 7), (34, 41))),
    )
    assert fragments_of(TEXT, (0,), asked("tunnel hurt", "en"), "en") == ((TEXT[0], ((12, 18), (47, 51))),)
    assert fragments_of(TEXT, (1,), asked("ferry words", "en"), "en") == ((TEXT[1], ((10, 15),)),)


def test_a_second_fragment_adds_a_word() -> None:
    found = fragments_of(TEXT, PLACES, asked("monday ferry builder", "en"), "en")
    assert [text for text, _ in found] == [
        TEXT[0],
        "Ferries to the harbours stop, the tunnels' builder said.",
    ]
    assert len(fragments_of(TEXT, PLACES, asked("harbour tunnel", "en"), "en")) == 1


def test_a_text_found_by_its_meaning_shows_its_beginning() -> None:
    assert fragments_of(("", *TEXT), (), asked("xylophone"), "en") == ((TEXT[0], ()),)
    assert fragments_of((), (3,), asked("tunnel"), "en") == ()


def test_a_long_sentence_is_cut_around_the_first_word() -> None:
    sentence = "word " * 100 + "the harbour tunnel " + "word " * 100
    ((text, spans),) = fragments_of((sentence,), (0,), asked("tunnel", "en"), "en")
    assert len(text) <= FRAGMENT_CHARS
    assert text in sentence
    assert [text[start:end] for start, end in spans] == ["tunnel"]


@given(
    st.lists(st.text(max_size=400), max_size=4),
    st.lists(st.integers(0, 5), max_size=3),
    st.text(min_size=1, max_size=30),
    st.sampled_from([None, "en", "ko", "ja", "de"]),
)
def test_fragments_stand_in_the_text_and_marks_stand_in_fragments(
    paragraphs: list[str], places: list[int], query: str, language: str | None
) -> None:
    tokens = asked(query, language)
    for text, spans in fragments_of(paragraphs, places, tokens, language):
        assert any(text in paragraph for paragraph in paragraphs)
        assert 0 < len(text) <= FRAGMENT_CHARS
        ends = [0, *(end for _, end in spans)]
        assert all(
            before <= start < end <= len(text) for before, (start, end) in zip(ends, spans, strict=False)
        )


@given(st.text(alphabet="ab éöß'가나다1,.U日本", max_size=60), st.integers(0, 60), st.integers(1, 12))
def test_whatever_stands_in_a_text_is_found_in_it(text: str, start: int, length: int) -> None:
    tokens = asked(text[start : start + length], "en")
    whole = asked(text, "en")
    if tokens & whole and spans_in(text, tokens, "en"):
        ((_, spans), *_) = fragments_of((text,), (0,), tokens, "en")
        assert spans
