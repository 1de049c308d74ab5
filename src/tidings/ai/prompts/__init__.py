"""The words that models are asked with, one file a version: prompts/brief/1.md is "brief/1".

A prompt that is changed gets the next number and a file of its own, since answers are kept under the version that made
them.  A file opens with its version and the most tokens of a reply; then comes what is ours to say, with $language and
$most to be filled in.  Nothing of an article ever goes in there.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

VERSIONS = {
    "summary": 1,
    "points": 1,
    "brief": 1,
    "answer": 1,
    "background": 1,
    "translate": 1,
    "simple": 1,
}
"""The version of each prompt that is asked with now."""

_KNOWN = {"language", "most"}


@dataclass(frozen=True, slots=True)
class PromptFile:
    """A prompt as its file has it."""

    version: str
    most_tokens: int
    words: Template

    def filled(self, *, language: str, most: int) -> str:
        """Return the words with an English name of a language and a number of sentences in their places."""
        return self.words.substitute(language=language, most=most)


@cache
def prompt_file(name: str) -> PromptFile:
    """Return the current version of a prompt.  Raises ValueError for a file that is not what it should be."""
    version = f"{name}/{VERSIONS[name]}"
    return parsed(files(__name__).joinpath(f"{version}.md").read_text("utf-8"), version=version)


def parsed(text: str, *, version: str) -> PromptFile:
    """Return a prompt from its file's text.  Raises ValueError naming what is wrong with it."""
    opening, _, rest = text.partition("+++\n")
    head, mark, words = rest.partition("\n+++\n")
    if opening or not mark:
        raise ValueError(f"the prompt {version} does not open with +++ lines")
    stated = tomllib.loads(head)
    if set(stated) != {"version", "most_tokens"}:
        raise ValueError(f"the prompt {version} must state version and most_tokens, and nothing else")
    tokens = stated["most_tokens"]
    if stated["version"] != version or type(tokens) is not int or not 0 < tokens <= 8000:
        raise ValueError(f"the prompt {version} states {stated}")
    template = Template(words.strip())
    if not template.is_valid() or not set(template.get_identifiers()) <= _KNOWN:
        raise ValueError(f"the prompt {version} has places that nothing fills")
    return PromptFile(version, tokens, template)
