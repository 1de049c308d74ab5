"""What is new, and who is who:  python -m evals.news press [--json] [--worst N] [--pool]

`new`: each story of the sample press is split at every report, what came before being read, and the product's own new_since()
tells what the rest adds.  The truth is sample/claims.toml (which reports make which claim, with its figure), and for sentences
that are about nothing listed there evals/news_pool.toml, which has of what was told whether an earlier
report had said it.

- `recall`: of the claims that a later report is the first to make, the share told; the page shows at most eight, so
  `recall_all` is without that bound.
- `repeated`: of what was told and could be judged, the share that says nothing but what an earlier report had said, in
  whatever language; `repeated_within` where one of its own language had.  Of a sentence shown behind the one before it, either
  may be the new one.  `precision` is the rest, `unjudged` the share that neither truth is about.  `twice`: the share whose claims stand higher in the same list, with the same figures.
- `changed_recall`, `changed_precision`: claims whose figure a later report gives otherwise, told with the right figure before
  and the right one after; of those told so, the share that is right.

`held_` are the stories whose claims no weight or bound was fitted on; the pool was judged on what an earlier version told, and
that version's mistakes were looked at, in all stories.  Every split of a story counts, so one sentence counts as often as it
is told; intervals are 95 % bootstrap intervals over stories, for the splits of one are not independent.

`daily`: what /brief tells of the stories it told of before, with the day ending at four hours of the clock: `daily_repeated` is
the share that an earlier day's report had said.

`who`: the lines that who_is() gives for the people that the writer of a report lists, against evals/news_pool.toml's words for
what they are: `who_right`; and `who_described`, the share of those people who get a line.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Context, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from evals.articles import interval
from evals.compare import Said, Story, TrueClaim, press_stories, value_of
from evals.vectors import KeptVectors
from tidings.app import NewClaim, new_since, who_is
from tidings.model import Citation, Claim, Source
from tidings.ports import Embedder

POOL = Path(__file__).with_name("news_pool.toml")
SHOWN = 8  # new_since's own bound
ALL = 1_000
DAILY_SHOWN = 3  # sentences of a story in the daily brief
DAILY_WORDS = 60  # of a story that is new itself
DAY = timedelta(days=1)
PHASES = tuple(timedelta(hours=h) for h in (0, 6, 12, 18))


@dataclass
class Counts:
    """Of one story, all its splits together."""

    wanted: int = 0
    told: int = 0
    told_all: int = 0
    right: int = 0
    repeated: int = 0
    repeated_within: int = 0
    unjudged: int = 0
    shown: int = 0
    twice: int = 0
    changed: int = 0
    changed_told: int = 0
    beside: int = 0
    beside_right: int = 0
    days: int = 0
    daily: int = 0
    daily_repeated: int = 0
    daily_within: int = 0
    daily_unjudged: int = 0
    people: int = 0
    described: int = 0
    lines: int = 0
    lines_right: int = 0


@dataclass
class Tally:
    story: str
    is_held: bool
    counts: Counts = field(default_factory=Counts)
    notes: list[str] = field(default_factory=list)
    pool: dict[str, str] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.news", description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=("press",))
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--worst", type=int, default=0, help="show N of what was told twice or not at all")
    parser.add_argument("--pool", action="store_true", help="print what was told and nobody has judged")
    options = parser.parse_args()
    meanings = KeptVectors()
    tallies = [tally(story, meanings) for story in press_stories() if len(own_reports(story)) > 1]
    figures = figures_of(tallies)
    if options.pool:
        for one in tallies:
            for key, earlier in one.pool.items():
                print(f"{key}\n      {earlier}")
    if not options.json:
        for note in [note for one in tallies for note in dict.fromkeys(one.notes)][: options.worst]:
            print(note)
        for name, value in figures.items():
            print(f"{name:30} {value}")
    print(json.dumps(figures))


def own_reports(story: Story) -> list[Source]:
    """Return a story's reports without copies, in the order of publication: what its page splits."""
    own = [source for source in story.sources if source.original_id is None]
    return sorted(own, key=lambda source: (source.at, source.article_id))


