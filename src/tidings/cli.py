"""The `tidings` command: one command = one method on Tidings."""

from __future__ import annotations

import errno
import gc
import getpass
import json
import logging
import os
import re
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import structlog
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from tidings import __version__
from tidings.config import Settings, load_settings
from tidings.errors import TidingsError

if TYPE_CHECKING:
    from tidings.app import Tidings
    from tidings.model import FoundFeed

cli = typer.Typer(
    name="tidings",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Follow publishers, read stories, see why. Start with: `tidings up`",
)
corrections = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="What editors corrected.  Example: `tidings corrections export pairs.jsonl`",
)
cli.add_typer(corrections, name="corrections")
console = Console()
errors = Console(stderr=True)

_CHILD = typer.Option("--child", hidden=True, help="End when the supervisor ends.")


def main() -> None:
    """Run the command line; an expected error ends with one sentence that says what to do, and exit status 1."""
    signal.signal(signal.SIGTERM, _end)
    try:
        cli()
    except TidingsError as error:
        fail(error.public_message)
    except BrokenPipeError:  # `tidings feeds | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            fail("The disk is full. Free some space, or name a folder on another disk with TIDINGS_HOME.")
        if error.filename is None:
            raise
        fail(
            f"{error.filename}: {error.strerror}. Free the way to it, or name another folder with TIDINGS_HOME."
        )


def _end(number: int, _frame: object) -> NoReturn:
    """End as Ctrl-C does, so that blocks are left in order and the last user of the database stops it."""
    sys.exit(128 + number)


def fail(message: str) -> NoReturn:
    errors.print(plain(message), style="red", highlight=False, soft_wrap=True)
    sys.exit(1)


def plain(text: str) -> Text:
    """Return text from outside as it may be printed: no markup, no control characters that a terminal obeys."""
    return Text(_CONTROL.sub("", text))


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


# ── running ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def up(
    port: Annotated[int | None, typer.Option(help="Where the site listens.")] = None,
    host: Annotated[str | None, typer.Option(help="The address it listens on.")] = None,
    workers: Annotated[int | None, typer.Option(help="How many worker processes.")] = None,
) -> None:
    """Run everything: database, workers, site. Ctrl-C stops it.

    Example: `tidings up --port 8600`
    """
    from tidings.supervise import stop_on_signals
    from tidings.supervise import up as run_up

    for variable, value in (("TIDINGS_PORT", port), ("TIDINGS_HOST", host), ("TIDINGS_WORKERS", workers)):
        if value is not None:
            os.environ[variable] = str(value)
    settings = load_settings()
    configure_logs(settings)
    stop = threading.Event()
    stop_on_signals(stop)

    def ready(url: str) -> None:
        where = Text.assemble("Tidings is up at ", (url, "bold"), f" with its data in {settings.home}.")
        console.print(where, "Ctrl-C stops it.", highlight=False, soft_wrap=True)
        with _opened(settings) as tidings:
            if not tidings.has_operator():
                on_the_web = "" if settings.base_url else f"at {url}/setup, or "
                said = f"Set your password {on_the_web}here with: tidings password"
                console.print(said, highlight=False, soft_wrap=True)

    with run_up(settings, stop=stop, ready=ready):
        stop.wait()
    console.print("Tidings has stopped.")


@cli.command()
def serve(child: Annotated[bool, _CHILD] = False) -> None:
    """Serve the site alone, beside workers on the same database.

    Example: `TIDINGS_DATABASE_URL=postgresql://… tidings serve`
    """
    import uvicorn

    from tidings.supervise import end_with_parent, stop_on_signals
    from tidings.web import create_app

    settings = load_settings()
    configure_logs(settings)
    stop = threading.Event()
    stop_on_signals(stop)  # the server raises what it was stopped with once more when it has ended
    with _opened(settings) as tidings:
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(tidings),
                host=settings.host,
                port=settings.port,
                log_level="warning",
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=3,
            )
        )
        if child:
            end_with_parent(lambda: setattr(server, "should_exit", True))
        gc.freeze()  # what was imported stays: to look through it each time would hold up a page for 50 ms
        if not stop.is_set():
            server.run()


