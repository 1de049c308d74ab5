"""The sentences of articles that can be shown by themselves, each with its place, so that it can be cited.

What may be shown is whole, asks nothing, gives nobody's words without saying whose, and is no prompt of the page.  A sentence that
opens with "He" or "But" *leans* on the one before it, and is shown only behind that.  All is verbatim; only datelines are left out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from tidings.ai.evidence import cite
from tidings.model import Claim, Quote, Source
from tidings.stories.lexicon import DENSE
from tidings.stories.rarity import primary
from tidings.text import fold, search_tokens, sentence_spans

LEAST_WORDS, MOST_WORDS = 5, 70
MOST_SENTENCES = 400  # of one article
LONGEST_PARAGRAPH = (
    6_000  # characters of a paragraph that are read: cutting a text takes a second for 60,000 words
)
_DENSE_CHARACTERS = 2.0  # of Chinese or Japanese, for what a word of English says
_OPENING_WORDS = 4  # the longest opener ("as a result of")
_MOSTLY_QUOTED = 0.6  # of a sentence: it is somebody's words, and must say whose

_DATELINE = re.compile(
    r"^(?:[A-ZÀ-ÞА-Я][\w.'’À-ÿА-я-]*(?:[ ,/]+(?:[\w.'’-]+)){0,6} ?)?(?:\([^()\n]{2,40}\) ?)?[–—―-]{1,2} (?=\S)"
    r"|^\([^()\n]{2,40}\) ?(?=[\"“„«A-ZÀ-ÞА-Я가-힣])|^[(\[【〔（][^)\]】〕）\n]{2,24}[)\]】〕）]\s*"
)
_SHOUTED = re.compile(r"^[^a-zà-ÿ]{2,}?[A-ZÀ-ÞА-Я]")
_PROMPT = re.compile(
    r"(?:read|see|watch|listen|click|sign up|subscribe|follow us|download|more on|related|also read|continue reading|"
    r"share this|advertisement|photo|image|picture|getty|lire aussi|à lire|lesen sie|lies auch|mehr zum thema|leer más|"
    r"lea también|leggi anche|leia também|lees ook|läs mer|czytaj|читайте|ayrıca|続きを|関連|더 보기|관련 기사|相关阅读)\b[^.]{0,12}"
    r"(?:more|also|here|our|the full|below|next|:|：|aussi|auch|más|también|anche|também|ook|też|также|\|)"
    r"|(?:this|the) (?:story|article|post|page|report|piece) (?:has been|was|is being|is|will be|originally|first|contains)\b"
    r"|this is a (?:breaking|developing)\b|(?:it|this) is (?:a )?(?:breaking|developing) (?:news|story)|"
    r"(?:what|here['’]s what) (?:you need to|we|to) know\b|all rights reserved|copyright\b|©|follow (?:us|\S+ on)\b|"
    r"(?:additional )?reporting by\b|editing by\b|with (?:files|reporting|contributions) from\b|.{0,60} contributed to this (?:report|story|article)",
    re.IGNORECASE,
)
_FOLLOWED = re.compile(r"https?://|www\.|\S@\S+\.\w|[{}<>|\\]")
_QUOTING = '"“”„«»「」『』〝〟'
_ENDS = ".!。！…؟।"
_CLOSES = "\"”“»」』’'）)"


@dataclass(frozen=True, slots=True, eq=False)
class Sentence:
    """A sentence of a source: `place` counts those of its text from 0, `tokens` are its search tokens, `words` is its length."""

    source: Source
    paragraph: int
    start: int
    end: int
    place: int
    tokens: tuple[str, ...]
    words: float
    leans: bool

    @property
    def text(self) -> str:
        return self.source.paragraphs[self.paragraph][self.start : self.end]


def claim_of(sentence: Sentence) -> Claim:
    """Return a sentence as a claim that cites itself."""
    citation = cite(sentence.source, sentence.paragraph, sentence.start, sentence.end)
    return Claim(sentence.text, (citation,), sentence.source.language)


def sentences_of(source: Source, *, characters: int) -> tuple[Sentence, ...]:
    """Return the sentences of the opening of a text, in order, datelines left out.

    characters: how much is read, in whole paragraphs.  Cost: a second for 60,000 words.
    """
    found: list[Sentence] = []
    for number, paragraph in enumerate(source.paragraphs):
        for start, end in sentence_spans(paragraph[:LONGEST_PARAGRAPH], source.language):
            if not found:
                start += dateline_in(paragraph[start:end], source.language)
            text = paragraph[start:end]
            tokens = tuple(search_tokens(text, source.language))
            found.append(
                Sentence(
                    source,
                    number,
                    start,
                    end,
                    len(found),
                    tokens,
                    length_of(text, source.language),
                    opens_in_the_middle(text, source.language),
                )
            )
        characters -= len(paragraph)
        if characters <= 0 or len(found) >= MOST_SENTENCES:
            break
    return tuple(found[:MOST_SENTENCES])


def dateline_in(text: str, language: str | None) -> int:
    """Return where a first sentence begins behind its dateline, 0 without one: a place in capitals, an agency in brackets, a dash."""
    match = _DATELINE.match(text)
    if not match or match.end() >= len(text) - 20:
        return 0
    line = match.group()
    is_line = (
        primary(language) in DENSE or line.strip()[-1] in ")）】〕]" or "(" in line or _SHOUTED.match(line)
    )
    return match.end() if is_line and not text[match.end()].islower() else 0


def length_of(text: str, language: str | None) -> float:
    """Return how long a text is in words; in scripts without spaces as many as say the same in English."""
    if primary(language) in ("ja", "zh", "th"):
        return sum(map(str.isalnum, text)) / _DENSE_CHARACTERS
    return float(len(text.split()))


def showable(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return those sentences of one text that may be shown, in order; `leans` tells which only behind the one before."""
    if not sentences:
        return []
    source = sentences[0].source
    quotes: dict[int, list[Quote]] = {}
    for quote in source.facts.quotes if source.facts else ():
        quotes.setdefault(quote.paragraph, []).append(quote)
    return [
        s
        for s in sentences
        if is_whole(s.text, source.language)
        and says_whose(source.paragraphs[s.paragraph], s.start, s.end, quotes.get(s.paragraph, ()))
    ]


