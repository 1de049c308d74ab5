"""Who is who, the story so far, and what is not known yet: sentences and descriptions that the archive's own articles give.

Nothing here is known from elsewhere.  A person is described by the words that stand beside the name ("Ingrid Vale, the chief
officer", "Verkehrsminister Jens Arnholt", "백도현 미란반도체 대표"), an earlier event by the sentence that reported it, an open
question by the report that says that it is open.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files

from tidings.ai.compare import voices_of
from tidings.ai.evidence import cite
from tidings.ai.matching import same_sayings, weights_of
from tidings.ai.sayings import Saying, names_in, sayings_of
from tidings.model import HEADLINE, STANDFIRST, Citation, Claim, Name, Source
from tidings.ports import Embedder
from tidings.stories.calendars import lowered
from tidings.stories.lexicon import either, table_of, words_of
from tidings.stories.rarity import primary
from tidings.text import fold, search_tokens

MOST_PLACES = 40  # of a name in one article that are looked at
REACH = 110  # characters before or behind a name
MOST_WORDS, MOST_BEFORE = 14, 5  # of a description: behind a name, before it
LEAD_PARAGRAPHS = 2
_STOPS = re.compile(r"[;:!?–—()“”„\"«»]|[,.](?!\d)")


# ── who is who ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Described:
    """A person or body and what articles say beside the name; each claim's words are cited, the newest first."""

    name: str
    kind: str | None
    descriptions: tuple[Claim, ...]


def who_is(
    source: Source, archive: Sequence[Source], *, most: int = 12, each: int = 3
) -> tuple[Described, ...]:
    """Return whom an article names, with descriptions from it and from these articles, in the order of being named.

    People first; who is nowhere described is left out.  At most `each` descriptions of a name, none said twice.
    """
    sources = [source, *(s for s in archive if s.article_id != source.article_id)]
    wanted = [n for n in source.names if n.kind in ("person", "organisation")]
    wanted.sort(key=lambda n: (n.kind != "person", _first_place(source, n)))
    found = []
    for name in wanted[:most]:
        claims = _descriptions(name, sources)
        if claims:
            found.append(Described(name.label, name.kind, tuple(claims[:each])))
    return tuple(found)


def _first_place(source: Source, name: Name) -> tuple[int, int]:
    for number, text in enumerate(source.paragraphs):
        if (at := text.find(name.label)) >= 0:
            return number, at
    return len(source.paragraphs), 0


def _descriptions(name: Name, sources: Sequence[Source]) -> list[Claim]:
    """Return what the sources call somebody: own article first, then the newest, each wording once.

    What somebody did ("who came from Varga to fetch him") stands in only where nothing says what he is.
    """
    first, *others = sources
    found: list[Claim] = []
    deeds: list[Claim] = []
    told: set[str] = set()
    for source in (first, *sorted(others, key=lambda s: s.at, reverse=True)):
        label = next((n.label for n in source.names if n.key == name.key), None)
        if label is None:
            continue
        for citation in _beside(source, label, is_body=name.kind == "organisation"):
            key = fold(_bare(citation.words, label))
            if not any(key in other or other in key for other in told):
                told.add(key)
                rules = _rules(primary(source.language))
                is_deed = rules is not None and rules.is_deed(citation.words.removeprefix(label))
                (deeds if is_deed else found).append(Claim(citation.words, (citation,), source.language))
    return found or deeds


def _bare(words: str, label: str) -> str:
    return re.sub(r"\W+", " ", words.replace(label, " ")).strip()


def _beside(source: Source, label: str, *, is_body: bool) -> Iterator[Citation]:
    """Yield the descriptions beside a name in a text: name and description, as they stand there.

    What follows a body that belongs to another noun ("Lorne Tasker of the University of Varga, who …") describes that;
    in Korean every body before a title does.
    """
    rules = _rules(primary(source.language))
    if rules is None:
        return
    places = 0
    for number, text in enumerate(source.paragraphs):
        at = text.find(label)
        while at >= 0 and places < MOST_PLACES:
            places += 1
            end = at + len(label)
            if is_body:
                is_owned = rules.code == "ko" or rules.owned.search(text[max(0, at - 12) : at])
                span = None if is_owned else _behind(text, end, rules)
            else:
                span = _behind(text, end, rules) or _before(text, at, rules)
            if span is not None:
                yield cite(source, number, min(at, span[0]), max(end, span[1]))
            at = text.find(label, end)