@cli.command()
def worker(child: Annotated[bool, _CHILD] = False) -> None:
    """Run one worker process alone: any number may run on one database.

    Example: `TIDINGS_DATABASE_URL=postgresql://… tidings worker`
    """
    from tidings.supervise import end_with_parent, stop_on_signals
    from tidings.worker import Worker

    settings = load_settings()
    configure_logs(settings)
    stop = threading.Event()
    stop_on_signals(stop)
    if child:
        end_with_parent(stop.set)
    with _opened(settings) as tidings:
        ended = Worker(tidings, owner=f"{socket.gethostname()}:{os.getpid()}", stop=stop).run()
    if not ended:  # threads that still wait for a slow host; their rows were handed back
        sys.stderr.flush()
        os._exit(0)


@cli.command()
def doctor() -> None:
    """Check database, extensions, models, disk, clock and network, and say how to mend each.

    Example: `tidings doctor`
    """
    from tidings.doctor import examine

    checks = examine(load_settings())
    for check in checks:
        mark = {"good": ("good", "green"), "warn": ("look", "yellow"), "bad": ("bad ", "red")}[check.verdict]
        line = Text.assemble(mark, "  ", (check.name, "bold"), ": ", plain(check.finding))
        console.print(line, highlight=False, soft_wrap=True)
        if check.remedy:
            console.print(plain(f"      → {check.remedy}"), highlight=False, soft_wrap=True)
    if any(check.verdict == "bad" for check in checks):
        sys.exit(1)


# ── following ────────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def follow(
    urls: Annotated[
        list[str] | None, typer.Argument(help="Feeds, or sites whose feeds are looked for.")
    ] = None,
    starter: Annotated[str | None, typer.Option(help="A starter pack: world, business, science, …")] = None,
    every: Annotated[bool, typer.Option("--all", help="Follow every feed that a site has.")] = False,
    no_full_text: Annotated[
        bool, typer.Option("--no-full-text", help="Keep to the feed's own text.")
    ] = False,
    username: Annotated[str | None, typer.Option(help="For feeds behind HTTP authentication.")] = None,
) -> None:
    """Follow feeds, or the feeds of sites.

    Examples: `tidings follow https://example.org/feed.xml` · `tidings follow example.org --all` · `tidings follow --starter world`
    """
    from tidings.feeds.starters import starter_names, starter_note
    from tidings.model import Credentials
    from tidings.urls import without_credentials

    if not urls and not starter:
        fail(f"Name an address, or a starter pack with --starter: {', '.join(starter_names())}.")
    credentials = Credentials(username, getpass.getpass(f"Password for {username}: ")) if username else None
    failed = False
    with _opened() as tidings:
        if starter:
            followed = tidings.follow_starter(starter)
            console.print(
                f"{sum(f.is_new for f in followed)} new feeds of the pack {starter!r}, {len(followed)} in all. "
                f"{starter_note()} /feeds shows which do not answer.",
                highlight=False,
                soft_wrap=True,
            )
        for url in urls or ():
            try:
                with _waiting(f"Looking for feeds at {without_credentials(url)[0]} …"):
                    found = tidings.find_feeds(url, credentials=credentials)
            except TidingsError as error:
                again = " It is not followed: try the same again then." if error.retry == "later" else ""
                errors.print(
                    plain(f"{error.public_message}{again}"), style="red", highlight=False, soft_wrap=True
                )
                failed = True
                continue
            if len(found) > 1 and not every:
                found = _choose(url, found)
            for one in found:
                result = tidings.follow(one, full_text=not no_full_text)
                said = "Following" if result.is_new else "Already following"
                console.print(
                    plain(f"{said} {result.feed.title or one.url} ({one.url})"),
                    highlight=False,
                    soft_wrap=True,
                )
    if failed:
        sys.exit(1)


