"""The sentences of an article as evidence: what each says, whom it names or means, what of it is somebody's speech."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tidings.ai.named import Anchor, Known, anchors_in, known_names, pronouns_of
from tidings.ai.words import Mark, Sentence, read
from tidings.model import Quote, Source, TimeExpression
from tidings.stories.lexicon import DENSE
from tidings.stories.marks import quoted_spans
from tidings.stories.mentions import grammar_of, sentences_of
from tidings.stories.rarity import primary
from tidings.text import fold, sentence_spans, words

LONGEST = 20_000  # characters of a paragraph that are read
_NEAR_SPEECH = 9  # words between the comma and the verb of "…, the minister of the interior said"


@dataclass(frozen=True)
class Passage:
    """One sentence at text(paragraph)[start:end]; `reported` counts its words that are somebody's speech.

    `meant` are those whom its pronouns and offices stand for; `speakers` the keys of who says the reported words.
    """

    source: Source
    paragraph: int
    start: int
    end: int
    sentence: Sentence
    anchors: tuple[Anchor, ...]
    meant: tuple[Anchor, ...]
    reported: frozenset[int]
    speakers: frozenset[str]
    has_speech: bool


@dataclass
class Reading:
    """An article, its paragraphs read when they are first asked for."""

    source: Source
    known: Known = field(init=False)
    _paragraphs: dict[int, tuple[Passage, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.known = known_names(self.source.names)

    def passages(self, paragraph: int) -> tuple[Passage, ...]:
        """Return the sentences of a paragraph, the headline or the standfirst."""
        if paragraph not in self._paragraphs:
            self._paragraphs[paragraph] = self._read(paragraph)
        return self._paragraphs[paragraph]

    def _read(self, paragraph: int) -> tuple[Passage, ...]:
        source = self.source
        text = source.text(paragraph)[:LONGEST]
        facts = source.facts if source.facts and source.facts.text_digest == source.text_digest else None
        quotes = [q for q in facts.quotes if q.paragraph == paragraph] if facts else []
        spans = [(q.start, q.end) for q in quoted_spans((text,))] + [(q.start, q.end) for q in quotes]
        found: list[Passage] = []
        before: list[Anchor] = []
        for start, end in _cut(text, source.language):
            times = _times_within(facts.times, paragraph, start, end) if facts and paragraph >= 0 else None
            sentence = read(text[start:end], source.language, today=source.at.date(), times=times)
            anchors = anchors_in(sentence, self.known)
            ours = [q for q in quotes if q.start < end and start < q.end]
            quoted = frozenset(
                i
                for i, word in enumerate(sentence.words)
                if any(a <= word.start + start and word.end + start <= b for a, b in spans)
            )
            meant = self._meant(paragraph, sentence, anchors, before, ours, quoted)
            reported = quoted | reported_in(sentence, quoted)
            speakers = {
                key for anchor in (*anchors, *meant) if anchor.first not in reported for key in anchor.keys
            } | {key for q in ours for key in self.keys_of(q.speaker)}
            found.append(
                Passage(
                    source, paragraph, start, end, sentence, anchors, meant, reported, frozenset(speakers),
                    has_speech=bool(ours or quoted or sentence.of("says", "according")),
                )
            )  # fmt: skip
            before += anchors
        return tuple(found)

    def keys_of(self, speaker: str | None) -> frozenset[str]:
        """Return the keys of the names that a speaker's name or description holds."""
        lows = [fold(word) for word in words(speaker or "")]
        found: set[str] = set()
        i = 0
        while i < len(lows):
            for form, keys in self.known.forms.get(lows[i], ()):
                if tuple(lows[i : i + len(form)]) == form:
                    found |= keys
                    i += len(form) - 1
                    break
            i += 1
        return frozenset(found)

    def _meant(
        self,
        paragraph: int,
        sentence: Sentence,
        anchors: Sequence[Anchor],
        before: Sequence[Anchor],
        quotes: Sequence[Quote],
        quoted: frozenset[int],
    ) -> tuple[Anchor, ...]:
        """Return whom pronouns and offices stand for, where the article leaves one person."""
        found: list[Anchor] = []
        pronouns = pronouns_of(self.source.language)
        told = {fold(q.said_by or ""): self.keys_of(q.speaker) for q in quotes if q.said_by}
        for i, word in enumerate(sentence.words):
            keys: frozenset[str] = frozenset()
            if i in quoted:
                continue
            if word.low in told:
                keys = told[word.low]
            elif word.low in pronouns:
                keys = self._antecedent(paragraph, i, anchors, before)
            elif word.low in self.known.roles:
                keys = frozenset((self.known.roles[word.low],))
            if keys:
                found.append(Anchor(i, i, keys, word.low))
        return tuple(found)

    def _antecedent(
        self, paragraph: int, i: int, anchors: Sequence[Anchor], before: Sequence[Anchor]
    ) -> frozenset[str]:
        here = [a.keys & self.known.people for a in (*before, *(a for a in anchors if a.last < i))]
        people = {key for keys in here for key in keys}
        if not people and paragraph > 0:
            people = {
                key
                for passage in self.passages(paragraph - 1)
                for anchor in (*passage.anchors, *passage.meant)
                for key in anchor.keys & self.known.people
            }
        return frozenset(people) if len(people) == 1 else frozenset()