def is_whole(text: str, language: str | None) -> bool:
    """Whether a text is one whole sentence that states something: no question, no piece of a quotation, no prompt of the page."""
    return (
        LEAST_WORDS <= length_of(text, language) <= MOST_WORDS
        and text.rstrip(_CLOSES).endswith(tuple(_ENDS))
        and is_prose(text)
        and _is_balanced(text)
    )


def is_prose(text: str) -> bool:
    """Whether a text is neither a prompt of the page nor markup."""
    return not _PROMPT.match(text) and not _FOLLOWED.search(text)


def opens_in_the_middle(text: str, language: str | None) -> bool:
    """Whether a sentence opens with a word that points back: a pronoun without its noun, a connective; or in lower case."""
    code = primary(language)
    opening = text.lstrip(_QUOTING + "‘'(（")[:60]
    if opening[:1].islower():
        return True
    openers = openers_of(code)
    if text[:1] in _QUOTING:  # somebody's words; who says them is looked for elsewhere (says_whose)
        openers -= openers_of(code, "speaking")
    if code in DENSE:
        return opening.startswith(tuple(openers)) if openers else False
    words = re.findall(r"[^\W_]+", fold(opening))[:_OPENING_WORDS]
    return any(" ".join(words[:n]) in openers for n in range(1, len(words) + 1))


@lru_cache(maxsize=64)
def openers_of(code: str, kind: Literal["leaning", "speaking"] = "leaning") -> frozenset[str]:
    """Return the words that open a sentence which needs the one before it, folded; none for a language without a list.

    kind "speaking": those of them that mean whoever speaks.
    """
    lists = tomllib.loads((files("tidings.ai") / "openers.toml").read_text("utf-8"))
    words = lists[kind].get(code, "")
    return frozenset(fold(word) for word in words.split("|") if word)


def _is_balanced(text: str) -> bool:
    """Whether every quotation and bracket that opens closes: the sentence is no piece cut out of somebody's speech."""
    opened = text.count("„") or text.count("“")
    closed = text.count("”") + (text.count("“") if "„" in text else 0)
    return (
        (closed == opened or (not opened and closed % 2 == 0))  # Swedish opens and closes by the same mark
        and text.count('"') % 2 == 0
        and all(text.count(a) == text.count(b) for a, b in ("«»", "「」", "『』", "()", "（）"))
    )


def is_quotation(sentence: Sentence) -> bool:
    """Whether a sentence is mostly somebody's words: it tells what was said, and seldom what happened."""
    facts = sentence.source.facts
    inside = sum(
        max(0, min(quote.end, sentence.end) - max(quote.start, sentence.start))
        for quote in (facts.quotes if facts else ())
        if quote.paragraph == sentence.paragraph
    )
    return inside > _MOSTLY_QUOTED * (sentence.end - sentence.start)


def says_whose(text: str, start: int, end: int, quotes: Sequence[Quote]) -> bool:
    """Whether what stands at text[start:end], if it is mostly a quotation, names who said it; "he said" does not.

    quotes: those of the paragraph that the text is.
    """
    for quote in quotes:
        if min(quote.end, end) - max(quote.start, start) > _MOSTLY_QUOTED * (end - start):
            said = text[start:end].replace(quote.words, "").casefold()
            named = (quote.speaker or "").casefold().split()
            if not named or named[-1] not in said:
                return False
    return True
