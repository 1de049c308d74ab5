"""How often hashtags stood on articles of late: what stories/trends looks for bursts in.

Only the last four weeks are read, and of these only the hashtags of the last day, so the archive's size costs nothing.
Copies count nowhere: thirty papers that print one text are one report.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations

from tidings.model import Activity, TagActivity, TagReport
from tidings.store.database import Connection

MOST_TAGS = 300  # of the last day, those on most articles
MOST_PAIRS = 30
MOST_IN_PAIR = (
    40  # reports of either: what everything is tagged with says nothing more in a pair, and is dear to count
)
LEAST_REPORTS = 3
LEAST_PUBLISHERS = 2
_AGE = "floor(extract(epoch FROM %(now)s - {at}) / 86400)::int"


def activity(connection: Connection, *, now: datetime, days: int) -> Activity:
    since = now - timedelta(days=days)
    totals = connection.execute(
        f"""
        SELECT {_AGE.format(at="at")} AS age, count(*) AS n FROM articles
        WHERE at > %(since)s AND at <= %(now)s AND copy_of IS NULL GROUP BY 1
        """,
        {"now": now, "since": since},
    ).fetchall()
    reports, labels = _last_day(connection, now)
    wanted = _active(reports)
    written = {row["age"]: int(row["n"]) for row in totals}
    history = _history(connection, wanted, now=now, since=since)
    return Activity(
        totals=_by_day(written, days),
        tags=tuple(
            TagActivity(
                tuple((slug, labels[slug]) for slug in slugs),
                _by_day(history.get(slugs, {}), days),
                tuple(reports[slugs]),
            )
            for slugs in wanted
        ),
    )


_Slugs = tuple[str, ...]


def _last_day(connection: Connection, now: datetime) -> tuple[dict[_Slugs, list[TagReport]], dict[str, str]]:
    """The reports of the last day by hashtag and by pair of hashtags, and the labels."""
    rows = connection.execute(
        """
        SELECT a.id, a.publisher_id, a.story_id, a.at, array_agg(t.slug ORDER BY t.slug) AS slugs,
            array_agg(h.label ORDER BY t.slug) AS labels
        FROM article_hashtags t JOIN hashtags h USING (slug) JOIN articles a ON a.id = t.article_id
        WHERE t.at > %s AND t.at <= %s AND a.copy_of IS NULL GROUP BY a.id ORDER BY a.at DESC, a.id DESC
        """,
        (now - timedelta(days=1), now),
    ).fetchall()
    reports: dict[_Slugs, list[TagReport]] = {}
    labels: dict[str, str] = {}
    for row in rows:
        report = TagReport(row["id"], row["publisher_id"], row["story_id"], row["at"])
        labels.update(zip(row["slugs"], row["labels"], strict=True))
        for slugs in (*((slug,) for slug in row["slugs"]), *combinations(row["slugs"], 2)):
            reports.setdefault(slugs, []).append(report)
    return reports, labels


def _active(reports: dict[_Slugs, list[TagReport]]) -> list[_Slugs]:
    """The hashtags and pairs with reports enough, those with most first."""
    counts = Counter(
        {
            slugs: len(found)
            for slugs, found in reports.items()
            if len(found) >= LEAST_REPORTS and len({r.publisher_id for r in found}) >= LEAST_PUBLISHERS
        }
    )
    ordered = sorted(counts, key=lambda slugs: (-counts[slugs], slugs))
    lone = [slugs for slugs in ordered if len(slugs) == 1][:MOST_TAGS]
    seldom = {slugs[0] for slugs in lone if counts[slugs] <= MOST_IN_PAIR}
    pairs = [slugs for slugs in ordered if len(slugs) == 2 and seldom.issuperset(slugs)]
    return [*lone, *pairs[:MOST_PAIRS]]


def _history(
    connection: Connection, wanted: list[_Slugs], *, now: datetime, since: datetime
) -> dict[_Slugs, dict[int, int]]:
    """How many articles each of these was on, by age in days."""
    found: dict[_Slugs, dict[int, int]] = {}
    rows = connection.execute(
        f"""
        SELECT t.slug AS one, NULL AS other, {_AGE.format(at="t.at")} AS age, count(*) AS n
        FROM article_hashtags t JOIN articles a ON a.id = t.article_id
        WHERE t.slug = ANY(%(lone)s) AND t.at > %(since)s AND t.at <= %(now)s AND a.copy_of IS NULL
        GROUP BY 1, 3
        UNION ALL
        SELECT p.one, p.other, {_AGE.format(at="t.at")}, count(*)
        FROM unnest(%(ones)s::text[], %(others)s::text[]) AS p (one, other)
        JOIN article_hashtags t ON t.slug = p.one AND t.at > %(since)s AND t.at <= %(now)s
        JOIN articles a ON a.id = t.article_id AND a.copy_of IS NULL
        WHERE EXISTS (SELECT FROM article_hashtags u WHERE u.article_id = t.article_id AND u.slug = p.other)
        GROUP BY 1, 2, 3
        """,
        {
            "now": now,
            "since": since,
            "lone": [slugs[0] for slugs in wanted if len(slugs) == 1],
            "ones": [slugs[0] for slugs in wanted if len(slugs) == 2],
            "others": [slugs[1] for slugs in wanted if len(slugs) == 2],
        },
    ).fetchall()
    for row in rows:
        slugs = (row["one"],) if row["other"] is None else (row["one"], row["other"])
        found.setdefault(slugs, {})[row["age"]] = int(row["n"])
    return found


def _by_day(counts: dict[int, int], days: int) -> tuple[int, ...]:
    """Counts by age as counts by day, oldest first."""
    return tuple(counts.get(age, 0) for age in range(days - 1, -1, -1))
