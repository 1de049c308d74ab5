"""Numbers, times and states as people say them.  Pure; `now` is handed in."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal

from tidings.model import Access, Burst, CorrectionKind, Cost, DeskChoice, Feed, Period, Problem, Understood

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October")
MONTHS = (*_MONTHS, "November", "December")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def age(at: datetime, now: datetime) -> str:
    """Return how long ago, or how far ahead, as "18 hours ago", "in 5 minutes", "just now"; beyond a month the date."""
    seconds = (now - at).total_seconds()
    ahead = seconds < 0
    amount = _span(abs(seconds))
    if amount is None:
        return day(at, now, weekday=False)
    if not amount:
        return "just now" if not ahead else "in a moment"
    return f"in {amount}" if ahead else f"{amount} ago"


def _span(seconds: float) -> str | None:
    if seconds < 45:
        return ""
    for unit, length, until in (("minute", 60, 3600), ("hour", 3600, 86_400), ("day", 86_400, 30 * 86_400)):
        if seconds < until - length / 2:
            return counted(max(1, round(seconds / length)), unit, spell=False)
    return None


def pause(seconds: float) -> str:
    """Return how long a story slept, as "4 days later"; "" for less than two days."""
    days = int(seconds // 86_400)
    return f"{counted(days, 'day').capitalize()} later" if days >= 2 else ""


def quiet_for(seconds: float) -> str:
    """Return "after 9 quiet days"; "" for less than a day, as when what lay between has been found since."""
    days = int(seconds // 86_400)
    return f"after {days} quiet {'day' if days == 1 else 'days'}" if days >= 1 else ""


def exact(at: datetime) -> str:
    """Return "Saturday 28 June 2025, 14:05 UTC"."""
    return f"{WEEKDAYS[at.weekday()]} {at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def day(at: datetime, now: datetime, *, weekday: bool = True) -> str:
    """Return "Today", "Yesterday", "Saturday 28 June", with the year when it is another one."""
    distance = (now.date() - at.date()).days
    if weekday and distance in (0, 1):
        return ("Today", "Yesterday")[distance]
    name = f"{WEEKDAYS[at.weekday()]} " if weekday else ""
    year = f" {at.year}" if at.year != now.year else ""
    return f"{name}{at.day} {MONTHS[at.month - 1]}{year}"


def span_of_days(first: date, last: date, near: date) -> str:
    """Return "Monday 9 March" or "2 to 8 March", with the year where it is not that of a day nearby."""
    year = "" if first.year == last.year == near.year else f" {last.year}"
    if first == last:
        return f"{first:%A} {first.day} {first:%B}{year}"
    start = (
        f"{first.day}" if (first.year, first.month) == (last.year, last.month) else f"{first.day} {first:%B}"
    )
    return f"{start} to {last.day} {last:%B}{year}"


def counted(count: int, noun: str, plural: str = "", *, spell: bool = True) -> str:
    """Return "one article", "12 articles"; numbers under ten in words unless spell is False."""
    number = _SMALL[count] if spell and 0 <= count < 10 else f"{count:,}"
    return f"{number} {noun if count == 1 else plural or noun + 's'}"


# ── what is said of articles ─────────────────────────────────────────────────────────────────────────────────────────

FEATURES = {
    "line": "the summary in one line",
    "short": "the short summary",
    "long": "the long summary",
    "points": "the key points",
    "background": "the story so far",
    "people": "who is who",
    "answer": "an answer",
    "brief": "the story’s brief",
    "questions": "the open questions",
    "timeline": "the timeline",
    "new": "what is new",
    "compare": "the comparison of coverage",
    "translate": "a translation",
    "simple": "the simpler words",
}
NO_MODEL = "No language model is set up here. Whoever runs this site can choose one; see the guide on models."
MODEL_SAID = "The model has phrased it. Every sentence was checked against the words it cites."
MODEL_SAID_NOTHING = "Nothing that the model wrote passed the check, so the article’s own sentences stand."
MODEL_FAILED = "The model could not be asked, for a reason that was not expected. The log has it; the sentences above stand."
NOTHING_TO_PHRASE = "There is nothing here that a model could phrase: no sentence of the articles says it."
WRONG_NOTED = "Thank you. It stands on this page until it is decided."
VERDICTS = {
    "open": "Being looked at",
    "withdrawn": "Withdrawn: it is not shown any more",
    "kept": "Looked at, and kept",
}


NEW_KINDS = {"figure": "a figure", "quote": "a quote", "name": "a name", "event": "news"}
CELLS = {
    "said": "says so",
    "differs": "differs",
    "updated since": "earlier",
    "not mentioned": "not found",
}


def support(agreeing: int, differing: int) -> str:
    """Return how many independent reports say something, and how many say otherwise."""
    said = counted(agreeing, "independent report").capitalize()
    return f"{said}, {counted(differing, 'differs', 'differ')}" if differing else said


def event_day(first: date, grain: str) -> str:
    """Return a day in words, "March 2024" or "2024" where no more is known."""
    if grain == "day":
        return f"{first:%A} {first.day} {first:%B %Y}"
    return f"{first:%B %Y}" if grain in ("week", "month") else f"{first:%Y}"


def made(made_by: str, articles: int, cost: Cost | None) -> str:
    """Return how an answer was made: "Sentences of three articles, chosen by code", "Written by llama3 · brief/1 from …"."""
    read = counted(articles, "article")
    if made_by.startswith("extract/"):
        return f"Sentences of {read}, chosen by code"
    said = f"Written by {made_by} from {read}, each sentence checked against the words it cites"
    return f"{said}; {price(cost)}" if cost else said


def price(cost: Cost) -> str:
    """Return what a model took: "912 tokens, 0.0021 USD", or the tokens alone where it has no price."""
    tokens = counted(cost.tokens_in + cost.tokens_out, "token", spell=False)
    if cost.price is None:
        return tokens
    return f"{tokens}, {sum_of_money(cost.price, cost.currency)}"


def sum_of_money(amount: Decimal, currency: str) -> str:
    """Return a sum as "0.0021 USD"."""
    digits = f"{amount:.4f}".rstrip("0").rstrip(".")
    return f"{digits} {currency}"


def dropped(count: int) -> str:
    """Return that the gate stopped sentences, "" when it stopped none."""
    return (
        f"{counted(count, 'sentence').capitalize()} did not pass the check and {'was' if count == 1 else 'were'} left out"
        if count
        else ""
    )


LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish",
    "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip


def understood(one: Understood) -> tuple[str, str]:
    """Return how a part of a query was read, as a sentence, and the words of the link that takes it back."""
    if isinstance(one.value, Period):
        when = period(one.value)
        if not one.holds:
            return f"Nothing published {when} has these words; this is from all times.", ""
        if one.kind == "wish":
            return f"What was published {when} comes first.", "All times alike"
        return f"Published {when}.", "Search all times"
    if one.kind == "slip":
        return f"Showing results for “{one.value}”.", f"Search for “{one.said}” instead"
    if one.kind == "language":
        return f"In {LANGUAGES.get(one.value, one.value)} only.", "Search all languages"
    if one.kind == "hashtag":
        return f"With the hashtag #{one.value} only.", "Search all hashtags"
    if not one.holds:
        return f"No publisher here is called “{one.value}”; this is from all of them.", ""
    return f"By {one.value} only.", "Search all publishers"


def period(period: Period) -> str:
    """Return a stretch of time after "published": "in March 2024", "on 5 March 2024", "since 5 March 2024", "before 2020"."""
    since, until = period.since, period.until
    if since is None or until is None:
        return f"since {_date(since)}" if since else f"before {_date(until)}" if until else "at any time"
    days = (until - since).days
    if days == 1:
        return f"on {_date(since)}"
    if since.day == until.day == 1 and since.month == until.month == 1 and until.year - since.year == 1:
        return f"in {since.year}"
    if since.day == until.day == 1 and days < 32:
        return f"in {MONTHS[since.month - 1]} {since.year}"
    return f"from {_date(since)} to {_date(until - timedelta(days=1))}"


def _date(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def times(count: int) -> str:
    """Return "once", "twice", "three times", "12 times"."""
    return {1: "once", 2: "twice"}.get(count) or counted(count, "time")


def coverage(publishers: int, reports: int, articles: int) -> str:
    """Return "9 publishers, 4 independent reports": who carries a story, and how many wrote it themselves."""
    if articles == 1:
        return "One report"
    said = counted(publishers, "publisher", spell=False)
    return f"{said}, {counted(reports, 'independent report', spell=False)}"


def voice(kind: str, name: str) -> str:
    """Return why several publishers count as one voice."""
    return {
        "agency": f"ran the text of {name}",
        "owner": f"belong to {name}",
        "publisher": f"ran the text of {name}",
    }[kind]


def share(reports: int, copies: int) -> str:
    """Return what a publisher has in a story: "one report", "2 reports and one copy", "one copy"."""
    said = [counted(reports, "report")] if reports else []
    said += [counted(copies, "copy", "copies")] if copies else []
    return " and ".join(said)


def correction(kind: CorrectionKind, articles: int) -> tuple[str, str]:
    """Return the words before the first story's name and before the second's: ("Split 3 articles off", "into")."""
    chosen = counted(articles, "article")
    return {
        "merge": ("Merge", "with"),
        "split": (f"Split {chosen} off", "into"),
        "move": (f"Move {chosen} from", "to"),
    }[kind]


CORRECTION_NOTED = "Noted. The worker that places articles does it, usually within a second or two."
UNDO_NOTED = "Noted. It is undone within a second or two, everything back at its old address."
UNRELATED_NOTED = "The two are not shown beside each other any more."
WAITING = "Waits for the worker that places articles, usually a second or two."
UNDOING = "Is being undone."


def interval(seconds: float) -> str:
    """Return a polling interval: "every 15 minutes", "every 2 hours", "once a day"."""
    if seconds < 90:
        return "every minute"
    if seconds < 5400:
        return f"every {round(seconds / 60)} minutes"
    if seconds < 72_000:
        return f"every {round(seconds / 3600)} hours"
    if seconds < 130_000:
        return "once a day"
    return f"every {round(seconds / 86_400)} days"


def duration(seconds: int) -> str:
    """Return a recording's length as a clock: "3:07", "1:02:45"."""
    hours, rest = divmod(max(0, seconds), 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"


def size(length_bytes: int) -> str:
    """Return "850 kB", "12 MB" (powers of ten, as players and shops say it)."""
    if length_bytes < 1_000_000:
        return f"{max(1, round(length_bytes / 1000))} kB"
    return f"{round(length_bytes / 1_000_000)} MB"


def listed(names: list[str], *, most: int = 4) -> str:
    """Return "A, B and C"; beyond `most`, "A, B, C and 5 others"."""
    if len(names) > most:
        rest = len(names) - (most - 1)
        names = [*names[: most - 1], f"{rest} others"]
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1] if names else "") if part)


