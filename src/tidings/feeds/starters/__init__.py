"""Starter packs: curated feeds by region and topic, for people who start from nothing.

The packs stand in packs.toml, with their source and date; nobody checked from here that their addresses still answer.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from tidings.errors import NotFound
from tidings.model import FoundFeed


def starter_names() -> list[str]:
    """Return the packs' names in the order they should be offered."""
    return list(_packs())


def starter(name: str) -> list[FoundFeed]:
    """Return the feeds of a pack; folder is the pack's name.  Raises NotFound naming the packs there are."""
    name = name.strip().lower()
    pack = _packs().get(name)
    if pack is None:
        raise NotFound(name, f"There is no starter pack {name!r}. There are: {', '.join(starter_names())}.")
    return [
        FoundFeed(url=feed["url"], title=feed["title"], folder=name.capitalize()) for feed in pack["feeds"]
    ]


def starter_note() -> str:
    """Return where the packs come from and when, and that nobody looked whether their addresses answer."""
    stated = _stated()
    return f"Chosen on {stated['chosen_on']:%Y-%m-%d} from {stated['source']}; the addresses were not checked from here."


def _packs() -> dict[str, Any]:
    packs: dict[str, Any] = _stated()["packs"]
    return packs


@cache
def _stated() -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath("packs.toml").read_text("utf-8"))
