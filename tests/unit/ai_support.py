"""Articles as what is said of them reads them, and models that say what a test tells them to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tidings.ai.evidence import cite
from tidings.model import HEADLINE, Article, Claim, Cost, Extract, Publisher, Source
from tidings.ports import Completion, Prompt
from tidings.stories.facts import facts_of
from tidings.stories.names import names_in
from tidings.text import sentence_spans

AT = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)

PIER = (
    "Marlow Bay votes to close its ferry pier",
    (
        "The town council of Marlow Bay voted 7 to 4 on Tuesday to close the old ferry pier. The pier opened in 1921.",
        "Repairs would cost 3.2 million euros, Mayor Ines Calder said. “We cannot mend what the sea takes every winter,” she said.",
        "The Marlow Ferry Company said it would move its boats to Port Elin by June. It employs 46 people.",
    ),
)


def source_of(
    headline: str = PIER[0],
    paragraphs: Sequence[str] = PIER[1],
    *,
    id: int = 1,
    language: str = "en",
    standfirst: str | None = None,
    publisher: str = "The Courier",
) -> Source:
    names = names_in(headline, paragraphs, language)
    article = Article(
        id=id,
        publisher=Publisher(id=id, name=publisher, site_url=None),
        url=f"https://courier.example/{id}",
        extract=Extract(headline=headline, paragraphs=tuple(paragraphs), made_by="test/1", language=language),
        revision=1,
        text_digest=bytes([id]) * 32,
        first_seen_at=AT,
        last_changed_at=AT,
    )
    return Source(
        article_id=id,
        revision=1,
        text_digest=article.text_digest,
        publisher=publisher,
        at=AT,
        language=language,
        headline=headline,
        standfirst=standfirst,
        paragraphs=tuple(paragraphs),
        facts=facts_of(article, names=names),
        names=names,
    )


def extracted(source: Source, *, most: int = 3) -> tuple[Claim, ...]:
    """The first sentences of an article, each citing itself: the plainest thing a feature can say without a model."""
    spans = [
        (paragraph, *span)
        for paragraph in range(len(source.paragraphs))
        for span in sentence_spans(source.text(paragraph), source.language)
    ]
    citations = [cite(source, *span) for span in spans[:most]] or [
        cite(source, HEADLINE, 0, len(source.headline))
    ]
    return tuple(Claim(citation.words, (citation,), source.language) for citation in citations)


class Told:
    """A model that replies what `reply` makes of the prompt: an object, or text as it stands."""

    name = "told-1b"

    def __init__(self, reply: Callable[[Prompt], Mapping[str, Any] | str]) -> None:
        self._reply = reply
        self.prompts: list[Prompt] = []

    def price_of(self, prompt: Prompt) -> Cost:
        return Cost(100, prompt.most_tokens, Decimal("0.01"))

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        self.prompts.append(prompt)
        said = self._reply(prompt)
        text = said if isinstance(said, str) else json.dumps(said)
        if on_text:
            for at in range(0, len(text), 7):
                on_text(text[at : at + 7])
        value = None if isinstance(said, str) else said
        return Completion(text=text, value=value, model=self.name, cost=Cost(100, 20, Decimal("0.01")))


def says(*rows: tuple[str, str]) -> Told:
    """A model that says these sentences, each with the numbers it cites, parted by spaces."""
    value = {"sentences": [{"text": text, "cites": cites.split()} for text, cites in rows]}
    return Told(lambda prompt: value)


def numbers_in(prompt: Prompt) -> dict[str, str]:
    """The sentences that a prompt shows, by number."""
    lines = (
        line.removeprefix("[").partition("] ") for line in prompt.user.splitlines() if line.startswith("[a")
    )
    return {number: words for number, _, words in lines}
