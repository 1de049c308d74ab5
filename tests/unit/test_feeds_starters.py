"""Starter packs: real publishers, dated, and honest about not having been checked."""

import tomllib
from importlib.resources import files

import pytest

from tidings.errors import NotFound
from tidings.feeds.starters import starter, starter_names
from tidings.urls import canonical_url


def test_every_pack_has_enough_publishers_with_distinct_addresses() -> None:
    assert {
        "world",
        "europe",
        "asia",
        "africa",
        "americas",
        "business",
        "science",
        "technology",
        "sport",
        "culture",
    } <= set(starter_names())
    for name in starter_names():
        feeds = starter(name)
        assert 8 <= len(feeds) <= 15, name
        assert len({canonical_url(feed.url) for feed in feeds}) == len(feeds), name
        assert all(feed.title and feed.folder for feed in feeds)


def test_the_packs_name_their_source_and_date_and_that_nobody_checked_them() -> None:
    packs = tomllib.loads(files("tidings.feeds.starters").joinpath("packs.toml").read_text("utf-8"))
    assert packs["checked"] is False
    assert packs["chosen_on"].year >= 2026
    assert "CC0" in packs["source"]


def test_an_unknown_pack_is_answered_with_those_there_are() -> None:
    with pytest.raises(NotFound) as refusal:
        starter("gossip")
    assert "world" in refusal.value.public_message