def tally(story: Story, meanings: Embedder) -> Tally:
    counted = Tally(story.name, story.is_held)
    reports = own_reports(story)
    for at in range(1, len(reports)):
        count_split(story, reports[:at], reports[at:], meanings, counted)
    count_days(story, reports, meanings, counted)
    count_people(story, reports, counted)
    return counted


# ── what is new ──────────────────────────────────────────────────────────────────────────────────────────────────────


def count_split(
    story: Story, before: Sequence[Source], after: Sequence[Source], meanings: Embedder, counted: Tally
) -> None:
    counts = counted.counts
    known = {source.article_id for source in before}
    found = new_since(before, [*before, *after], meanings=meanings, most=ALL)
    shown = found[:SHOWN]
    told = {id(claim) for new in shown for claim in claims_in(story, new.claim)}
    told_all = {id(claim) for new in found for claim in claims_in(story, new.claim)}
    for claim in story.claims:
        if not claim.reports or known & {said.article for said in claim.reports}:
            continue
        counts.wanted += 1
        counts.told += id(claim) in told
        counts.told_all += id(claim) in told_all
        if id(claim) not in told:
            late = "late" if id(claim) in told_all else "missed"
            counted.notes.append(f"{late:8} {story.name} after {len(before)}: {claim.says}")
    counts.shown += len(shown)
    counts.twice += told_twice(story, shown)
    for new in shown:
        verdict = verdict_of(story, known, new.claim)
        counts.right += verdict == "new"
        counts.repeated += verdict == "said before"
        counts.repeated_within += (
            verdict_of(story, of_language(before, new.claim), new.claim) == "said before"
        )
        counts.unjudged += verdict is None
        if verdict == "said before":
            counted.notes.append(f"repeated {story.name} after {len(before)}: {new.claim.text[:160]}")
        if verdict is None:
            counted.pool[pool_key(story, new.claim.citations[0])] = f"[{len(before)}] {new.kind}"
    count_changed(story, before, shown, counted)


def claims_in(story: Story, claim: Claim) -> list[TrueClaim]:
    """Return the claims of the truth that a sentence makes in its article."""
    citation = claim.citations[0]
    return [
        one
        for one in story.claims
        if any(s.article == citation.article_id and stands(s, claim.text) for s in one.reports)
    ]


def stands(said: Said, sentence: str) -> bool:
    return said.words in sentence or sentence in said.words


def of_language(sources: Sequence[Source], claim: Claim) -> set[int]:
    return {source.article_id for source in sources if source.language == claim.language}


def told_twice(story: Story, shown: Sequence[NewClaim]) -> int:
    """Return how many make only claims that those before in the list made, with the same figure."""
    told: set[tuple[int, Decimal | None]] = set()
    count = 0
    for new in shown:
        article = new.claim.citations[0].article_id
        here = {
            (id(claim), value_of(said.value or ""))
            for claim in claims_in(story, new.claim)
            for said in claim.reports
            if said.article == article
        }
        count += bool(here) and here <= told
        told |= here
    return count


def verdict_of(story: Story, known: set[int], told: Claim) -> str | None:
    """Return "new" or "said before" of a sentence that was told; None where no truth is about it."""
    claims = claims_in(story, told)
    if any(is_new(claim, known, told.citations[0].article_id) for claim in claims):
        return "new"
    rows = pool().said.get(story.written[told.citations[0].article_id].id, ())
    judged = [earlier for begins, earlier in rows if begins in told.text]
    if any(not known & {article_named(story, name) for name in earlier} for earlier in judged):
        return "new"
    return "said before" if claims or judged else None


def is_new(claim: TrueClaim, known: set[int], article: int) -> bool:
    """Whether an article says what none of the known ones does: the claim itself, or another figure of it."""
    before = [said for said in claim.reports if said.article in known]
    values = {value_of(said.value) for said in before if said.value}
    mine = {value_of(said.value) for said in claim.reports if said.article == article and said.value}
    return not before or bool(mine - values and values)