def _cut(text: str, language: str | None) -> Sequence[tuple[int, int]]:
    """Return where sentences stand, for alphabets by the cutter of quotations, in a tenth of syntok's time."""
    if primary(language) in DENSE or grammar_of(language) is None:
        return sentence_spans(text, language)
    found: list[tuple[int, int]] = []
    for start, end in sentences_of(text):
        if found and (
            _RUNS_ON.search(text, found[-1][0], found[-1][1]) or text[start:end].lstrip()[:1].islower()
        ):
            found[-1] = (found[-1][0], end)
        elif text[start:end].strip():
            found.append((end - len(text[start:end].lstrip()), end))
    return found


# "on Sept. 16", "before March 1. Rubio": a stop that more often ends no sentence; one sentence too long does no harm here.
_RUNS_ON = re.compile(
    r"\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|St|Dr|Mr|Mrs|Ms|Rep|Sen|Gov|Gen|No|vs"
    r"|[A-Z]|[A-Z]\.[A-Z]|\d{1,2})\.\s*$"
)


def _times_within(
    times: Sequence[TimeExpression], paragraph: int, start: int, end: int
) -> list[TimeExpression]:
    return [
        replace(t, paragraph=0, start=t.start - start, end=t.end - start)
        for t in times
        if t.paragraph == paragraph and start <= t.start and t.end <= end
    ]


def reported_in(sentence: Sentence, quoted: frozenset[int] = frozenset()) -> frozenset[int]:
    """Return the words that a sentence gives as what somebody says: behind the verb, or before it and its subject."""
    found: set[int] = set()
    ws = sentence.words
    for mark in sentence.of("according"):
        stop = _clause_end(sentence, mark.last)
        found |= {i for i in range(len(ws)) if not mark.first <= i <= stop}
    speech = [] if found else [m for m in sentence.of("says") if m.first not in quoted]
    for mark in reversed(speech):  # "…, the minister said": what stands before the comma
        comma = next(
            (i for i in range(mark.first, max(0, mark.first - _NEAR_SPEECH), -1) if "," in sentence.gap(i)), 0
        )
        behind = sum(ws[i].content for i in range(mark.last + 1, len(ws)))
        ahead = sum(ws[i].content for i in range(comma))
        if sentence.lexicon.inside or (behind < _FEW and ahead >= behind):
            return frozenset(found | set(range(comma or mark.first)))
    for mark in speech[:1]:
        found |= set(range(mark.last + 1, len(ws)))
    return frozenset(found)


_FEW = 4


def _clause_end(sentence: Sentence, i: int) -> int:
    """Return the last word of the clause that a word stands in."""
    while i + 1 < len(sentence.words) and not set(",;:") & set(sentence.gap(i + 1)):
        i += 1
    return i


def speech_of(sentence: Sentence) -> list[Mark]:
    """Return the marks by which a sentence says that it gives somebody's words."""
    return sentence.of("says", "according")
