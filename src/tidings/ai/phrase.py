"""Let a model phrase what code has chosen: draft → gate → fallback.

    phrase(…)   a few sentences about articles: summary, key points, brief, answer, background
    render(…)   an article sentence by sentence: translated, or in simpler words

The model gets numbered sentences and gives back sentences with numbers.  Numbers become citations, and each sentence goes
through evidence.check.  One that fails is dropped and counted, and a sentence that was extracted from the same article
stands in for it: whatever a model replies, nothing unsupported is in the Answer.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from babel import Locale

from tidings.ai.evidence import Meanings, check, checked
from tidings.ai.fence import Numbered, as_shown, fenced, readable, sentences_of
from tidings.ai.meter import sum_of
from tidings.ai.objects import objects_in
from tidings.ai.prompts import prompt_file
from tidings.model import Answer, Citation, Claim, DropReason, Source
from tidings.ports import LanguageModel, Prompt
from tidings.text import sentences, tidy

Feature = Literal["line", "short", "long", "points", "brief", "answer", "background"]
Rendering = Literal["translate", "simple"]

# The prompt of each feature and the most sentences that it shows.
_FORMS: Mapping[Feature, tuple[str, int]] = {
    "line": ("summary", 1),
    "short": ("summary", 3),
    "long": ("summary", 8),
    "points": ("points", 5),
    "brief": ("brief", 6),
    "answer": ("answer", 4),
    "background": ("background", 6),
}
CHARACTERS = (
    8_000  # of articles in a request: 3,000 tokens at most, since local models are often run with 4,096
)
_BATCH_CHARACTERS, _BATCH_SENTENCES = 1_500, 10
_QUESTION_CHARACTERS = 300
_MOST_CITES = 4
EXTRACTED_BY = "extract/1"


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to a model and the sentences that its reply may cite, by number; model.price_of(ask.prompt) prices it."""

    prompt: Prompt
    sentences: Mapping[str, Citation]
    most: int


# ── a few sentences about articles ───────────────────────────────────────────────────────────────────────────────────


def ask_for(
    feature: Feature,
    sources: Sequence[Source],
    *,
    language: str | None = None,
    question: str | None = None,
    characters: int = CHARACTERS,
    nonce: str | None = None,
) -> Ask:
    """Return what phrase asks a model.  `nonce` marks the fence around the articles; it is drawn where none is given."""
    name, most = _FORMS[feature]
    read = readable(sources, characters=characters)
    user = fenced(read, sources, nonce=nonce or secrets.token_hex(8))
    if question is not None:
        user += f"\n\nThe question: {as_shown(question)[:_QUESTION_CHARACTERS]}"
    return _ask(name, read, user, most=most, language=_language(language, sources))


def phrase(
    model: LanguageModel,
    feature: Feature,
    sources: Sequence[Source],
    *,
    extractive: Sequence[Claim],
    made_at: datetime,
    language: str | None = None,
    question: str | None = None,
    meanings: Meanings | None = None,
    characters: int = CHARACTERS,
    on_claim: Callable[[Claim], None] | None = None,
    nonce: str | None = None,
) -> Answer:
    """Return what a model makes of the sources, as far as it stands in them.

    extractive: the same feature's claims without a model, best first; they stand in for what is dropped, and are the whole
    answer where nothing passes.  language: of the answer, else that of the first source.  meanings: see evidence.check; an
    answer in another language than its sources needs it.  on_claim hears each sentence that passes while the model still
    writes.  Raises what model.complete raises: the caller then shows the extractive claims, and says why.
    """
    ask = ask_for(feature, sources, language=language, question=question, characters=characters, nonce=nonce)
    by_id = {source.article_id: source for source in sources}
    language = _language(language, sources)
    gate = _Gate(by_id, meanings, language)
    stream = _Stream(
        ask, lambda draft: on_claim(gate.claim(draft)) if on_claim and gate.passes(draft) else None
    )
    completion = model.complete(ask.prompt, on_text=stream.hear if on_claim else None)
    drafts = _drafts(completion.value, completion.text, ask)
    extracted, dropped = checked(extractive, by_id, meanings=meanings)
    passed = {i: gate.claim(draft) for i, draft in enumerate(drafts) if gate.passes(draft, counts=True)}
    return Answer(
        claims=_shown(drafts, passed, extracted) if passed else extracted[: ask.most],
        made_by=f"{model.name} · {ask.prompt.version}" if passed else EXTRACTED_BY,
        made_at=made_at,
        article_ids=tuple(by_id),
        dropped=dict(Counter(dropped) + gate.dropped),
        cost=completion.cost,
    )