def count_changed(story: Story, before: Sequence[Source], shown: Sequence[NewClaim], counted: Tally) -> None:
    """Count the figures that were given otherwise before, told so or not, and what was told so."""
    counts = counted.counts
    known = {source.article_id for source in before}
    sources = {source.article_id: source for source in story.sources}
    beside = [(new, printed(new.figure, sources), printed(new.was, sources)) for new in shown if new.was]
    right: set[int] = set()
    for new, value, was in beside:
        answered = [
            claim
            for claim in story.claims
            if claim.has_figure
            and given(claim, new.figure, value)
            and given(claim, new.was, was)
            and value != was
        ]
        right |= {id(claim) for claim in answered}
        is_right = bool(answered) or is_judged_right(story, known, new)
        counts.beside += 1
        counts.beside_right += is_right
        if not is_right:
            words = new.was.words if new.was else ""
            counted.notes.append(
                f"wrong    {story.name} after {len(before)}: was {words}: {new.claim.text[:120]}"
            )
    for claim in story.claims:
        later = {value_of(s.value or "") for s in claim.reports if s.article not in known}
        earlier = {value_of(s.value or "") for s in claim.reports if s.article in known}
        if (
            claim.has_figure
            and earlier
            and any(not is_rounding(a, b) for a in later - earlier for b in earlier)
        ):
            counts.changed += 1
            counts.changed_told += id(claim) in right
            if id(claim) not in right:
                counted.notes.append(f"unmarked {story.name} after {len(before)}: {claim.says}")


def is_rounding(value: Decimal | None, known: Decimal | None) -> bool:
    """Whether a value is a known one to fewer digits: 190 of 187."""
    if not value or not known:
        return False
    return value == Context(prec=len(value.normalize().as_tuple().digits)).plus(known)


def is_judged_right(story: Story, known: set[int], new: NewClaim) -> bool:
    """Whether people found the figure rightly told beside what it was, no later one being known."""
    assert new.was is not None
    written = story.written[new.claim.citations[0].article_id].id
    for article, begins, was, later in pool().beside:
        if (article, was) == (written, new.was.words) and begins in new.claim.text:
            return not known & {article_named(story, name) for name in later}
    return False


def given(claim: TrueClaim, citation: Citation | None, value: Decimal | None) -> bool:
    """Whether the truth has an article give this figure of a claim."""
    return citation is not None and any(
        said.article == citation.article_id and value_of(said.value or "") == value for said in claim.reports
    )


def printed(citation: Citation | None, sources: dict[int, Source]) -> Decimal | None:
    """Return the value of the figure that a citation is of."""
    if citation is None:
        return None
    facts = sources[citation.article_id].facts
    for figure in facts.figures if facts else ():
        if (figure.paragraph, figure.start, figure.end) == (citation.paragraph, citation.start, citation.end):
            return figure.value
    return value_of(citation.words.removeprefix("about ").removeprefix("nearly "))


# ── the daily brief ──────────────────────────────────────────────────────────────────────────────────────────────────


def count_days(story: Story, reports: Sequence[Source], meanings: Embedder, counted: Tally) -> None:
    """Count what the briefs of a story's days tell, as /brief makes them, and what of it an earlier day's reports had said."""
    counts = counted.counts
    for since, until in days_of(reports):
        before = [source for source in reports if source.at <= since]
        today = [source for source in reports if since < source.at <= until]
        if not before or not today:
            continue
        counts.days += 1
        known = {source.article_id for source in before}
        for new in new_since(before, [*before, *today], meanings=meanings)[:DAILY_SHOWN]:
            verdict = verdict_of(story, known, new.claim)
            counts.daily += 1
            counts.daily_repeated += verdict == "said before"
            within = verdict_of(story, of_language(before, new.claim), new.claim)
            counts.daily_within += within == "said before"
            counts.daily_unjudged += verdict is None
            if verdict is None:
                counted.pool[pool_key(story, new.claim.citations[0])] = f"[day] {new.kind}"


def days_of(reports: Sequence[Source]) -> Iterator[tuple[datetime, datetime]]:
    """Yield the days from the first report to the last, cut at each of the hours at which a reader may look."""
    midnight = reports[0].at.replace(hour=0, minute=0, second=0, microsecond=0)
    for phase in PHASES:
        since = midnight + phase
        while since < reports[-1].at:
            yield since, since + DAY
            since += DAY


