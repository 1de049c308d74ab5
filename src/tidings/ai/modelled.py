"""What a language model phrases when a reader asks for it: priced before, within a budget, checked, kept for everyone.

A request is bought once: what passed the gate is kept with a digest of its sources, and shown until one of them changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from tidings.ai.assistant import inputs_of, standing
from tidings.ai.evidence import Meanings
from tidings.ai.meter import Budget, day_of, require_budget, sum_of
from tidings.ai.phrase import Feature, Rendering, ask_for, asks_to_render, phrase, render
from tidings.ai.prompts import VERSIONS, prompt_file
from tidings.model import Answer, Claim, Cost, ModelCall, Source
from tidings.ports import Completion, LanguageModel, Prompt, Store


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be phrased: a feature of a page ("article 7", "story 5", "archive"), with its sources.

    `question` is what is asked, `language` that of the answer; both are part of what is kept.
    """

    feature: Feature | Rendering
    subject: str
    sources: tuple[Source, ...]
    question: str | None = None
    language: str | None = None

    @property
    def options(self) -> str:
        return "\n".join(filter(None, (self.language, self.question)))


@dataclass(frozen=True, slots=True)
class Phrased:
    """A kept answer; `is_stale` when what it was made from has changed since."""

    answer: Answer
    is_stale: bool


class Modelled:
    """One language model with its budget, and what it answered so far."""

    def __init__(
        self,
        model: LanguageModel,
        store: Store,
        *,
        budget: Budget,
        meanings: Meanings,
        clock: Callable[[], datetime],
    ) -> None:
        self._model = model
        self._store = store
        self._budget = budget
        self._meanings = meanings
        self._clock = clock
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    def price_of(self, wish: Wish) -> Cost:
        """Return the most that a wish may take, before it is asked for."""
        if wish.feature == "translate" or wish.feature == "simple":
            asks = asks_to_render(wish.feature, wish.sources[0], language=wish.language or "en")
        else:
            asks = (ask_for(wish.feature, wish.sources, language=wish.language, question=wish.question),)
        return sum_of(self._model.price_of(ask.prompt) for ask in asks) or Cost()

    def kept(self, wish: Wish) -> Phrased | None:
        """Return what the model answered before, without the claims that were withdrawn since."""
        found = self._store.kept_answer(feature=wish.feature, subject=wish.subject, options=wish.options)
        if found is None or not self._is_of_today(found.answer.made_by):
            return None
        answer = replace(found.answer, claims=standing(self._store, found.answer.claims))
        return Phrased(answer, is_stale=found.inputs != inputs_of(wish.sources))

    def _is_of_today(self, made_by: str) -> bool:
        """Whether the model and the prompt that made an answer are those that would make it now."""
        model, _, version = made_by.rpartition(" · ")
        return not model or (
            model == self._model.name and version in {prompt_file(name).version for name in VERSIONS}
        )

    def answer(
        self,
        wish: Wish,
        *,
        extractive: Sequence[Claim],
        reader: str,
        on_claim: Callable[[Claim], None] | None = None,
    ) -> Answer:
        """Return what the model makes of a wish and keep it; on_claim hears each sentence that passes the gate.

        extractive: the sentences that stand in for what does not pass.  Raises BudgetSpent, ProviderDown, ProviderRefused.
        """
        if self._budget == Budget():
            return self._asked(wish, extractive, reader, on_claim)
        with self._turn:  # two at once could both find the last of a budget
            self._require_budget(wish, reader)
            return self._asked(wish, extractive, reader, on_claim)

    def _asked(
        self,
        wish: Wish,
        extractive: Sequence[Claim],
        reader: str,
        on_claim: Callable[[Claim], None] | None,
    ) -> Answer:
        now = self._clock()

        def pay(cost: Cost) -> None:
            self._store.record_call(ModelCall(now, reader, wish.feature, self._model.name, cost))

        model = _Metered(self._model, pay)
        if wish.feature == "translate" or wish.feature == "simple":
            answer = render(
                model,
                wish.feature,
                wish.sources[0],
                made_at=now,
                language=wish.language or "en",
                meanings=self._meanings,
                on_claim=on_claim,
            )
        else:
            answer = phrase(
                model,
                wish.feature,
                wish.sources,
                extractive=extractive,
                made_at=now,
                language=wish.language,
                question=wish.question,
                meanings=self._meanings,
                on_claim=on_claim,
            )
        self._store.keep_answer(
            feature=wish.feature,
            subject=wish.subject,
            options=wish.options,
            inputs=inputs_of(wish.sources),
            answer=answer,
        )
        return answer

    def _require_budget(self, wish: Wish, reader: str) -> None:
        since = day_of(self._clock())
        require_budget(
            self._budget,
            self.price_of(wish),
            spent=self._spent(since, None),
            spent_by_reader=self._spent(since, reader),
            now=self._clock(),
        )

    def _spent(self, since: datetime, reader: str | None) -> Decimal:
        return self._store.spent(since=since, reader=reader).price


class _Metered:
    """A model whose every reply is paid for as it comes, whatever becomes of the rest."""

    def __init__(self, model: LanguageModel, pay: Callable[[Cost], None]) -> None:
        self.name = model.name
        self._model = model
        self._pay = pay

    def price_of(self, prompt: Prompt) -> Cost:
        return self._model.price_of(prompt)

    def complete(self, prompt: Prompt, *, on_text: Callable[[str], None] | None = None) -> Completion:
        reply = self._model.complete(prompt, on_text=on_text)
        self._pay(reply.cost)
        return reply
