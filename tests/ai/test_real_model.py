"""A real model at a real endpoint: what it invents is stopped, what was extracted stands in, and what stands is true.

SmolLM2-135M is asked because it invents. What it says differs from machine to machine, so nothing here depends on its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from tests.ai.real_model import MODEL, served
from tests.unit.ai_support import AT, extracted, source_of
from tidings.ai.evidence import check
from tidings.ai.meter import Prices
from tidings.ai.phrase import phrase, render
from tidings.ai.providers.openai import Endpoint, OpenAICompatible, Patience
from tidings.errors import ProviderRefused
from tidings.model import Answer, Cost, Source
from tidings.ports import Completion, LanguageModel, Prompt

ARTICLES = (
    source_of(),
    source_of(
        "Kestrel vaccine trial halted after two patients fall ill",
        (
            "The trial of a vaccine against river fever was halted on Wednesday after 2 of its 640 patients fell ill.",
            "“We stop first and ask afterwards,” said Dr Lena Oster, who leads the trial at St Oda’s Hospital in Gullside.",
            "The company that makes the vaccine, Kestrel, denied that the illness was caused by it.",
        ),
        id=2,
    ),
)


@dataclass(frozen=True)
class Brief:
    """A model that is asked for a short reply, so that the test is one, and whose replies are kept."""

    model: LanguageModel
    replies: list[Completion]
    most_tokens: int = 110

    @property
    def name(self) -> str:
        return self.model.name

    def price_of(self, prompt: Prompt) -> Cost:
        return self.model.price_of(replace(prompt, most_tokens=self.most_tokens))

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        asked = replace(prompt, most_tokens=self.most_tokens)
        self.replies.append(self.model.complete(asked, on_text=on_text))
        return self.replies[-1]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture(scope="module")
def model(endpoint: str) -> Iterator[OpenAICompatible]:
    prices = Prices(Decimal("0.10"), Decimal("0.40"))
    model = OpenAICompatible(
        Endpoint(endpoint, MODEL, prices=prices), patience=Patience(first_token_s=120, whole_s=300)
    )
    yield model
    model.close()


@pytest.fixture(scope="module")
def answered(model: OpenAICompatible) -> list[tuple[Source, Answer, Completion, Cost]]:
    """Each article's summary, the reply it was made from, and the price told before."""
    found = []
    for source in ARTICLES:
        brief = Brief(model, [])
        answer = phrase(brief, "short", (source,), extractive=extracted(source), made_at=AT)
        found.append((source, answer, brief.replies[0], brief.price_of(PROMPT)))
    return found


PROMPT = Prompt("test/1", "Answer in one word.", "Is the sky blue?", most_tokens=8)


def test_nothing_is_shown_that_does_not_stand_in_the_article(
    answered: list[tuple[Source, Answer, Completion, Cost]],
) -> None:
    for source, answer, _, _ in answered:
        assert 1 <= len(answer.claims) <= 3
        assert [check(claim, {source.article_id: source}).reason for claim in answer.claims] == [None] * len(
            answer.claims
        )


def test_inventions_are_stopped_counted_and_replaced(
    answered: list[tuple[Source, Answer, Completion, Cost]],
) -> None:
    stopped = 0
    for source, answer, reply, _ in answered:
        assert reply.text.strip()
        stopped += sum(answer.dropped.values())
        own = {claim.text for claim in extracted(source)}
        if answer.dropped:
            assert own & {claim.text for claim in answer.claims}
    assert stopped > 0, [reply.text for _, _, reply, _ in answered]


def test_tokens_are_counted_by_the_endpoint_and_paid(
    answered: list[tuple[Source, Answer, Completion, Cost]],
) -> None:
    for _, answer, reply, _ in answered:
        cost = answer.cost
        assert cost is not None
        assert cost == reply.cost
        assert cost.tokens_in > 300
        assert 0 < cost.tokens_out <= 2 * 110  # a reply without JSON is asked for twice
        assert (
            cost.price == (cost.tokens_in * Decimal("0.10") + cost.tokens_out * Decimal("0.40")) / 1_000_000
        )


def test_the_price_told_before_is_no_less_than_the_price_paid(model: OpenAICompatible) -> None:
    heard: list[str] = []
    told, reply = model.price_of(PROMPT), model.complete(PROMPT, on_text=heard.append)
    assert "".join(heard) == reply.text
    assert told.price is not None
    assert reply.cost.price is not None
    assert told.price >= reply.cost.price > 0


def test_a_translation_it_cannot_make_leaves_every_sentence_in_its_place(model: OpenAICompatible) -> None:
    source = source_of("Pier closed", ("The pier of Marlow Bay closed on Tuesday. It opened in 1921.",))
    answer = render(Brief(model, [], most_tokens=60), "translate", source, made_at=AT, language="ko")
    assert [claim.citations[0].words for claim in answer.claims] == [
        "Pier closed",
        "The pier of Marlow Bay closed on Tuesday.",
        "It opened in 1921.",
    ]
    assert all(check(claim, {1: source}).passes for claim in answer.claims)


def test_a_prompt_too_long_for_the_model_is_refused_in_words(model: OpenAICompatible) -> None:
    with pytest.raises(ProviderRefused) as caught:
        model.complete(replace(PROMPT, user="The pier closed. " * 3000))
    assert "refuses" in caught.value.public_message
