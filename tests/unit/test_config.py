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
