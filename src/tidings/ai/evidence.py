"""The gate: a claim is shown only when the words it cites carry it.

    check(claim, sources)     one claim: passes, or the first reason why not
    checked(claims, sources)  many: those that pass, and how many were dropped for what

In order: is it plain text; is it cited; do the cited words still stand there; is it a sentence of the article itself (then it
passes); are its quotations verbatim and their speakers right; and does one cited sentence carry each of its clauses (see
support.py).  Code compares strings; no model is asked.  What this cannot see stands in docs/design/evidence.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tidings.ai.passages import Passage, Reading
from tidings.ai.support import carried, most_like
from tidings.ai.words import Sentence, read
from tidings.model import Check, Citation, Claim, DropReason, Source
from tidings.stories.marks import quoted_spans
from tidings.stories.mentions import grammar_of
from tidings.stories.quotes import quotes_in
from tidings.stories.rarity import primary
from tidings.text import fold, is_cjk, language_of, words

if TYPE_CHECKING:
    from tidings.ports import Matrix

Meanings = Callable[[Sequence[str]], "Matrix"]

LONGEST_CLAIM = 1_000  # characters; nobody reads a longer sentence
MOST_CITATIONS = 12  # of one claim
MOST_CLAUSES = 4
LEAST_CLAUSE = 3  # content words
OWN_WORDS = 3  # words between marks that may be a title or a word held at a distance


# ── citations ────────────────────────────────────────────────────────────────────────────────────────────────────────


def cite(source: Source, paragraph: int, start: int, end: int) -> Citation:
    """Return the citation of source.text(paragraph)[start:end].  Raises ValueError when no words stand there."""
    cited = source.text(paragraph)[start:end] if 0 <= start < end else ""
    if not cited or start + len(cited) != end:
        raise ValueError(f"article {source.article_id} has no text at paragraph {paragraph}[{start}:{end}]")
    return Citation(source.article_id, source.revision, source.text_digest, paragraph, start, end, cited)


def is_current(citation: Citation, source: Source) -> bool:
    """Whether an article still is the text that was cited, and the words stand there."""
    return (
        citation.article_id == source.article_id
        and citation.text_digest == source.text_digest
        and 0 <= citation.start < citation.end
        and source.text(citation.paragraph)[citation.start : citation.end] == citation.words
    )


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def check(claim: Claim, sources: Mapping[int, Source], *, meanings: Meanings | None = None) -> Check:
    """Return whether the cited words carry a claim, else the first reason why not.

    sources: the articles as they stand now, by id; one that is not there was taken down.  meanings: vectors of texts (n × dim,
    rows of length 1); without it sentences in another language than their source's do not pass.
    """
    return check_all((claim,), sources, meanings=meanings)[0]


def check_all(
    claims: Sequence[Claim], sources: Mapping[int, Source], *, meanings: Meanings | None = None
) -> list[Check]:
    """Return what the gate says of each claim, in order; each article is read once, `meanings` asked once at most."""
    return _Gate(sources, meanings).check(claims)


def checked(
    claims: Iterable[Claim], sources: Mapping[int, Source], *, meanings: Meanings | None = None
) -> tuple[tuple[Claim, ...], Mapping[DropReason, int]]:
    """Return the claims that pass, in order, and how many were dropped for each reason.  `meanings` is asked once at most.

    Cost: some 10 µs for a sentence of the article itself, else 1 to 5 ms.
    """
    claims = tuple(claims)
    checks = check_all(claims, sources, meanings=meanings)
    kept = tuple(claim for claim, check in zip(claims, checks, strict=True) if check.passes)
    return kept, dict(Counter(check.reason for check in checks if check.reason))


@dataclass
class _Gate:
    """One batch: each article is read once, each text embedded once."""

    sources: Mapping[int, Source]
    meanings: Meanings | None
    _readings: dict[int, Reading] = field(default_factory=dict)
    _vectors: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = field(default_factory=dict)
    _wanted: dict[str, None] = field(default_factory=dict)

    def check(self, claims: Sequence[Claim]) -> list[Check]:
        quick = [self._quick(claim) for claim in claims]
        checks = [check or self._slow(claim) for claim, check in zip(claims, quick, strict=True)]
        if self._wanted and self.meanings is not None:
            # What only meanings can decide is asked together: whole sentences of two languages, words that were not found.
            texts = list(self._wanted)
            self._vectors = dict(zip(texts, self.meanings(texts), strict=True))
            self._wanted = {}
            for i, check in enumerate(checks):
                if check.reason == "unsupported" and quick[i] is None:
                    checks[i] = self._slow(claims[i])
        return checks

    def _quick(self, claim: Claim) -> Check | None:
        """Decide what comparing strings decides."""
        hidden = markup_in(claim.text)
        if hidden or not claim.text.strip() or len(claim.text) > LONGEST_CLAIM:
            return Check("markup", hidden or claim.text[:80], 0.0)
        if not claim.citations or len(claim.citations) > MOST_CITATIONS:
            return Check("uncited", claim.text[:80], 0.0)
        for citation in claim.citations:
            source = self.sources.get(citation.article_id)
            if source is None or not is_current(citation, source):
                return Check("stale", citation.words[:80], 0.0)
        text = plain(claim.text)
        for citation in claim.citations:
            if _is_whole(text, citation, self.sources[citation.article_id]):
                return Check()
        return None

    def _cited(self, claim: Claim) -> list[Passage]:
        """Return the sentences that a claim's citations touch."""
        found: dict[tuple[int, int, int], Passage] = {}
        for citation in claim.citations:
            reading = self._reading(citation.article_id)
            for passage in reading.passages(citation.paragraph):
                if passage.start < citation.end and citation.start < passage.end:
                    found[(citation.article_id, citation.paragraph, passage.start)] = passage
        return list(found.values())

    def _reading(self, article_id: int) -> Reading:
        if article_id not in self._readings:
            self._readings[article_id] = Reading(self.sources[article_id])
        return self._readings[article_id]

    def _slow(self, claim: Claim) -> Check:
        cited = self._cited(claim)
        if not cited:
            return Check("unsupported", claim.text[:80], 0.0)
        language = claim.language or language_of(claim.text)[0] or cited[0].source.language
        wrong = self._quotations(claim, cited, language)
        if wrong:
            return wrong
        if self._only_speaks(claim, cited, language):
            return Check()
        whole = self._whole(claim.text, language, cited)
        if whole.passes:
            return whole
        for parts in _clauses(claim.text):
            checks = [self._whole(part, language, cited) for part in parts]
            if all(check.passes for check in checks):
                return min(checks, key=lambda check: check.support)
        return whole

    def _whole(self, text: str, language: str | None, cited: Sequence[Passage]) -> Check:
        """Return what the cited sentence says that carries a clause best."""
        by_day: dict[object, Sentence] = {}
        checks = []
        for passage in cited:
            today = passage.source.at.date()
            claim = by_day.get(today) or by_day.setdefault(today, read(text, language, today=today))
            known = self._reading(passage.source.article_id).known
            across = primary(claim.language) != primary(passage.sentence.language)
            alike = self._alike(text, passage.sentence.text) if across else None
            checks.append(carried(claim, passage, known, alike=alike, likeness=self._alike))
        return most_like(checks)

    def _alike(self, a: str, b: str) -> float:
        """Return the cosine of two texts, 0 while it is not known."""
        ours, theirs = self._vectors.get(a), self._vectors.get(b)
        if ours is None or theirs is None:
            self._wanted |= {a: None, b: None}
            return 0.0
        return float(ours @ theirs)

    def _quotations(self, claim: Claim, cited: Sequence[Passage], language: str | None) -> Check | None:
        """Return what is wrong with the words that a claim gives as somebody's own, None when nothing is."""
        if not _QUOTE_MARKS.search(claim.text):
            return None
        spans = quoted_spans((claim.text,))
        if not spans and _DOUBLE_MARKS.search(claim.text):
            return Check("quote", claim.text[:80], 0.0)
        names = [name for passage in cited for name in passage.source.names]
        said = {(q.start, q.end): q for q in quotes_in((claim.text,), language, names=names)}
        for span in spans:
            quoted = claim.text[span.start : span.end]
            wanted = plain(quoted).strip(_ENDS)
            holders = [p for p in cited if wanted and wanted in plain(p.source.text(p.paragraph))]
            if not holders:
                return Check("quote", quoted, 0.0)
            if len(wanted.split()) <= OWN_WORDS and not is_cjk(wanted):
                continue
            verdicts = [self._spoken(claim, wanted, said.get((span.start, span.end)), p) for p in holders]
            if None not in verdicts:
                return verdicts[0]
        return None

    def _only_speaks(self, claim: Claim, cited: Sequence[Passage], language: str | None) -> bool:
        """Whether a claim is one quotation of an article, of however many sentences, and nothing else but who said it."""
        spans = quoted_spans((claim.text,))
        if len(spans) != 1:
            return False
        start, end = spans[0].start, spans[0].end
        wanted = plain(claim.text[start:end]).strip(_ENDS)
        rest = claim.text[:start] + " " + claim.text[end:]
        said = read(rest, language, today=cited[0].source.at.date())
        if (
            said.times
            or said.numbers
            or said.of("negation", "hedge", "planned", "cause_behind", "cause_before")
        ):
            return False
        for passage in cited:
            facts, reading = passage.source.facts, self._reading(passage.source.article_id)
            for quote in facts.quotes if facts else ():
                if quote.speaker and quote.paragraph == passage.paragraph and wanted in plain(quote.words):
                    keys = reading.keys_of(quote.speaker)
                    forms = [
                        form for n in passage.source.names if n.key in keys for form in (n.label, *n.forms)
                    ]
                    speaker = {fold(word) for form in (quote.speaker, *forms) for word in words(form)}
                    if all(word.low in speaker for word in said.words if word.content):
                        return any(word.low in speaker for word in said.words)
        return False

    def _spoken(self, claim: Claim, wanted: str, quote: object, passage: Passage) -> Check | None:
        """Return what is wrong with a quotation of a passage: nobody said it there, or somebody else did."""
        source = passage.source
        text = source.text(passage.paragraph)
        facts = source.facts
        quotes = [
            q
            for q in (facts.quotes if facts else ())
            if q.paragraph == passage.paragraph and wanted in plain(text[max(0, q.start - 1) : q.end + 1])
        ]
        between = [s for s in quoted_spans((text,)) if wanted in plain(text[s.start : s.end])]
        if not quotes and not between:
            return Check("quote", wanted, 0.0)
        known = {s for q in quotes if q.speaker for s in (q.speaker,)}
        if not known:
            return None
        reading = self._reading(source.article_id)
        rights = frozenset(key for speaker in known for key in reading.keys_of(speaker))
        stated = getattr(quote, "speaker", None)
        if stated:
            ours = reading.keys_of(stated)
            if ours & rights or any(_names_same(stated, speaker) for speaker in known):
                return None
            if not ours and getattr(quote, "said_by", None) and _is_pronoun(stated, source.language):
                return None
            return Check("speaker", stated, 0.0)
        rest = plain(claim.text).replace(wanted, " ")
        named = reading.keys_of(rest) & reading.known.people
        if named and rights and not named & rights:
            return Check("speaker", rest.strip()[:80], 0.0)
        return None


