import json
from decimal import Decimal
from pathlib import Path

import pytest

from tidings.config import OwnHost, Settings, load_settings
from tidings.errors import ConfigError


def test_nothing_stated_gives_the_defaults_on_the_named_home(tmp_path: Path) -> None:
    assert load_settings({"TIDINGS_HOME": str(tmp_path)}) == Settings(home=tmp_path)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "tidings.toml").write_text(
        'port = 9000\ncontact = "https://desk.example"\n[own_hosts]\n"press.localhost:8701" = {spacing_s = 0.1, min_interval_s = 20}\n'
    )
    settings = load_settings({"TIDINGS_HOME": str(tmp_path), "TIDINGS_PORT": "9100"})
    assert settings == Settings(
        home=tmp_path,
        port=9100,
        contact="https://desk.example",
        own_hosts={"press.localhost:8701": OwnHost(spacing_s=0.1, min_interval_s=20)},
    )


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("prot = 1", "prot"),
        ('port = "many"', "port"),
        ("workers = 0", "workers"),
        ("port = ", "TOML"),
        ('[own_hosts]\n"x" = {speed = 1}', "own_hosts"),
        ("contact = 5", "contact"),
        ("spacing_s = 0.5", "at least 1"),
        ("window_days = -1", "window_days"),
        ('log_level = "loud"', "debug, info, warning or error"),
        ('[own_hosts]\n"intranet.example.org" = {}', "a colon and a port"),
        ('[own_hosts]\n"http://intranet.example.org:80" = {}', "a colon and a port"),
        ('[own_hosts]\n"x.example:80" = {spacing_s = -1}', "negative"),
        ('[own_hosts]\n"x.example:80" = {spacing_s = "fast"}', "own_hosts"),
        ('database_url = "mysql://x"', "postgresql://"),
        ('ai_url = "http://127.0.0.1:11434/v1"', "ai_model is not set"),
        ('ai_model = "llama3.1"', "ai_url is not set"),
        ('ai_url = "ftp://x/v1"\nai_model = "m"', "http://127.0.0.1:11434/v1"),
        ('ai_url = "http://me:word@x/v1"\nai_model = "m"', "ai_key"),
        ("ai_price_in = 0.5", "together"),
        ("ai_price_in = -1\nai_price_out = 1", "negative"),
        ("ai_price_in = true\nai_price_out = 1", "number"),
        ('ai_price_in = "cheap"\nai_price_out = 1', "number"),
        ("ai_budget_day = 1", "0 is a price"),
        ("ai_budget_user = 1", "0 is a price"),
        ("ai_timeout_s = 0", "more than nothing"),
        ('ai_currency = "euro"', "EUR"),
        ('ai_key = "two\\nlines"', "one line"),
        ('ai_key_file = "nowhere.key"', "cannot be read"),
        ('ai_key = "x"\nai_key_file = "y"', "both set"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(tmp_path: Path, toml: str, named: str) -> None:
    (tmp_path / "tidings.toml").write_text(toml)
    with pytest.raises(ConfigError) as caught:
        load_settings({"TIDINGS_HOME": str(tmp_path)})
    assert named in caught.value.public_message


def test_an_own_host_is_known_in_any_case_and_with_any_manners(tmp_path: Path) -> None:
    (tmp_path / "tidings.toml").write_text(
        '[own_hosts]\n"Intranet.Example.org:443" = {spacing_s = 1}\n"[::1]:8701" = {}\n'
    )
    own = load_settings({"TIDINGS_HOME": str(tmp_path)}).own_hosts
    assert own == {"intranet.example.org:443": OwnHost(spacing_s=1.0), "[::1]:8701": OwnHost()}


def test_the_contact_is_the_sites_own_page_where_it_has_an_address(tmp_path: Path) -> None:
    given = {"TIDINGS_HOME": str(tmp_path), "TIDINGS_BASE_URL": "https://news.example.org/"}
    assert load_settings(given).contact == "https://news.example.org/bot"
    stated = load_settings({**given, "TIDINGS_CONTACT": "mailto:desk@example.org"})
    assert stated.contact == "mailto:desk@example.org"


def test_a_password_in_a_wrong_address_is_not_shown(tmp_path: Path) -> None:
    given = {"TIDINGS_HOME": str(tmp_path), "TIDINGS_DATABASE_URL": "mysql://ann:secret@db/tidings"}
    with pytest.raises(ConfigError) as caught:
        load_settings(given)
    assert "secret" not in caught.value.public_message


def test_a_language_model_is_off_until_it_is_named(tmp_path: Path) -> None:
    assert not load_settings({"TIDINGS_HOME": str(tmp_path)}).has_model
    named = {
        "TIDINGS_AI_URL": "http://127.0.0.1:11434/v1/",
        "TIDINGS_AI_MODEL": "llama3.1",
        "TIDINGS_AI_KEY": "sk-1",
    }
    settings = load_settings({"TIDINGS_HOME": str(tmp_path), **named})
    assert settings.has_model
    assert (settings.ai_url, settings.ai_model, settings.ai_key) == (
        "http://127.0.0.1:11434/v1",
        "llama3.1",
        "sk-1",
    )


def test_prices_and_budgets_are_exactly_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "tidings.toml").write_text(
        'ai_price_in = 0.15\nai_price_out = "0.60"\nai_budget_day = 2\nai_budget_user = 0.1\nai_currency = "EUR"\n'
    )
    settings = load_settings({"TIDINGS_HOME": str(tmp_path)})
    assert (settings.ai_price_in, settings.ai_price_out) == (Decimal("0.15"), Decimal("0.60"))
    assert (settings.ai_budget_day, settings.ai_budget_user) == (Decimal(2), Decimal("0.1"))


def test_a_key_is_read_from_its_file_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "model.key").write_text("sk-secret\n")
    (tmp_path / "tidings.toml").write_text('ai_key_file = "model.key"\n')
    settings = load_settings({"TIDINGS_HOME": str(tmp_path)})
    assert settings.ai_key == "sk-secret"
    assert "sk-secret" not in repr(settings)


@pytest.mark.parametrize("key", ["sk-ä-secret", "sk-secret with\x07", "sk-secret\nsk-secret"])
def test_a_key_that_cannot_be_used_is_not_repeated(tmp_path: Path, key: str) -> None:
    (tmp_path / "model.key").write_text(key)
    for toml in ('ai_key_file = "model.key"', f"ai_key = {json.dumps(key)}"):
        (tmp_path / "tidings.toml").write_text(toml)
        with pytest.raises(ConfigError) as caught:
            load_settings({"TIDINGS_HOME": str(tmp_path)})
        assert "secret" not in f"{caught.value} {caught.value.public_message} {caught.value.__cause__!r}"
