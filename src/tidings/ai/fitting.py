"""How well a sentence answers a question: facts about the two, and the learned log-odds of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from tidings.ai.shortlist import Passage
from tidings.ai.question import Question, Sought
from tidings.model import Name
from tidings.stories.figures import figures_in
from tidings.stories.names import names_in
from tidings.stories.nations import nation_of
from tidings.stories.times import times_in
from tidings.text import search_tokens


def holds_sought(question: Question, passage: Passage, *, today: date) -> float:
    """Return 1.0 where a sentence has something of the kind that is sought and the question does not say, -1.0 where not.

    0.0 where nothing of a kind is sought, or where it cannot be told in the passage's language.
    """
    sought, language = question.sought, passage.found.source.language
    if sought == "anything":
        return 0.0
    if sought in ("number", "time"):
        times = times_in([passage.words], language, today=today)
        if sought == "time":
            said = [time.words for time in times]
        else:
            said = [figure.words for figure in figures_in([passage.words], language, times=times)]
    else:
        names = names_in("", [passage.before, passage.words], language)
        said = [
            form
            for name in names
            if _may_be(name, sought)
            for form in (name.label, *name.forms)
            if form in passage.words
        ]
    asked = question.tokens()
    return 1.0 if any(set(search_tokens(words, language)) - asked for words in said) else -1.0


def _may_be(name: Name, sought: Sought) -> bool:
    if sought == "person":
        return name.kind in ("person", None)
    if sought == "place":
        return name.kind == "place" or nation_of(name.label) is not None
    return True