@cli.command("import")
def import_(path: Annotated[Path, typer.Argument(help="An OPML file.")]) -> None:
    """Follow every feed of an OPML file, as other readers export it.

    Example: `tidings import subscriptions.opml`
    """
    try:
        opml = path.read_bytes()
    except OSError as exc:
        fail(f"{path} cannot be read: {exc.strerror}. Name an OPML file.")
    bar = Progress(console=errors, transient=True, disable=not errors.is_terminal)
    with _opened() as tidings, bar as progress:
        task = progress.add_task("Following", total=None)
        followed = tidings.import_opml(
            opml, on_followed=lambda done, of: progress.update(task, completed=done, total=of)
        )
    new = sum(f.is_new for f in followed)
    console.print(f"{new} new feeds, {len(followed) - new} already followed.")


@cli.command()
def export(
    path: Annotated[Path | None, typer.Argument(help="Where to write; none: standard output.")] = None,
) -> None:
    """Write the followed feeds as OPML.

    Example: `tidings export feeds.opml`
    """
    with _opened() as tidings:
        opml = tidings.export_opml()
    if path is None:
        sys.stdout.buffer.write(opml)
    else:
        try:
            path.write_bytes(opml)
        except OSError as exc:
            fail(f"{path} cannot be written: {exc.strerror}. Name another file.")
        console.print(plain(f"Written to {path}."), highlight=False, soft_wrap=True)


@cli.command()
def feeds() -> None:
    """List the followed feeds with their health.

    Example: `tidings feeds`
    """
    with _opened() as tidings:
        table = Table("Id", "Feed", "State", "Entries", "Last visit", "Next visit")
        for feed in tidings.store.feeds():
            state = feed.problem.message if feed.problem else feed.status
            if feed.status == "duplicate":
                again = f"tidings refresh {feed.id} visits it all the same"
                state = f"duplicate of {feed.duplicate_of}, not visited: unfollow it, or {again}"
            last = f"{feed.last_polled_at:%Y-%m-%d %H:%M}" if feed.last_polled_at else "never"
            table.add_row(
                str(feed.id),
                plain(f"{feed.title or feed.url}\n{feed.url}"),
                plain(state),
                str(feed.entry_count),
                last,
                f"{feed.next_poll_at:%Y-%m-%d %H:%M}" if feed.status == "active" else "–",
            )
    console.print(table)


@cli.command()
def refresh(
    feed_ids: Annotated[list[int], typer.Argument(help="The numbers that `tidings feeds` shows.")],
) -> None:
    """Visit feeds now instead of at their next turn; a paused or ended one is followed again.

    Example: `tidings refresh 3 7`
    """
    with _opened() as tidings:
        for feed_id in feed_ids:
            feed = tidings.refresh(feed_id)
            said = f"{feed.title or feed.url} is visited next, as soon as a worker runs."
            console.print(plain(said), highlight=False, soft_wrap=True)


@cli.command()
def unfollow(feed_id: Annotated[int, typer.Argument(help="The number that `tidings feeds` shows.")]) -> None:
    """Stop following a feed; its articles stay.

    Example: `tidings unfollow 3`
    """
    with _opened() as tidings:
        feed = tidings.store.feed(feed_id)
        tidings.store.remove_feed(feed_id)
    console.print(plain(f"No longer following {feed.title or feed.url}."), highlight=False, soft_wrap=True)


# ── keeping ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@cli.command()
def search(
    words: Annotated[list[str], typer.Argument(help="What to look for.")],
    limit: Annotated[int, typer.Option(help="How many to show.")] = 10,
) -> None:
    """Search by words and meaning.

    Example: `tidings search space security dialogue`
    """
    from tidings.model import SearchQuery

    with _opened() as tidings:
        tidings.searcher.refresh()
        found = tidings.search(SearchQuery(" ".join(words)), limit=limit)
    if not found.rows:
        console.print("Nothing found. Try fewer or other words.")
    for hit in found.rows:
        headline = plain(hit.card.headline)
        headline.stylize("bold")
        console.print(
            Text.assemble(headline, plain(f" — {hit.card.publisher.name}, {hit.card.at:%Y-%m-%d %H:%M}")),
            highlight=False,
        )
        console.print(plain(f"  {hit.card.url}"), highlight=False, soft_wrap=True)