def _names_same(stated: str, speaker: str) -> bool:
    ours, theirs = plain(stated).casefold().split(), plain(speaker).casefold().split()
    return bool(ours) and (ours[-1] in theirs or theirs[-1] in ours)


def _is_pronoun(words: str, language: str | None) -> bool:
    grammar = grammar_of(language)
    return grammar is not None and words.casefold() in grammar["he"] | grammar["she"] | grammar["they"]


# ── clauses ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_JOINTS = re.compile(r"(?:[,;]\s+|\s+)(?:and|but|while|whereas|und|aber|während)\s+|;\s+")


def _clauses(text: str) -> Iterable[list[str]]:
    """Yield ways to part a claim into clauses with a subject of their own; what hangs on another's subject is not parted."""
    joints = [
        m
        for m in _JOINTS.finditer(text)
        if len(text[: m.start()].split()) >= LEAST_CLAUSE
        and len(text[m.end() :].split()) >= LEAST_CLAUSE
        and _opens_clause(text[m.end() :])
    ][: MOST_CLAUSES - 1]
    for joint in joints:
        yield [text[: joint.start()], text[joint.end() :]]
    if len(joints) > 1:
        starts = [0, *(m.end() for m in joints)]
        ends = [*(m.start() for m in joints), len(text)]
        yield [text[a:b] for a, b in zip(starts, ends, strict=True)]


