import hashlib
from importlib.resources import files

import pytest

from tidings.ai.prompts import VERSIONS, parsed, prompt_file

GOOD = '+++\nversion = "brief/1"\nmost_tokens = 50\n+++\nWrite $most sentences in $language.\n'

# Answers are kept under the version that made them: words that change need a new version, and the old file is left alone.
DIGESTS = {
    "answer/1": "9893240add87a558",
    "background/1": "4d87bf77c4cd22e0",
    "brief/1": "82a2fca13dbf21fd",
    "points/1": "cea28a8a040f6ba3",
    "simple/1": "ecb21a6f8a785bd2",
    "summary/1": "17086d7f2fb63c63",
    "translate/1": "f77148e3dcc29c36",
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