def slug(text: str) -> str:
    """Return a headline as part of an address: lower case, letters of any script, words joined by hyphens, ≤ 70 characters."""
    folded = unicodedata.normalize("NFC", text).casefold()
    joined = re.sub(r"[\W_]+", "-", re.sub(r"[’'ʼ]", "", folded)).strip("-")
    if len(joined) > 70:
        cut = joined[:71]
        joined = cut.rsplit("-", 1)[0] if "-" in cut[20:] else joined[:70]
    return joined or "untitled"


# What an article's or a story's address may end in beside its headline.
_TAKEN = frozenset(
    (
        "ask",
        "compare",
        "correct",
        "diff",
        "merge",
        "move",
        "new",
        "phrase",
        "revisions",
        "simple",
        "speech",
        "split",
        "translate",
    )
)


def page_slug(headline: str) -> str:
    """Return the end of an article's or a story's address: a slug that no page of theirs has taken."""
    found = slug(headline)
    return f"{found}-" if found in _TAKEN else found


def access_label(access: Access) -> str:
    """Return what stands between a reader and the rest of the text; "" for nothing."""
    return {
        "open": "",
        "paywall": "The publisher keeps the rest of this article for subscribers.",
        "consent": "The publisher asks for consent before it shows the rest of this article.",
    }[access]


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def quiet_since(now: datetime) -> datetime:
    """Return the time before which an active feed must have changed last to be called silent."""
    return now - timedelta(days=60)