def _opens_clause(text: str) -> bool:
    first = text[:1]
    return bool(first) and (first.isupper() or first.isdigit() or text.lower().startswith(_ARTICLES))


_ARTICLES = ("the ", "a ", "an ", "der ", "die ", "das ", "ein ", "eine ")


# ── plain text ───────────────────────────────────────────────────────────────────────────────────────────────────────

_SAME: dict[int, str | None] = (
    dict.fromkeys(map(ord, "“”„‟«»＂〝〞〟「」『』"), '"')
    | dict.fromkeys(map(ord, "‘’‚‛`‹›ʼ＇"), "'")
    | dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
    | {0xAD: None}
)
_DOUBLED = re.compile("''")
_SPACES = re.compile(r"\s+")
_QUOTE_MARKS = re.compile("[\"“”„‟«»‹›「」『』‘‚‛＂〝〞〟`]|''|(?<![^\\W_])['’]|['’](?![^\\W_])")
_DOUBLE_MARKS = re.compile('["“”„‟«»「」『』＂〝〞〟]|``')
_ENDS = " .,;:!?…。，！？\"'-"


def plain(text: str) -> str:
    """Return a text as words are compared: NFC, marks of quotation and dashes of one kind, single spaces."""
    if text.isascii():
        return _SPACES.sub(" ", _DOUBLED.sub('"', text)).strip()
    text = unicodedata.normalize("NFC", text).translate(_SAME)
    return _SPACES.sub(" ", _DOUBLED.sub('"', text)).strip()


