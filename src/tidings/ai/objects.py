"""JSON objects out of what a model wrote: bare, in a code fence, between other words, or cut off in the middle."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MOST_CHARACTERS = 200_000
MOST_TRIES = 100  # brackets that open nothing: each may cost a look at the rest of the text

_DECODER = json.JSONDecoder()


def objects_in(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield the JSON objects of a text in order, none inside another; of one that is cut off, those inside it.

    What a model thinks aloud (before "</think>") is left out.
    """
    text = text[:MOST_CHARACTERS]
    at = text.rfind("</think>") + 1
    tries = 0
    while tries < MOST_TRIES and (at := text.find("{", at)) >= 0:
        value, end = _decoded(text, at)
        if isinstance(value, dict):
            yield value
        else:
            tries += 1
        at = end


def object_in(text: str, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first object of a text that has what the schema requires at its top, None when none has."""
    required = schema.get("required", ())
    return next((value for value in objects_in(text) if all(key in value for key in required)), None)


def _decoded(text: str, at: int) -> tuple[object, int]:
    """The value that begins at a bracket and where it ends; None and the next place when it is none."""
    try:
        return _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None, at + 1