@cli.command()
def redo(step: Annotated[str, typer.Argument(help="extract, describe or group")]) -> None:
    """Make derived values again from the kept pages: after an upgrade, or for everything in quarantine.

    Example: `tidings redo extract`
    """
    from tidings.worker import rebuild

    if step not in ("extract", "describe", "group"):
        fail("Name what to make again: extract, describe or group.")
    with _opened() as tidings, Progress(console=console) as progress:
        count = rebuild(tidings, step, progress=progress)
    console.print(f"{count} articles queued or made again.")


@cli.command()
def quarantine(
    release: Annotated[bool, typer.Option("--release", help="Try everything in it again.")] = False,
) -> None:
    """List what could not be read, each with its reason.

    Example: `tidings quarantine --release`
    """
    with _opened() as tidings:
        if release:
            console.print(f"{tidings.store.release(now=tidings.clock())} put back in the queue.")
            return
        table = Table("Id", "Step", "What", "Reason", "Since")
        after: str | None = None
        while True:
            listed = tidings.store.quarantined(after=after, limit=200)
            for row in listed.rows:
                what = row.url or row.title or str(row.subject_id)
                table.add_row(
                    str(row.work_id),
                    row.step,
                    plain(what),
                    plain(row.problem.message),
                    f"{row.at:%Y-%m-%d %H:%M}",
                )
            after = listed.next_key
            if after is None:
                break
    console.print(table)


