"""tidings.toml and the environment → one frozen Settings.

The environment wins over the file: TIDINGS_HOME, TIDINGS_DATABASE_URL, TIDINGS_HOST, TIDINGS_PORT, TIDINGS_CONTACT,
TIDINGS_BASE_URL, TIDINGS_WORKERS, TIDINGS_LOG_LEVEL, TIDINGS_AI_URL, TIDINGS_AI_MODEL, TIDINGS_AI_KEY.  The file is TIDINGS_HOME/tidings.toml; every key it may hold is in
`_KEYS`, and an unknown one is an error that names it: a misspelt setting must not be silently ignored.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tidings.errors import ConfigError
from tidings.urls import site_of

LEAST_SPACING_S = 1.0  # to hosts of others: what is too much for them is not the operator's to say
DEFAULT_CONTACT = "https://tidings.example/bot"


@dataclass(frozen=True, slots=True)
class OwnHost:
    """A host ("name:port") that the operator runs: reachable on private addresses, with manners of its own."""

    spacing_s: float = 0.0
    min_interval_s: int = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """How this instance runs.  Times in seconds, sizes in bytes.

    `contact` goes into the User-Agent so that publishers can reach the operator: the site's page /bot where there is a
    `base_url`.  That is where readers find the site, None when it is only known by its listening address.

    The keys of ai_ name a language model: where it is, what it asks for a million tokens, what may be spent a day by all and by
    one reader.  `ai_key` holds what ai_key_file does, once loaded.
    """

    home: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8600
    base_url: str | None = None
    contact: str = DEFAULT_CONTACT
    workers: int = 1
    fetch_threads: int = 16
    own_hosts: Mapping[str, OwnHost] = field(default_factory=dict)
    spacing_s: float = 1.0
    window_days: float = 14.0
    keep_pages_days: int | None = None
    log_level: str = "info"
    ai_url: str | None = None
    ai_model: str | None = None
    ai_key: str | None = field(default=None, repr=False)
    ai_key_file: Path | None = None
    ai_price_in: Decimal | None = None
    ai_price_out: Decimal | None = None
    ai_currency: str = "USD"
    ai_budget_day: Decimal | None = None
    ai_budget_user: Decimal | None = None
    ai_timeout_s: float = 180.0
    speech_command: tuple[str, ...] = ()

    @property
    def site_url(self) -> str:
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def images(self) -> Path:
        """The cache of publishers' pictures; it may be deleted."""
        return self.home / "images"

    @property
    def has_model(self) -> bool:
        """Whether a language model was chosen; nothing is sent to one otherwise."""
        return self.ai_url is not None and self.ai_model is not None


_KEYS = {f.name for f in fields(Settings)} - {"home"}
_ENVIRONMENT = {
    "TIDINGS_DATABASE_URL": "database_url",
    "TIDINGS_HOST": "host",
    "TIDINGS_PORT": "port",
    "TIDINGS_BASE_URL": "base_url",
    "TIDINGS_CONTACT": "contact",
    "TIDINGS_WORKERS": "workers",
    "TIDINGS_LOG_LEVEL": "log_level",
    "TIDINGS_AI_URL": "ai_url",
    "TIDINGS_AI_MODEL": "ai_model",
    "TIDINGS_AI_KEY": "ai_key",
}


def load_settings(environ: Mapping[str, str] = os.environ, *, home: Path | None = None) -> Settings:
    """Return the settings of the data folder named by `home`, TIDINGS_HOME or ~/.tidings.

    Raises ConfigError naming the file and the key when a value cannot be used.
    """
    folder = (home or Path(environ.get("TIDINGS_HOME") or Path.home() / ".tidings")).expanduser().absolute()
    path = folder / "tidings.toml"
    stated: dict[str, Any] = {}
    if path.exists():
        try:
            stated = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
            raise ConfigError(path, f"{path} is not valid TOML: {exc}. Mend the line it names.") from exc
    for variable, key in _ENVIRONMENT.items():
        if environ.get(variable):
            stated[key] = environ[variable]
    unknown = sorted(set(stated) - _KEYS)
    if unknown:
        raise ConfigError(path, f"{path} has unknown settings: {', '.join(unknown)}. Remove or correct them.")
    settings = Settings(home=folder)
    for key, value in stated.items():
        try:
            settings = replace(settings, **{key: _converted(key, value)})
        except (TypeError, ValueError, AttributeError) as exc:
            said = (
                "" if key in ("database_url", "ai_key", "ai_url") else f" = {value!r}"
            )  # they may hold a password
            raise ConfigError(key, f"The setting {key}{said} cannot be used: {exc}.") from exc
    if "contact" not in stated and settings.base_url:
        settings = replace(settings, contact=f"{settings.site_url}/bot")
    return _with_model(settings)


def _with_model(settings: Settings) -> Settings:
    """The settings with the key that a file holds.  Raises ConfigError for a model that is named in part."""
    if (settings.ai_url is None) != (settings.ai_model is None):
        lacking = "ai_model" if settings.ai_model is None else "ai_url"
        raise ConfigError(lacking, f"A language model needs ai_url and ai_model; {lacking} is not set.")
    prices = (settings.ai_price_in, settings.ai_price_out)
    if (prices[0] is None) != (prices[1] is None):
        raise ConfigError("ai_price_in", "ai_price_in and ai_price_out are set together or not at all.")
    if prices[0] is None and (settings.ai_budget_day is not None or settings.ai_budget_user is not None):
        raise ConfigError(
            "ai_price_in", "A budget can only be kept with ai_price_in and ai_price_out. 0 is a price."
        )
    if settings.ai_key_file is None:
        return settings
    if settings.ai_key is not None:
        raise ConfigError("ai_key_file", "ai_key and ai_key_file are both set. Leave one of them.")
    path = settings.home / settings.ai_key_file
    try:
        return replace(settings, ai_key=_converted("ai_key", path.read_text("utf-8").strip()))
    except (OSError, ValueError) as exc:  # never with the value, and a UnicodeDecodeError holds it
        raise ConfigError("ai_key_file", f"{path} cannot be read as a key of one line.") from (
            exc if isinstance(exc, OSError) else None
        )