@dataclass(frozen=True)
class _Rules:
    """`opens` begins a description behind a comma, `who` one of what is told of somebody, `role` says what he is.

    `owned` ends before a body that a noun owns.
    """

    code: str
    opens: re.Pattern[str]
    who: re.Pattern[str]
    role: re.Pattern[str]
    owned: re.Pattern[str]
    ends: frozenset[str]

    def is_deed(self, words: str) -> bool:
        """Whether what stands behind a name is a relative clause without a word for what somebody is."""
        return self.who.match(words) is not None and self.role.search(words) is None


@lru_cache(maxsize=32)
def _rules(code: str) -> _Rules | None:
    table = table_of(code, "speech")
    if table is None:
        return None
    roles = either(words_of(table, "roles", "male", "female"))
    if code == "ko":
        # Up to three words and the role, the particle left out: "백도현 미란반도체 대표는".
        role = rf"(?:\s[^\s,.]{{1,15}}){{0,3}}?\s[^\s,.]{{0,8}}?(?:{roles})(?![^\W\d_]{{3}})"
    else:
        compound = r"[^\W\d_]{0,24}" if code in ("de", "nl", "sv") else ""
        role = rf"\b{compound}(?:{roles})(?:in|s|en|n)?\b"
    of = either(words_of(table, "of"))
    return _Rules(
        code,
        re.compile(rf"(?:{either(words_of(table, 'the', 'some', 'who'))})\s", re.IGNORECASE),
        re.compile(rf",\s(?:{either(words_of(table, 'who'))})\s", re.IGNORECASE),
        re.compile(role, re.IGNORECASE),
        re.compile(rf"\b(?:{of})\s(?:{either(words_of(table, 'the'))})?\s?$", re.IGNORECASE),
        frozenset(map(fold, words_of(table, "of", "and", "said", "that"))),
    )


def _behind(text: str, end: int, rules: _Rules) -> tuple[int, int] | None:
    """Return the span of what stands behind a name: ", a reed cutter from the delta,"; in Korean "미란반도체 대표"."""
    rest = text[end : end + REACH]
    if rules.code == "ko":
        match = rules.role.match(rest)
        return (end, end + match.end()) if match else None
    if not rest.startswith(", "):
        return None
    stop = _STOPS.search(rest, 2)
    phrase = rest[2 : stop.start()] if stop else ""
    if not 2 <= len(phrase.split()) <= MOST_WORDS:
        return None
    if rules.opens.match(phrase) or rules.role.match(phrase):
        return end, end + 2 + len(phrase.rstrip())
    return None


def _before(text: str, start: int, rules: _Rules) -> tuple[int, int] | None:
    """Return the span of what stands before a name: "Commander Henrik Salo", "the museum's director, Aurelia Stroud"."""
    if rules.code == "ko":
        return None
    before = text[max(0, start - REACH) : start]
    head = before.rstrip().removesuffix(",").rstrip()
    clause = _STOPS.split(head)[-1]
    roles = list(rules.role.finditer(clause))
    if len(before) - len(head) > 3 or not roles or clause[roles[-1].end() :].strip():
        return None
    words = list(re.finditer(r"\S+", clause))[-MOST_BEFORE:]
    first = len(words) - 1
    while (
        first
        and fold(words[first - 1].group()) not in rules.ends
        and not rules.opens.match(words[first].group() + " ")
    ):
        first -= 1
    return start - len(before) + len(head) - len(clause) + words[first].start(), start


# ── the story so far ─────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was reported on a day before: one verbatim sentence, and by how many independent reports."""

    day: date
    claim: Claim
    reports: int


def background(
    source: Source, earlier: Sequence[Source], *, meanings: Embedder | None = None, most: int = 6
) -> tuple[Earlier, ...]:
    """Return the story so far for the reader of an article: what earlier reports told, a sentence a day, oldest first.

    Of each day the sentence of most independent reports that shares a name with the article and is not said in it; of many
    days those of most reports.
    """
    earlier = [s for s in earlier if s.at < source.at and s.article_id != source.article_id]
    if not earlier:
        return ()
    own = [s for s in sayings_of(source) if s.figure is None]
    leads = [
        s for e in earlier for s in sayings_of(e) if s.figure is None and 0 <= s.paragraph < LEAD_PARAGRAPHS
    ]
    voices = voices_of(earlier)
    names = {n.key for n in source.names}
    mine = {id(s) for s in own}
    days: dict[date, list[tuple[tuple[int, int, int, int], Saying, int]]] = defaultdict(list)
    for group in same_sayings([*own, *leads], meanings):
        if any(id(s) in mine for s in group):
            continue
        by_voice = {voices[s.source.article_id] for s in group}
        first = min(group, key=lambda s: (s.source.at, s.paragraph, s.start))
        shared = len(names_in(first) & names)
        if shared:
            order = (-len(by_voice), first.paragraph, first.start, first.source.article_id)
            days[first.source.at.date()].append((order, first, len(by_voice)))
    best = [(day, *min(found, key=lambda f: f[0])) for day, found in days.items()]
    best.sort(key=lambda b: (b[1], -b[0].toordinal()))
    kept = sorted(best[:most], key=lambda b: b[0])
    return tuple(Earlier(day, saying.claim, reports) for day, _, saying, reports in kept)