# ── who is who ───────────────────────────────────────────────────────────────────────────────────────────────────────


def count_people(story: Story, reports: Sequence[Source], counted: Tally) -> None:
    """Count the people that each report's writer lists, those who get a line, and the first lines that say what they are."""
    counts = counted.counts
    for source in reports:
        written = story.written[source.article_id]
        described = {one.name: one for one in who_is(source, reports) if one.kind == "person"}
        counts.people += len(written.people)
        for name in written.people:
            one = described.get(name)
            roles = pool().people.get(name)
            if one is None:
                continue
            counts.described += 1
            if roles is None:
                counted.pool[f"who: {name}"] = " ¦ ".join(claim.text for claim in one.descriptions)
                continue
            for claim in one.descriptions:
                counts.lines += 1
                right = any(role.casefold() in claim.text.casefold() for role in roles)
                counts.lines_right += right
                if not right:
                    counted.notes.append(f"who      {written.id}: {name}: {claim.text[:120]}")


# ── the pool: what was judged ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Pool:
    """What evals/news_pool.toml says, see there."""

    said: dict[str, list[tuple[str, tuple[str, ...]]]]
    beside: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    people: dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def pool() -> Pool:
    table = tomllib.loads(POOL.read_text("utf-8"))
    said: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for article, begins, earlier in table["told"]:
        said[article].append((begins, tuple(earlier)))
    return Pool(
        said,
        tuple((article, begins, was, tuple(later)) for article, begins, was, later in table["beside"]),
        {name: tuple(roles) for name, roles in table["people"].items()},
    )


def pool_key(story: Story, citation: Citation) -> str:
    """Return "ferry-fire-courier-2: The ferry itself lay at anchor in the lee": an article and how a sentence begins."""
    return f"{story.written[citation.article_id].id}: {citation.words[:48].strip()}"


def article_named(story: Story, name: str) -> int:
    return next(number for number, written in story.written.items() if written.id == f"{story.name}-{name}")


# ── figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────

NAMED = {
    "recall": ("told", "wanted"),
    "recall_all": ("told_all", "wanted"),
    "repeated": ("repeated", "judged"),
    "repeated_within": ("repeated_within", "judged"),
    "precision": ("right", "judged"),
    "unjudged": ("unjudged", "shown"),
    "twice": ("twice", "shown"),
    "changed_recall": ("changed_told", "changed"),
    "changed_precision": ("beside_right", "beside"),
}
DAILY = {
    "daily_repeated": ("daily_repeated", "daily"),
    "daily_repeated_within": ("daily_within", "daily"),
    "daily_unjudged": ("daily_unjudged", "daily"),
}
WHO = {"who_right": ("lines_right", "lines"), "who_described": ("described", "people")}


def figures_of(tallies: Sequence[Tally]) -> dict[str, Any]:
    """Return each share with its interval over stories: all stories that claims were read off, then those held out."""
    figures: dict[str, Any] = {}
    read = [one for one in tallies if one.counts.wanted]
    for prefix, ours, named in (
        ("", read, NAMED),
        ("held_", [one for one in read if one.is_held], NAMED),
        ("", tallies, DAILY | WHO),
    ):
        for name, (part, whole) in named.items():
            figures[prefix + name] = round(share(ours, part, whole), 4)
            figures[f"{prefix}{name}_interval"] = interval(ours, share_of(part, whole))
            figures[f"{prefix}{name}_n"] = total(ours, whole)
    held = sum(one.is_held for one in read)
    return figures | {"n": len(read), "held_n": held, "stories": len(tallies), "days": total(tallies, "days")}


def total(tallies: Iterable[Tally], name: str) -> int:
    if name == "judged":
        return total(tallies, "right") + total(tallies, "repeated")
    return sum(getattr(one.counts, name) for one in tallies)


def share(tallies: Sequence[Tally], part: str, whole: str) -> float:
    return total(tallies, part) / max(1, total(tallies, whole))


def share_of(part: str, whole: str) -> Callable[[Sequence[Tally]], float]:
    return lambda tallies: share(tallies, part, whole)


if __name__ == "__main__":
    main()