def feed_state(feed: Feed, now: datetime) -> str:
    """Return a feed's condition in one or two words: "Well", "New", "Paused", "Gone", "Duplicate", "Failing", "Trouble"."""
    if feed.status in ("paused", "gone", "duplicate"):
        return feed.status.capitalize()
    if feed.problem:
        return "Failing" if feed.failures >= 3 else "Trouble"
    if feed.last_polled_at is None:
        return "New"
    if feed.last_changed_at and feed.last_changed_at < quiet_since(now):
        return "Silent"
    return "Well"


def feed_answer(feed: Feed, now: datetime) -> str:
    """Return what the last visit brought, as a sentence."""
    if feed.last_polled_at is None:
        return "Not visited yet."
    when = age(feed.last_polled_at, now)
    if feed.last_status is None:
        return f"No answer {when}."
    meaning = {200: "answered", 304: "answered: nothing new"}.get(
        feed.last_status, f"answered with status {feed.last_status}"
    )
    return f"{meaning.capitalize()} {when}." if meaning == "answered" else f"{meaning.capitalize()}, {when}."


def feed_next(feed: Feed, now: datetime) -> str:
    """Return when it will be visited again, as a sentence."""
    if feed.status == "paused":
        return "Paused: it is not visited until you resume it."
    if feed.status == "gone":
        return "It is not visited any more."
    if feed.status == "duplicate":
        return "It is not visited: the same entries come from another feed."
    if feed.next_poll_at <= now:
        return "The next visit is due now."
    when = f"Next visit {age(feed.next_poll_at, now)}"
    # Kept away for long, by the publisher's wish or because it pushes: its usual pace would only confuse.
    is_usual = (feed.next_poll_at - now).total_seconds() < 2 * feed.interval_s
    return f"{when}, {interval(feed.interval_s)}." if is_usual else f"{when}."