def _shown(
    drafts: Sequence[_Draft], passed: Mapping[int, Claim], extracted: Sequence[Claim]
) -> tuple[Claim, ...]:
    """The claims that passed in the model's order, in the places of the others what was extracted."""
    used = {_place(citation) for claim in passed.values() for citation in claim.citations}
    shown: dict[str, Claim] = {}
    for i, draft in enumerate(drafts):
        claim = passed.get(i) or _stand_in(draft, extracted, used)
        if claim is not None:
            used |= set(map(_place, claim.citations))
            shown.setdefault(claim.text.casefold(), claim)
    return tuple(shown.values())


def _stand_in(draft: _Draft, extracted: Sequence[Claim], used: set[tuple[int, int, int]]) -> Claim | None:
    """The extracted claim nearest to what a draft cites that says nothing already said: its sentence, its article, any."""
    left = [claim for claim in extracted if not used & set(map(_place, claim.citations))]
    places = set(map(_place, draft.citations))
    articles = {citation.article_id for citation in draft.citations}

    def nearness(claim: Claim) -> int:
        if places & set(map(_place, claim.citations)):
            return 2
        return int(bool(articles & {citation.article_id for citation in claim.citations}))

    return max(left, key=nearness, default=None)


def _place(citation: Citation) -> tuple[int, int, int]:
    return citation.article_id, citation.paragraph, citation.start


# ── an article sentence by sentence ──────────────────────────────────────────────────────────────────────────────────


def asks_to_render(
    rendering: Rendering, source: Source, *, language: str, nonce: str | None = None
) -> tuple[Ask, ...]:
    """Return what render asks a model, a few sentences a request; all their prices together are its price."""
    nonce = nonce or secrets.token_hex(8)
    batches: list[list[Numbered]] = []
    room = 0
    for sentence in readable((source,), characters=1_000_000):
        room -= len(sentence.text)
        if room < 0 or len(batches[-1]) >= _BATCH_SENTENCES:
            batches.append([])
            room = _BATCH_CHARACTERS - len(sentence.text)
        batches[-1].append(sentence)
    return tuple(
        _ask(rendering, batch, fenced(batch, (source,), nonce=nonce), most=len(batch), language=language)
        for batch in batches
    )


def render(
    model: LanguageModel,
    rendering: Rendering,
    source: Source,
    *,
    made_at: datetime,
    language: str,
    meanings: Meanings | None = None,
    on_claim: Callable[[Claim], None] | None = None,
    nonce: str | None = None,
) -> Answer:
    """Return an article in another language or in simpler words: one claim for each of its sentences, in their order.

    Each cites the sentence it stands beside, which stays in the article's language; where the model's is dropped, or none
    came, that sentence itself stands.  on_claim hears the model's as they pass.  Raises what model.complete raises.
    """
    gate = _Gate({source.article_id: source}, meanings, language)
    made: dict[tuple[int, int, int], Claim] = {}
    costs = []
    for ask in asks_to_render(rendering, source, language=language, nonce=nonce):
        completion = model.complete(ask.prompt)
        costs.append(completion.cost)
        for draft in _drafts(completion.value, completion.text, ask):
            of_one = _Draft(draft.text, draft.citations if len(draft.citations) == 1 else ())
            if gate.passes(of_one, counts=True):
                claim = gate.claim(of_one)
                if made.setdefault(_place(claim.citations[0]), claim) is claim and on_claim:
                    on_claim(claim)
    claims = tuple(
        made.get(_place(citation)) or Claim(citation.words, (citation,), source.language)
        for citation in sentences_of(source)
    )
    kept, unkept = checked(claims, gate.sources, meanings=meanings)
    return Answer(
        claims=kept,
        made_by=f"{model.name} · {rendering}/{prompt_file(rendering).version.partition('/')[2]}"
        if made
        else EXTRACTED_BY,
        made_at=made_at,
        article_ids=(source.article_id,),
        dropped=dict(gate.dropped + Counter(unkept)),
        cost=sum_of(costs),
    )


# ── asking and reading the reply ─────────────────────────────────────────────────────────────────────────────────────


def _ask(name: str, read: Sequence[Numbered], user: str, *, most: int, language: str) -> Ask:
    file = prompt_file(name)
    system = file.filled(language=_english_name(language), most=most)
    numbers = {sentence.number: sentence.citation for sentence in read}
    user += f"\n\nNow reply as you were told, with at most {most} sentences in {_english_name(language)}."
    prompt = Prompt(file.version, system, user, _schema(list(numbers), most), file.most_tokens)
    return Ask(prompt, numbers, most)