@cli.command()
def takedown(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(help="Articles: numbers, addresses on this site, or their own addresses."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Shown to whoever comes to the address.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    shows: Annotated[bool, typer.Option("--list", help="List what was taken down.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Let articles that were taken down come again.")
    ] = False,
) -> None:
    """Erase articles for good, with all that was made of them; they do not come again.

    Examples: `tidings takedown 123 --reason "Court order"` · `tidings takedown https://example.org/news/7` · `tidings takedown --list`
    """
    if not addresses and not shows:
        fail("Name the articles to take down: numbers or addresses. --list shows what was taken down.")
    with _opened() as tidings:
        if undo:
            for address in addresses or ():
                for gone in tidings.undo_takedown(address):
                    _say(
                        f"Article {gone.article_id} of {gone.site} may come again with the next visit to its feeds."
                    )
        elif addresses:
            _take_down(tidings, addresses, reason=reason, asks=not yes)
        if shows:
            table = Table("Article", "Publisher", "Taken down", "By", "Reason")
            for one in tidings.store.takedowns():
                when = f"{one.taken_at:%Y-%m-%d %H:%M}"
                table.add_row(str(one.article_id), plain(one.site), when, one.editor, plain(one.reason))
            console.print(table)


def _take_down(tidings: Tidings, addresses: list[str], *, reason: str, asks: bool) -> None:
    """Show what goes and what stays, ask a person, and do it."""
    from tidings.web.takedowns import ends_story, goes

    ids = dict.fromkeys(tidings.article_at(address) for address in addresses)
    reaches = [tidings.store.reach(article_id) for article_id in ids]
    for one in reaches:
        headline = plain(one.card.headline)
        headline.stylize("bold")
        console.print(
            headline, plain(f"— {one.card.publisher.name}, {one.card.at:%Y-%m-%d %H:%M}"), highlight=False
        )
        _say(f"  article {one.card.id}, {one.card.url}")
        _say(f"  goes with {goes(one)}, and with everything made of it")
        if one.story:
            fate = "ends with it" if ends_story(one) else f"goes on without it: {one.story.headline}"
            _say(f"  its story {one.story.id} {fate}")
        if one.copies:
            by = ", ".join(f"{copy.id} ({copy.publisher.name})" for copy in one.copies)
            _say(f"  {len(one.copies)} with the same text stay: {by}")
    if asks:
        if not sys.stdin.isatty():
            fail("Nothing was taken down. Add --yes to do it without being asked.")
        if console.input("Erase this for good? yes or no: ").strip().lower() not in ("y", "yes"):
            fail("Nothing was taken down.")
    done = tidings.take_down(list(ids), reason=reason)
    _say(f"Taken down: {', '.join(str(one.article_id) for one in done)}.")


def _say(words: str) -> None:
    console.print(plain(words), highlight=False, soft_wrap=True)


@corrections.command("export")
def export_corrections(
    path: Annotated[Path | None, typer.Argument(help="Where to write; none: standard output.")] = None,
) -> None:
    """Write the pairs of articles that editors judged as JSON Lines, for training: verdict, both texts, who, when.

    Example: `tidings corrections export pairs.jsonl`
    """
    with _opened() as tidings:
        try:
            with path.open("w", encoding="utf-8") if path else nullcontext(sys.stdout) as lines:
                count = 0
                for pair in tidings.training_pairs():
                    lines.write(json.dumps(pair, ensure_ascii=False) + "\n")
                    count += 1
        except OSError as exc:
            if path is None:
                raise
            fail(f"{path} cannot be written: {exc.strerror}. Name another file.")
    if path:
        console.print(plain(f"{count} pairs written to {path}."), highlight=False, soft_wrap=True)


@cli.command()
def password() -> None:
    """Set the operator's password; from a pipe, one line of standard input.

    Example: `tidings password`
    """
    if sys.stdin.isatty():
        chosen = getpass.getpass("New password: ")
        if chosen != getpass.getpass("Once more: "):
            fail("The two did not match. Nothing was changed.")
    else:
        chosen = sys.stdin.readline().rstrip("\n")
    with _opened() as tidings:
        tidings.set_password(chosen)
    console.print("The password is set.")


@cli.command()
def version() -> None:
    """Print the version.

    Example: `tidings version`
    """
    console.print(__version__)


def _choose(url: str, found: list[FoundFeed]) -> list[FoundFeed]:
    """Let a person choose among several feeds; without a terminal, list them and end."""
    console.print(plain(f"{url} has several feeds:"), highlight=False, soft_wrap=True)
    for number, one in enumerate(found, start=1):
        line = f"  {number}. {one.title or 'untitled'} — {one.url}"
        console.print(plain(line), highlight=False, soft_wrap=True)
    if not sys.stdin.isatty():
        fail("Name one of these addresses, or follow them all with --all.")
    answer = console.input("Which? Numbers with commas, or all: ").strip()
    if answer == "all":
        return found
    numbers = {int(part) for part in answer.split(",") if part.strip().isdecimal()}
    chosen = [one for number, one in enumerate(found, start=1) if number in numbers]
    if not chosen:
        console.print("Nothing was chosen, so nothing changed.")
    return chosen


@contextmanager
def _waiting(words: str) -> Iterator[None]:
    """Show a person at a terminal what takes its time, for as long as the block runs."""
    with errors.status(plain(words)) if errors.is_terminal else nullcontext():
        yield


# ── underneath ───────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _opened(settings: Settings | None = None) -> Iterator[Tidings]:
    from tidings.app import opened

    with opened(settings or load_settings()) as tidings:
        yield tidings


def configure_logs(settings: Settings) -> None:
    """Log to standard error: short lines for a person at a terminal, JSON lines otherwise, libraries' lines among them."""
    person = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if person else "iso", utc=not person),
            _add_process,
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(handlers=[_Libraries()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)


def _add_process(
    _logger: object, _level: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Say which process speaks: supervisor, site and workers share one standard error."""
    event.setdefault("pid", os.getpid())
    return event


class _Libraries(logging.Handler):
    """What libraries log, in the form of our own lines."""

    def emit(self, record: logging.LogRecord) -> None:
        told = structlog.get_logger()
        told.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)