def feed_remedy(feed: Feed) -> str:
    """Return what the operator can do about a feed that is not well; "" when nothing needs doing."""
    if feed.status == "gone":
        return "The publisher has taken this address down. Look for a new feed on the site, add it, and remove this one."
    if feed.status == "duplicate":
        return "Remove it, or resume it if the two differ after all."
    if feed.problem is None:
        return ""
    return _problem_remedy(feed.problem, failures=feed.failures)


def _problem_remedy(problem: Problem, *, failures: int) -> str:
    if problem.code == "throttled":
        return "Nothing to do: we keep away for as long as the publisher asks."
    if problem.code == "refused":
        if problem.status in (401, 403):
            return "If you have an account there, give its user name and password under Change."
        return "The publisher or a safety rule does not allow this address. Remove it, or ask the publisher."
    if problem.code in ("gone", "not-found"):
        return "Look for the feed's new address on the publisher's site."
    if problem.code == "parse":
        return "Open the address in a browser: it may show a page now instead of a feed. Add the new address, remove this one."
    if problem.code == "bad-reply":
        return "Open the address in a browser to see what it sends. Often a later visit succeeds."
    if failures < 3:
        return "Nothing to do yet: the next visit often succeeds."
    return "If the site works in your browser, its address may have changed: look for the feed there again."


# ── sections and trends ──────────────────────────────────────────────────────────────────────────────────────────────


def desk_reason(choice: DeskChoice) -> str:
    """Return who says which section an article belongs to."""
    return {
        "section": "the section its publisher gives it",
        "address": "a word in its address",
        "text": "what its text is about",
    }[choice.by]


def burst(found: Burst) -> str:
    """Return "12 articles in the last day, from 5 publishers; usually 1 a day"."""
    articles = counted(found.count, "article", spell=False)
    publishers = counted(found.publishers, "publisher", spell=False)
    if found.day_count == 1:
        return f"{articles} in the last day, from {publishers}; {usual(found.usual)}"
    return f"{articles} in the last {found.day_count} days, in the last one from {publishers}; {usual(found.usual)}"


def usual(a_day: float) -> str:
    """Return "usually 3 a day", "usually 2 a week", "hardly ever before"."""
    if a_day >= 1.0:
        return f"usually {round(a_day)} a day"
    return f"usually {round(a_day * 7)} a week" if a_day * 7 >= 1.0 else "hardly ever before"
