"""What sources say, cut into things that can be compared: sentences, the figures in them, the words quoted.

A saying is one sentence of a source, or one figure of a sentence.  Reports of one event print the same figures in other words and
other languages, so a saying carries its figures in a form that languages share, beside its own words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tidings.ai.evidence import cite, markup_in
from tidings.ai.sentences import dateline_in, is_whole, opens_in_the_middle, says_whose
from tidings.model import HEADLINE, STANDFIRST, Citation, Claim, Figure, Quote, Source
from tidings.stories.figures import figures_in
from tidings.text import search_tokens, sentence_spans

MOST_SAYINGS = 400  # of one source
MOST_CHARACTERS = 1_200  # of a sentence; what is longer is none
LEAST_WORDS = 4
_Part = TypeVar("_Part", Figure, Quote)
_Item = TypeVar("_Item")
_BEFORE, _AFTER = 6, 8  # words of a figure's surroundings
_CLAUSE = re.compile(r"[,;:()–—“”„‟\"«»「」『』]|[.!?…。](?=\s|$)")


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of a source, with the figure that it is looked at for.

    `words` are what is compared of it: all of a sentence, of a figure the words around it, without the number; `room` is where
    those may stand: from the figure before to the next.  `before` is where the sentence before it in its paragraph begins, its own
    start where it is the first.
    """

    source: Source
    paragraph: int
    start: int
    end: int
    tokens: frozenset[str]
    words: str
    near: frozenset[str]
    room: tuple[int, int]
    before: int
    figure: Figure | None = None
    quote: Quote | None = None

    @property
    def text(self) -> str:
        return self.source.text(self.paragraph)[self.start : self.end]

    @property
    def citation(self) -> Citation:
        return cite(self.source, self.paragraph, self.start, self.end)

    @property
    def cited_figure(self) -> Citation | None:
        figure = self.figure
        return cite(self.source, self.paragraph, figure.start, figure.end) if figure else None

    @property
    def claim(self) -> Claim:
        return Claim(self.text, (self.citation,), self.source.language)

    @property
    def is_of_text(self) -> bool:
        return self.paragraph >= 0


def sayings_of(source: Source) -> list[Saying]:
    """Return what a source says, headline and standfirst last: a saying for each sentence, then one for each figure in it."""
    found: list[Saying] = []
    language = source.language
    figures = _by_paragraph(figures_of(source))
    quotes = _by_paragraph(source.facts.quotes if source.facts else ())
    for paragraph in (*range(len(source.paragraphs)), HEADLINE, STANDFIRST):
        text = source.text(paragraph)
        here, said = figures.get(paragraph, ()), quotes.get(paragraph, ())
        last = None
        for start, end in whole_sentences(text, language, said):
            before, last = start if last is None else last, start
            if end - start > MOST_CHARACTERS or markup_in(text[start:end]):  # the gate would not let it pass
                continue
            inside = [f for f in here if start <= f.start and f.end <= end]
            quote = next((q for q in said if q.start < end and start < q.end), None)
            sentence = text[start:end]
            tokens = tokens_of(sentence, language, inside)
            if len(tokens) < LEAST_WORDS and not inside:
                continue
            found.append(
                Saying(
                    source, paragraph, start, end, tokens, sentence, tokens, (start, end), before, None, quote
                )
            )
            for i, figure in enumerate(inside):
                left = inside[i - 1].end if i else start
                right = inside[i + 1].start if i + 1 < len(inside) else end
                words = _around(text, figure, left, right)
                near = tokens_of(words, language, ())
                found.append(
                    Saying(
                        source,
                        paragraph,
                        start,
                        end,
                        tokens,
                        words,
                        near,
                        (left, right),
                        before,
                        figure,
                        quote,
                    )
                )
            if len(found) >= MOST_SAYINGS:
                return found
    return found


def figures_of(source: Source) -> tuple[Figure, ...]:
    """Return the figures of a source's text, headline and standfirst, by the citation's count of paragraphs."""
    of_text = source.facts.figures if source.facts else figures_in(source.paragraphs, source.language)
    times = {(t.paragraph, t.start) for t in source.facts.times} if source.facts else set()
    above = [
        Figure(paragraph, f.start, f.end, f.words, f.value, f.unit, f.counted, f.high, f.bound)
        for paragraph in (HEADLINE, STANDFIRST)
        for f in figures_in((source.text(paragraph),), source.language)
    ]
    return (*(f for f in of_text if (f.paragraph, f.start) not in times), *above)