def _schema(numbers: Sequence[str], most: int) -> dict[str, Any]:
    cites = {"type": "array", "minItems": 1, "maxItems": _MOST_CITES}
    cites["items"] = {"type": "string", "enum": list(numbers)} if numbers else {"type": "string"}
    sentence = {
        "type": "object",
        "properties": {"text": {"type": "string"}, "cites": cites},
        "required": ["text", "cites"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"sentences": {"type": "array", "maxItems": most, "items": sentence}},
        "required": ["sentences"],
        "additionalProperties": False,
    }


def _language(language: str | None, sources: Sequence[Source]) -> str:
    return language or next((source.language for source in sources if source.language), "en")


def _english_name(language: str) -> str:
    """The name of a language for the prompt; a code that nobody knows is not passed on, since it comes from a page."""
    names = Locale("en").languages
    return str(names.get(language.replace("-", "_")) or names.get(language[:2].lower()) or "English")


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sentence as the model wrote it, with the citations behind the numbers that exist."""

    text: str
    citations: tuple[Citation, ...]


_NUMBER = re.compile(r"a\d{1,4}\.s\d{1,4}")
_BRACKETED = re.compile(r"\s*[\[(]\s*a\d{1,4}\.s\d{1,4}(?:\s*[,;]\s*a\d{1,4}\.s\d{1,4}){0,9}\s*[\])]")


def _drafts(value: Mapping[str, Any] | None, text: str, ask: Ask) -> list[_Draft]:
    """The sentences of a reply: of the object asked for, else of whatever objects it holds, else of its prose."""
    objects = [value] if value is not None else list(objects_in(text))
    stated = [row for one in objects for row in _rows(one)]
    if not objects and "{" not in text:
        stated = [
            {"text": sentence} for line in text[:20_000].splitlines() for sentence in sentences(line, None)
        ]
    drafts = (_draft(row, ask) for row in stated[: ask.most])
    return [draft for draft in drafts if draft is not None]


def _rows(value: Mapping[str, Any]) -> list[Any]:
    rows = value.get("sentences", [value] if "text" in value else [])
    return rows if isinstance(rows, list) else []


def _draft(row: object, ask: Ask) -> _Draft | None:
    """A sentence of a reply; numbers that models like to write behind it count as its own.  None where it has no words."""
    if not isinstance(row, Mapping) or not isinstance(row.get("text"), str):
        return None
    written = row["text"][:2_000]
    cites = row.get("cites")
    stated = [cite for cite in cites if isinstance(cite, str)] if isinstance(cites, list) else []
    numbers = [
        number for part in [*stated, *_BRACKETED.findall(written)] for number in _NUMBER.findall(part[:200])
    ]
    citations = dict.fromkeys(ask.sentences[number] for number in numbers if number in ask.sentences)
    text = tidy(_BRACKETED.sub("", written))
    return _Draft(text, tuple(citations)[:_MOST_CITES]) if text else None


class _Stream:
    """Hears a reply piece by piece and passes on each sentence as soon as its object is closed.

    A sentence that holds a closing brace is not heard early; it is in the whole reply all the same.
    """

    def __init__(self, ask: Ask, on_draft: Callable[[_Draft], None]) -> None:
        self._ask = ask
        self._on_draft = on_draft
        self._pending = ""
        self._left = ask.most

    def hear(self, text: str) -> None:
        self._pending += text
        if "}" not in text:
            return
        for row in self._ended():
            draft = _draft(row, self._ask)
            if draft is not None and self._left > 0:
                self._left -= 1
                self._on_draft(draft)

    def _ended(self) -> Iterator[Mapping[str, Any]]:
        while (found := _ROW.search(self._pending)) is not None:
            self._pending = self._pending[found.start() :]
            end = self._pending.find("}")
            if end < 0:
                return
            yield from objects_in(self._pending[: end + 1])
            self._pending = self._pending[end + 1 :]
        self._pending = self._pending[-_ROW_OPENING:]  # what opens none is read once


_ROW = re.compile(r'\{\s{0,20}"(?:text|cites)"')
_ROW_OPENING = 30


class _Gate:
    """What passes, and how often what did not."""

    def __init__(self, sources: Mapping[int, Source], meanings: Meanings | None, language: str) -> None:
        self.sources = sources
        self._meanings = meanings
        self._language = language
        self.dropped: Counter[DropReason] = Counter()
        self._known: dict[_Draft, DropReason | None] = {}

    def claim(self, draft: _Draft) -> Claim:
        return Claim(draft.text, draft.citations, self._language)

    def passes(self, draft: _Draft, *, counts: bool = False) -> bool:
        if draft not in self._known:
            self._known[draft] = check(self.claim(draft), self.sources, meanings=self._meanings).reason
        reason = self._known[draft]
        if reason is not None and counts:
            self.dropped[reason] += 1
        return reason is None
