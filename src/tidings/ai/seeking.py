"""Whether a sentence holds what a question seeks: somebody of the office named, as many of the thing counted, a reason.

By tables and by what was read of the article, not by meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from tidings.ai.question import Measure, Question, Sought
from tidings.ai.shortlist import Passage
from tidings.ai.words import read
from tidings.model import Figure, Name
from tidings.stories.figures import figures_in
from tidings.stories.lexicon import table_of
from tidings.stories.names import names_in
from tidings.stories.nations import nation_of
from tidings.stories.times import times_in
from tidings.text import fold, search_tokens

SOME = 0.3  # something of the kind, which may be another
# "Hale, 52, a former colonel", "who is 64", "a 13-year-old", "turned 52", "44 Jahre alt"; not "1,300."
_AGE = re.compile(
    r"(?:(?<!\d),|\(|\b(?:who is|aged?|age of|turn(?:s|ed)|wurde|wird)) ?\d{1,3}(?=[,.;)]| )(?![,.]\d)"
    r"|\b\d{1,3}[- ](?:year|jahre|jährig|ans\b|años)|\d ?[세살]",
    re.IGNORECASE,
)
_LENGTHS = frozenset({"km", "m", "cm", "mm", "mile", "foot"})
_DURATIONS = frozenset({"second", "minute", "hour", "day", "week", "month", "year", "decade"})
_UNITS: dict[Measure, frozenset[str]] = {"length": _LENGTHS, "extent": _LENGTHS | _DURATIONS}


def holds_sought(question: Question, passage: Passage, *, today: date) -> float:
    """Return how surely a sentence holds what is sought and the question does not say, −1.0 to 1.0.

    1.0: a person of an office that the question names, as many of what it counts, a word for a reason; −1.0: nothing of the kind.
    0.0 where anything may be the answer, or where it cannot be told in the passage's language.
    """
    language = passage.found.source.language
    if question.sought == "anything":
        return 0.0
    if question.sought == "reason":
        return _reason(passage, today)
    if question.sought in ("number", "time"):
        if table_of(language, "figures" if question.sought == "number" else "times") is None:
            return 0.0
        times = times_in([passage.words], language, today=today)
        if question.sought == "time":
            return 1.0 if any(_is_new(time.words, question, language) for time in times) else -1.0
        figures = figures_in([passage.words], language, times=times)
        return _count(
            question, passage, [figure for figure in figures if _is_new(figure.words, question, language)]
        )
    return _named(question, passage, question.sought)


def _reason(passage: Passage, today: date) -> float:
    sentence = read(passage.words, passage.found.source.language, today=today)
    if sentence.of("cause_behind", "cause_before"):
        return 1.0
    if sentence.of("behind"):  # "resigned after an audit", "talks over pay": may say when, or what about
        return SOME
    return -1.0 if sentence.lexicon.phrases or sentence.lexicon.stems else 0.0


def _is_new(words: str, question: Question, language: str | None) -> bool:
    return bool(set(search_tokens(words, language)) - question.tokens())


def _count(question: Question, passage: Passage, figures: Iterable[Figure]) -> float:
    if question.measure == "age":
        return 1.0 if _AGE.search(passage.words) else -1.0
    language = passage.found.source.language
    asked = question.counted(language)
    held = -1.0
    for figure in figures:
        if question.measure is not None:
            held = max(held, 1.0 if figure.unit in _UNITS[question.measure] else 0.0)
        else:
            counted = set(search_tokens(figure.counted, language))
            held = max(held, 1.0 if not asked or counted & asked else SOME)
    return held


def _named(question: Question, passage: Passage, sought: Sought) -> float:
    source = passage.found.source
    roles = {name.key: name.roles for name in source.names}
    asked = {fold(token) for token in question.tokens()}
    held = -1.0
    for name in names_in("", [passage.before, passage.words], source.language):
        forms = [form for form in (name.label, *name.forms) if form in passage.words]
        if not _may_be(name, sought) or not any(_is_new(form, question, source.language) for form in forms):
            continue
        offices = {
            token
            for role in roles.get(name.key, name.roles)
            for token in search_tokens(role, source.language)
        }
        held = max(held, 1.0 if sought != "person" or offices & asked else SOME)
    return held


def _may_be(name: Name, sought: Sought) -> bool:
    if sought == "person":
        return name.kind in ("person", None)
    if sought == "place":
        return name.kind == "place" or nation_of(name.label) is not None
    return True
