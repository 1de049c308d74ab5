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
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(tmp_path: Path, toml: str, named: str) -> None:
    (tmp_path / "tidings.toml").write_text(toml)
    with pytest.raises(ConfigError) as caught:
        load_settings({"TIDINGS_HOME": str(tmp_path)})
    assert named in caught.value.public_message