def whole_sentences(text: str, language: str | None, quotes: Iterable[Quote] = ()) -> list[tuple[int, int]]:
    """Return the spans of a text's sentences; those that a quotation runs across are one."""
    spans: list[tuple[int, int]] = []
    inner = [(q.start, q.end) for q in quotes]
    for start, end in sentence_spans(text, language):
        if spans and any(a < spans[-1][1] and start < b for a, b in inner):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def tokens_of(text: str, language: str | None, figures: Sequence[Figure]) -> frozenset[str]:
    """Return the tokens of a text, its figures as languages share them: "#25000" for "25,000" and for "2만5000"."""
    tokens = {token for token in search_tokens(text, language) if not token[0].isdigit()}
    return frozenset(tokens | {f"#{figure.value.normalize():f}" for figure in figures})


def shown_of(saying: Saying) -> Claim | None:
    """Return what is shown of a saying: its sentence, behind the one before where it leans on that; None where it cannot be shown.

    "He was seven." says nothing where nobody is named before it in its paragraph, nor does a quotation that does not say whose it is.
    """
    source, text, end = saying.source, saying.source.text(saying.paragraph), saying.end
    if not saying.is_of_text:
        return saying.claim
    if not is_whole(saying.text, source.language):
        return None
    quotes = source.facts.quotes if source.facts else ()
    said = [q for q in quotes if q.paragraph == saying.paragraph and saying.before < q.end and q.start < end]
    for start in dict.fromkeys((saying.start, saying.before)):
        if saying.paragraph == 0 and not text[:start].strip():
            start += dateline_in(text[start:end], source.language)
        leans = opens_in_the_middle(text[start:end], source.language)
        if not leans and says_whose(text, start, end, said) and not markup_in(text[start:end]):
            citation = cite(source, saying.paragraph, start, end)
            return Claim(citation.words, (citation,), source.language)
    return None


def told_once(items: Iterable[_Item], claim_of: Callable[[_Item], Claim]) -> list[_Item]:
    """Return the items in their order without those whose words stand within another's."""
    kept: dict[int, _Item] = {}
    near: dict[tuple[int, int] | None, list[int]] = defaultdict(list)  # by article and paragraph
    for number, item in enumerate(items):
        claim = claim_of(item)
        cited = claim.citations[0] if claim.citations else None
        beside = near[(cited.article_id, cited.paragraph) if cited else None]
        if any(_holds(claim_of(kept[n]), claim) for n in beside):
            continue
        within = [n for n in beside if _holds(claim, claim_of(kept[n]))]
        for n in within[1:]:
            del kept[n]
            beside.remove(n)
        place = within[0] if within else number
        kept[place] = item
        if not within:
            beside.append(place)
    return [kept[n] for n in sorted(kept)]


def _holds(claim: Claim, other: Claim) -> bool:
    """Whether all that the other claim cites stands within what this one cites; a claim that cites nothing is held by none."""
    return bool(other.citations) and all(
        any(
            (ours.article_id, ours.paragraph) == (theirs.article_id, theirs.paragraph)
            and ours.start <= theirs.start
            and theirs.end <= ours.end
            for ours in claim.citations
        )
        for theirs in other.citations
    )


def _around(text: str, figure: Figure, left: int, right: int) -> str:
    """Return the words around a figure within its clause and between the figures beside it; what it counts, not how many."""
    before = _CLAUSE.split(text[left : figure.start])[-1].split()[-_BEFORE:]
    after = _CLAUSE.split(text[figure.end : right])[0].split()[:_AFTER]
    own = [word for word in figure.words.split() if not any(c.isdigit() for c in word)]
    return " ".join((*before, *(own[1:] if len(own) == len(figure.words.split()) else own), *after))


def _by_paragraph(parts: Iterable[_Part]) -> dict[int, list[_Part]]:
    found: dict[int, list[_Part]] = {}
    for part in parts:
        found.setdefault(part.paragraph, []).append(part)
    return found


def names_in(saying: Saying) -> frozenset[str]:
    """Return the keys of the source's names that a saying's sentence holds."""
    text = saying.text
    return frozenset(
        name.key for name in saying.source.names if any(form in text for form in (name.label, *name.forms))
    )