# ── owners ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def load_owners(home: Path) -> dict[str, str]:
    """Return the owner of each site that has one, by the site's key: as shipped, corrected by owners.toml in the data folder.

    Raises ConfigError naming the file and what in it cannot be used.
    """
    shipped = files("tidings").joinpath("owners.toml").read_text("utf-8")
    owners = {site: owner for site, owner in _owners(shipped, "owners.toml").items() if owner}
    path = home / "owners.toml"
    if path.exists():
        try:
            own = _owners(path.read_text("utf-8"), path)
        except UnicodeDecodeError as exc:
            raise ConfigError(path, f"{path} is not UTF-8 text.") from exc
        owners = {site: owner for site, owner in (owners | own).items() if owner}
    return owners


def _owners(text: str, path: Path | str) -> dict[str, str]:
    """The owner of every site that an ownership file names, "" for those it calls independent."""
    try:
        stated = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(path, f"{path} is not valid TOML: {exc}. Mend the line it names.") from exc
    unknown = sorted(set(stated) - {"groups", "independent"})
    if unknown:
        raise ConfigError(
            path, f"{path} has unknown parts: {', '.join(unknown)}. It may have groups and independent."
        )
    groups = stated.get("groups", {})
    if not isinstance(groups, dict):
        raise ConfigError(path, f"{path}: groups must be a table of names with lists of domains.")
    owners: dict[str, str] = {}
    for owner, domains in [("", stated.get("independent", [])), *groups.items()]:
        if not isinstance(domains, list) or not all(isinstance(domain, str) for domain in domains):
            raise ConfigError(path, f"{path}: {owner or 'independent'} must be a list of domains in quotes.")
        for domain in domains:
            site = site_of(f"https://{domain.strip()}/")
            if site is None or "/" in domain:
                raise ConfigError(path, f"{path}: {domain!r} is not a domain. Write it like example.org.")
            if site in owners:
                raise ConfigError(path, f"{path} names {domain} twice. Leave it in one place.")
            owners[site] = owner
    return owners


def _converted(key: str, value: Any) -> Any:
    if key == "own_hosts":
        return {_host_and_port(name): _own_host(manners) for name, manners in value.items()}
    if key in ("port", "workers", "fetch_threads", "keep_pages_days"):
        number = int(value)
        lowest = 1 if key in ("workers", "fetch_threads") else 0
        if number < lowest:
            raise ValueError(f"it must be at least {lowest}")
        return number
    if key == "spacing_s" and float(value) < LEAST_SPACING_S:
        raise ValueError(
            f"it must be at least {LEAST_SPACING_S:g}. A host of your own bears less: name it under own_hosts"
        )
    if key in ("spacing_s", "window_days"):
        return _not_negative(float(value))
    if key == "speech_command":
        return _command(value)
    if key == "ai_timeout_s":
        if not 0 < float(value) < float("inf"):
            raise ValueError("it must be more than nothing")
        return float(value)
    if key in ("ai_price_in", "ai_price_out", "ai_budget_day", "ai_budget_user"):
        return _money(value)
    if not isinstance(value, str):
        raise TypeError("it must be text")
    if key == "ai_key_file":
        return Path(value).expanduser()
    if key == "ai_url":
        return _model_url(value)
    if key in ("ai_key", "ai_model") and not (
        value.isascii() and value.isprintable() and value == value.strip() and value
    ):
        raise ValueError("it must be one line of plain characters")
    if key == "ai_currency" and not re.fullmatch(r"[A-Z]{3}", value):
        raise ValueError("it must be a code of three letters, like EUR")
    if key == "log_level" and value not in ("debug", "info", "warning", "error"):
        raise ValueError("it must be debug, info, warning or error")
    if key == "database_url" and not re.match(r"postgres(ql)?://|\w+\s*=", value):
        raise ValueError("it must be an address like postgresql://user@host/database")
    return value


def _host_and_port(name: str) -> str:
    """Return "name:port" as the client keeps it; a name that would never be met is an error."""
    if not re.fullmatch(r"(?:[^\s:/@\[\]]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}", name):
        raise ValueError(f"{name!r} must be a host name, a colon and a port, like intranet.example.org:443")
    return name.lower()


def _own_host(manners: Mapping[str, Any]) -> OwnHost:
    own = OwnHost(**manners)
    return OwnHost(
        spacing_s=_not_negative(float(own.spacing_s)), min_interval_s=int(_not_negative(own.min_interval_s))
    )


def _command(value: Any) -> tuple[str, ...]:
    """A command as a shell would cut it, or as a list; it is never given to a shell."""
    if isinstance(value, str):
        return tuple(shlex.split(value))
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise TypeError("it must be a command, or a list of its parts")


def _money(value: Any) -> Decimal:
    """A sum as it is written: 0.15 in the file means exactly that."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError("it must be a number")
    try:
        sum_ = Decimal(str(value))
    except InvalidOperation as exc:
        raise ValueError("it must be a number") from exc
    if not sum_.is_finite() or sum_ < 0:
        raise ValueError("it must not be negative")
    return sum_


def _model_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it must be an address like http://127.0.0.1:11434/v1")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it must not hold a password; a key goes into ai_key")
    _ = parts.port  # raises ValueError for one that is none
    return url.rstrip("/")


def _not_negative(number: float) -> float:
    if not number >= 0:
        raise ValueError("it must not be negative")
    return number
