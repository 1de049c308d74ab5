"""The ownership file: as shipped, and corrected by the operator's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidings.config import load_owners
from tidings.errors import ConfigError


def own_file(folder: Path, text: str) -> dict[str, str]:
    (folder / "owners.toml").write_text(text, "utf-8")
    return load_owners(folder)


def test_the_shipped_file_groups_sites_and_every_group_owns_something(tmp_path: Path) -> None:
    owners = load_owners(tmp_path)
    assert owners["nypost.com"] == owners["wsj.com"] == "News Corp"
    assert owners["bbc.com"] == owners["bbc.co.uk"]
    assert "example.org" not in owners
    assert 40 <= len(set(owners.values())) <= 80


def test_the_operators_file_has_the_last_word_on_every_site_it_names(tmp_path: Path) -> None:
    owners = own_file(
        tmp_path,
        'independent = ["nypost.com"]\n[groups]\n"Harbour Media" = ["courier.example", "www.Post.example", "ft.com"]\n',
    )
    assert "nypost.com" not in owners
    assert owners["courier.example"] == owners["post.example"] == owners["ft.com"] == "Harbour Media"
    assert owners["wsj.com"] == "News Corp"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("groups = [", "not valid TOML"),
        ('owners = ["a.example"]', "unknown parts: owners"),
        ("groups = 3", "must be a table"),
        ('[groups]\n"A" = "a.example"', "A must be a list"),
        ("independent = [3]", "independent must be a list"),
        ('[groups]\n"A" = ["a.example/news"]', "is not a domain"),
        ('[groups]\n"A" = [""]', "is not a domain"),
        ('[groups]\n"A" = ["a.example"]\n"B" = ["a.example"]', "names a.example twice"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        own_file(tmp_path, text)
    assert said in caught.value.public_message
    assert "owners.toml" in caught.value.public_message