def _is_whole(claim: str, citation: Citation, source: Source) -> bool:
    """Whether a claim is one or more whole sentences of the cited words, or all of them above a text or in a paragraph."""
    cited = plain(citation.words)
    at = cited.find(claim)
    if at < 0:
        return False
    text = source.text(citation.paragraph)
    ahead = plain(text[: citation.start]) if at == 0 else cited[:at].rstrip()
    after = (
        plain(text[citation.end :]) if at + len(claim) == len(cited) else cited[at + len(claim) :].lstrip()
    )
    return (not ahead or ahead.rstrip(_CLOSERS)[-1:] in _STOPS or _is_opened(ahead)) and (
        not after or claim.rstrip(_CLOSERS)[-1:] in _STOPS
    )


_STOPS = frozenset(".!?…。！？।؟:")
_CLOSERS = "\"')]）」』"


def _is_opened(ahead: str) -> bool:
    """Whether what stands before is a mark that a sentence opens with: “We had four minutes …”."""
    return ahead.endswith('"') and ahead[:-1].rstrip()[-1:] in ("", *_STOPS)


_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_JOINERS = re.compile("[\u200c-\u200f]")
_MARKUP = re.compile(
    r"<\s?[/!a-zA-Z][^<>]{0,300}>?|!?\[[^\[\]]{0,300}\]\s?[(\[]|```|\*\*"
    r"|\b(?:https?|ftp|file|data|javascript|mailto):\S|\bwww\.\S"
    r"|^\s{0,3}(?:#{1,6}|[-*+>])\s|&(?:#\w{1,8}|[a-zA-Z]{2,10});",
    re.IGNORECASE,
)
# With a dash and "www." below it tells most sentences from markup, in a tenth of the time.
_SIGNS = re.compile(r"[<\[`*:&#>+]")


def markup_in(text: str) -> str:
    """Return what in a text is no plain prose: tags, links, images, addresses, hidden or turning characters; "" for nothing."""
    if not text.isprintable():  # so is none of these, nor a no-break space
        hidden = _HIDDEN.search(text)
        if hidden:
            return f"U+{ord(hidden.group()):04X}"
        for joiner in _JOINERS.finditer(text):
            around = text[max(0, joiner.start() - 1) : joiner.start()] + text[joiner.end() : joiner.end() + 1]
            # They part and join letters of Arabic, Persian, Hindi, and emoji.
            if not around.strip() or around.isascii():
                return f"U+{ord(joiner.group()):04X}"
    is_plain = not (_SIGNS.search(text) or text[:4].lstrip()[:1] == "-" or "www." in text.lower())
    found = None if is_plain else _MARKUP.search(text)
    return found.group()[:80] if found else ""