# ── open questions ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What a report says is not known: its sentence, and how many independent reports say so."""

    claim: Claim
    reports: int


LEAST_ANSWERED = 0.5  # of the weight of a question's words that one later sentence must hold to answer it


def open_questions(sources: Sequence[Source], *, most: int = 6) -> tuple[OpenQuestion, ...]:
    """Return what the reports say is not known yet, the newest first.

    Dropped as soon as a later report has a sentence on the same without saying that it is open: half of what the question's
    words weigh, names left out.  One question in several reports' words is told once.
    """
    said = [
        s
        for source in sources
        for s in sayings_of(source)
        if s.figure is None and s.paragraph not in (HEADLINE, STANDFIRST)
    ]
    asked = [s for s in said if is_open(s)]
    if not asked:
        return ()
    weights = weights_of(said)
    voices = voices_of(sources)
    found = []
    for group in same_sayings(asked, None):
        newest = max(group, key=lambda s: (s.source.at, -s.paragraph))
        tokens = _asked_for(newest)
        if any(_answers(s, newest, tokens, weights) for s in said):
            continue
        count = len({voices[s.source.article_id] for s in group})
        found.append((newest, OpenQuestion(newest.claim, count)))
    found.sort(key=lambda f: (-f[0].source.at.timestamp(), f[0].paragraph, f[0].start))
    return tuple(question for _, question in found[:most])


def is_open(saying: Saying) -> bool:
    """Whether a sentence says, outside of quotation marks, that something is not known."""
    rules = _unknown(primary(saying.source.language))
    if rules is None:
        return False
    text = lowered(saying.text)
    quotes = saying.source.facts.quotes if saying.source.facts else ()
    inner = [
        (q.start - saying.start, q.end - saying.start) for q in quotes if q.paragraph == saying.paragraph
    ]
    return any(not any(a <= m.start() < b for a, b in inner) for m in rules[0].finditer(text))


def _answers(saying: Saying, question: Saying, tokens: frozenset[str], weights: dict[str, float]) -> bool:
    if saying.source.at <= question.source.at or primary(saying.source.language) != primary(
        question.source.language
    ):
        return False
    common = tokens & saying.tokens
    whole = sum(weights.get(t, 0.0) for t in tokens)
    if len(common) < 2 or sum(weights.get(t, 0.0) for t in common) < LEAST_ANSWERED * whole:
        return False
    return not is_open(saying)


def _asked_for(question: Saying) -> frozenset[str]:
    """Return the tokens of what is asked: those behind "whether", else the sentence's; without names and markers."""
    language = question.source.language
    rules = _unknown(primary(language))
    text = question.text
    if rules is not None:
        if rules[1] is not None and (match := rules[1].search(text)):
            text = text[match.end() :]
        text = rules[0].sub(" ", lowered(text))
    names = {
        t
        for n in question.source.names
        for form in (n.label, *n.forms)
        for t in search_tokens(form, language)
    }
    return frozenset(search_tokens(text, language)) - names


@lru_cache(maxsize=32)
def _unknown(code: str) -> tuple[re.Pattern[str], re.Pattern[str] | None] | None:
    table = tomllib.loads(files("tidings.ai").joinpath("unknown.toml").read_text("utf-8")).get(code)
    if table is None:
        return None
    edge = "" if code == "ko" else r"\b"
    phrases = (
        re.escape(p.rstrip("*")).replace("_", r"\s") + (r"\w{0,4}" if p.endswith("*") else edge)
        for p in table["open"].split()
    )
    asks = either(table["if"].split())
    return re.compile(f"{edge}(?:{'|'.join(phrases)})"), re.compile(
        rf"\b(?:{asks})\b", re.IGNORECASE
    ) if table["if"] else None
