import hashlib
from importlib.resources import files

import pytest

from tidings.ai.prompts import VERSIONS, parsed, prompt_file

GOOD = '+++\nversion = "brief/1"\nmost_tokens = 50\n+++\nWrite $most sentences in $language.\n'

# Answers are kept under the version that made them: words that change need a new version, and the old file is left alone.
DIGESTS = {
    "answer/1": "74d83aabf690ef36",
    "background/1": "57540640d3afd7fb",
    "brief/1": "7b2e50fc802a0574",
    "points/1": "aef0f73071e54684",
    "simple/1": "6461f0caf860a44e",
    "summary/1": "deb5d291066bbe13",
    "translate/1": "14754e364a48111a",
}


@pytest.mark.parametrize("name", sorted(VERSIONS))
def test_a_prompt_is_what_its_version_says(name: str) -> None:
    version = f"{name}/{VERSIONS[name]}"
    file = prompt_file(name)
    assert file.version == version
    words = file.filled(language="Korean", most=4)
    assert "Korean" in words
    assert "$" not in words
    assert '"cites"' in words
    assert "<<<ARTICLES" in words


def test_the_words_of_a_version_never_change() -> None:
    folder = files("tidings.ai.prompts")
    found = {
        f"{part.name}/{file.name.removesuffix('.md')}": hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        for part in folder.iterdir()
        if part.is_dir() and part.name != "__pycache__"
        for file in part.iterdir()
    }
    assert found == DIGESTS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (GOOD.replace("brief/1", "brief/2"), "states"),
        (GOOD.replace("50", "0"), "states"),
        (GOOD.replace("50", '"50"'), "states"),
        (GOOD.replace("most_tokens", "tokens"), "must state"),
        (GOOD.replace("+++\nWrite", "Write"), "open with"),
        ("Hello " + GOOD, "open with"),
        (GOOD.replace("$most", "$article"), "places"),
        (GOOD.replace("$most", "$ most"), "places"),
        ("", "open with"),
    ],
)
def test_a_prompt_that_is_not_what_it_should_be_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parsed(text, version="brief/1")
    assert parsed(GOOD, version="brief/1").most_tokens == 50
