"""What a feature of a page shows now, sentence by sentence: what a reader may call wrong."""

from __future__ import annotations

from collections.abc import Iterator

from tidings.ai.assistant import MADE_BY as EXTRACTED
from tidings.ai.modelled import Wish
from tidings.ai.phrase import Rendering
from tidings.errors import NotFound
from tidings.model import Answer, Claim
from tidings.web.asking import ask_of
from tidings.web.desk import Visit
from tidings.web.news import moment_of, new_in
from tidings.web.renderings import rendering_of
from tidings.web.summaries import brief_of, told_of


def shown(visit: Visit, feature: str, subject: str, options: str) -> Iterator[tuple[Claim, str]]:
    """Yield each claim that a feature of a page shows now, with who made it.  Raises NotFound for what is no page."""
    assistant, store = visit.tidings.assistant, visit.tidings.store
    kind, _, number = subject.partition(" ")
    answers: list[Answer] = []
    if feature == "answer" and kind in ("archive", "article"):
        wish, extracted, _ = ask_of(visit, options, _number(number) if kind == "article" else None)
        answers += [*_kept(visit, wish), extracted]
    elif kind == "article":
        view = store.article(_number(number))
        told = told_of(visit, view)
        for wish, extracted in told.wishes:
            if wish.feature == feature:
                answers += [*_kept(visit, wish), extracted]
        if feature == "people":
            for one in assistant.people(told.source, told.earlier):
                yield from ((claim, EXTRACTED) for claim in one.descriptions)
        if feature in ("translate", "simple"):
            rendering: Rendering = "simple" if feature == "simple" else "translate"
            answers += _kept(visit, rendering_of(visit, view, rendering, options.partition("\n")[0]))
    elif kind == "story":
        story = visit.story(_number(number))
        wish, extracted = brief_of(visit, story)
        if feature == "brief":
            answers += [*_kept(visit, wish), extracted]
        elif feature == "short":
            answers.append(assistant.brief(wish.sources, length="short"))
        elif feature == "questions":
            answers.append(assistant.open_questions(wish.sources))
        elif feature == "timeline":
            days = assistant.timeline(wish.sources)
            yield from ((claim, EXTRACTED) for day in days for claim in day.claims)
        elif feature == "new":
            if moment_of(options) is None and not visit.is_operator:
                raise NotFound(options, "There is no such page here.")  # what was read is the operator's
            yield from ((new.claim, EXTRACTED) for new in new_in(visit, story, moment_of(options))[0])
        elif feature == "compare":
            found = assistant.compare(story)
            yield from ((row.claim, EXTRACTED) for row in (*found.claims, *found.single))
    for answer in answers:
        yield from ((claim, answer.made_by) for claim in answer.claims)


def _kept(visit: Visit, wish: Wish) -> list[Answer]:
    phrased = visit.tidings.modelled.kept(wish) if visit.tidings.modelled else None
    return [phrased.answer] if phrased and not phrased.is_stale else []


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound(text, "There is no such page here.")
    return int(text)
