"""What is said of articles: the sources to say it from, what models answered, what that took, what readers called wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tidings.errors import NotFound
from tidings.model import (
    Answer,
    Citation,
    Claim,
    Cost,
    KeptAnswer,
    Listed,
    ModelCall,
    Publisher,
    Source,
    Spent,
    WrongClaim,
    WrongState,
)
from tidings.store import articles, facts
from tidings.store.database import Connection, Row
from tidings.store.values import as_json, key_parts, moment_of, names_of, next_key

# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def sources(connection: Connection, article_ids: Sequence[int]) -> list[Source]:
    """Return the articles of these ids in the order asked for, as they can be cited; unknown ids are left out."""
    found = articles.articles(connection, article_ids)
    known = facts.facts(connection, article_ids)
    rows = connection.execute(
        """
        SELECT a.id, a.copy_of, a.agency, d.names
        FROM articles a LEFT JOIN descriptions d ON d.article_id = a.id WHERE a.id = ANY(%s)
        """,
        (list(article_ids),),
    ).fetchall()
    about = {row["id"]: row for row in rows}
    return [
        Source(
            article_id=article.id,
            revision=article.revision,
            text_digest=bytes(article.text_digest),
            publisher=article.publisher.name,
            at=article.at,
            language=article.extract.language,
            headline=article.extract.headline,
            paragraphs=article.extract.paragraphs,
            standfirst=article.extract.standfirst,
            facts=known.get(article.id),
            names=names_of(about[article.id]["names"] or ()),
            original_id=about[article.id]["copy_of"],
            voice=_voice(article.publisher, about[article.id]["agency"]),
        )
        for article in found
        if article.id in about  # not taken down since
    ]


def _voice(publisher: Publisher, agency: str | None) -> str:
    """Return whose report an article is: an agency's text and the publishers of one owner count as one."""
    return (agency or publisher.owner or f"publisher {publisher.id}").casefold()


# ── what models answered ─────────────────────────────────────────────────────────────────────────────────────────────


def keep_answer(
    connection: Connection, *, feature: str, subject: str, options: str, inputs: bytes, answer: Answer
) -> None:
    """Keep an answer in the place of an older one of the same maker; nothing when one of its articles is gone."""
    if not _are_here(connection, answer.article_ids):
        return
    connection.execute(
        """
        INSERT INTO answers (feature, subject, options, made_by, inputs, made_at, article_ids, body)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (feature, subject, options, made_by) DO UPDATE SET inputs = excluded.inputs,
            made_at = excluded.made_at, article_ids = excluded.article_ids, body = excluded.body
        """,
        (
            feature,
            subject,
            options,
            answer.made_by,
            inputs,
            answer.made_at,
            list(answer.article_ids),
            as_json(_answer_value(answer)),
        ),
    )


def _are_here(connection: Connection, article_ids: Iterable[int]) -> bool:
    """Whether these articles are all there, and stay until the transaction ends: what is said of them goes with them."""
    ids = sorted(set(article_ids))
    rows = connection.execute("SELECT id FROM articles WHERE id = ANY(%s) FOR KEY SHARE", (ids,)).fetchall()
    return len(rows) == len(ids)


def kept_answer(connection: Connection, *, feature: str, subject: str, options: str) -> KeptAnswer | None:
    """Return the newest kept answer, made from whatever its sources were then."""
    row = connection.execute(
        """
        SELECT inputs, made_by, made_at, article_ids, body FROM answers
        WHERE feature = %s AND subject = %s AND options = %s ORDER BY made_at DESC LIMIT 1
        """,
        (feature, subject, options),
    ).fetchone()
    return KeptAnswer(bytes(row["inputs"]), _answer_of(row)) if row else None


def forget_answers(connection: Connection, *, before: datetime) -> int:
    """Drop the answers that were made before a moment; returns how many."""
    return connection.execute("DELETE FROM answers WHERE made_at < %s", (before,)).rowcount


def _answer_value(answer: Answer) -> dict[str, Any]:
    return {
        "claims": [_claim_value(claim) for claim in answer.claims],
        "dropped": dict(answer.dropped),
        "cost": _cost_value(answer.cost) if answer.cost else None,
    }


def _answer_of(row: Row) -> Answer:
    body = row["body"]
    return Answer(
        claims=tuple(map(_claim_of, body["claims"])),
        made_by=row["made_by"],
        made_at=row["made_at"],
        article_ids=tuple(row["article_ids"]),
        dropped=body["dropped"],
        cost=_cost_of(body["cost"]) if body["cost"] else None,
    )


def _claim_value(claim: Claim) -> dict[str, Any]:
    cited = [
        [c.article_id, c.revision, c.text_digest.hex(), c.paragraph, c.start, c.end, c.words]
        for c in claim.citations
    ]
    return {"text": claim.text, "language": claim.language, "citations": cited}


def _claim_of(value: Mapping[str, Any]) -> Claim:
    cited = tuple(
        Citation(article_id, revision, bytes.fromhex(digest), *place)
        for article_id, revision, digest, *place in value["citations"]
    )
    return Claim(value["text"], cited, value["language"])


def _cost_value(cost: Cost) -> list[Any]:
    price = None if cost.price is None else str(cost.price)
    return [cost.tokens_in, cost.tokens_out, price, cost.currency]


def _cost_of(value: Sequence[Any]) -> Cost:
    tokens_in, tokens_out, price, currency = value
    return Cost(tokens_in, tokens_out, None if price is None else Decimal(price), currency)


# ── what it took ─────────────────────────────────────────────────────────────────────────────────────────────────────


def record_call(connection: Connection, call: ModelCall) -> None:
    connection.execute(
        """
        INSERT INTO model_calls (at, reader, feature, model, tokens_in, tokens_out, price, currency)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            call.at,
            call.reader,
            call.feature,
            call.model,
            call.cost.tokens_in,
            call.cost.tokens_out,
            call.cost.price,
            call.cost.currency,
        ),
    )


def spent(connection: Connection, *, since: datetime, reader: str | None = None) -> Spent:
    """Return what models took since a moment, of everyone or of one reader; calls without a price count as free."""
    row = connection.execute(
        """
        SELECT count(*) AS calls, coalesce(sum(tokens_in), 0) AS tokens_in, coalesce(sum(tokens_out), 0) AS tokens_out,
            coalesce(sum(price), 0) AS price
        FROM model_calls WHERE at >= %s AND (%s::text IS NULL OR reader = %s)
        """,
        (since, reader, reader),
    ).fetchone()
    assert row is not None
    return Spent(row["calls"], int(row["tokens_in"]), int(row["tokens_out"]), row["price"])


# ── what readers call wrong ──────────────────────────────────────────────────────────────────────────────────────────


def report_wrong(
    connection: Connection, claim: Claim, *, feature: str, page: str, made_by: str, note: str, now: datetime
) -> WrongClaim:
    """Note that a reader calls a claim wrong; one that was called so before is counted once more.

    Raises NotFound when an article that it cites is gone.
    """
    article_ids = sorted({c.article_id for c in claim.citations})
    if not _are_here(connection, article_ids):
        raise NotFound(
            "sentence", "This sentence is not shown any more: an article that it cites was taken down."
        )
    row = connection.execute(
        """
        INSERT INTO wrong_claims AS w (claim_key, feature, page, body, made_by, article_ids, reported_at, note)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (claim_key) DO UPDATE SET reports = w.reports + 1, reported_at = excluded.reported_at,
            note = CASE WHEN w.note = '' THEN excluded.note ELSE w.note END
        RETURNING *
        """,
        (
            claim.key,
            feature,
            page,
            as_json(_claim_value(claim)),
            made_by,
            article_ids,
            now,
            note,
        ),
    ).fetchone()
    assert row is not None
    return _wrong_of(row)


def settle_wrong(
    connection: Connection, wrong_id: int, *, state: WrongState, reply: str, now: datetime
) -> WrongClaim:
    """Decide on a claim that was called wrong: withdrawn ones are not shown again.  Raises NotFound."""
    row = connection.execute(
        "UPDATE wrong_claims SET state = %s, reply = %s, decided_at = %s WHERE id = %s RETURNING *",
        (state, reply, None if state == "open" else now, wrong_id),
    ).fetchone()
    if row is None:
        raise NotFound(f"correction {wrong_id}", "There is no such sentence here; its article may be gone.")
    return _wrong_of(row)


def wrong_claims(connection: Connection, *, after: str | None = None, limit: int = 30) -> Listed[WrongClaim]:
    """The claims that readers called wrong, the last first."""
    key = key_parts(after, int, int)
    before = moment_of(key[0]) if key else None
    rows = connection.execute(
        """
        SELECT * FROM wrong_claims
        WHERE %(before)s::timestamptz IS NULL OR (reported_at, id) < (%(before)s, %(before_id)s)
        ORDER BY reported_at DESC, id DESC LIMIT %(limit)s
        """,
        {"before": before, "before_id": key[1] if key else None, "limit": limit + 1},
    ).fetchall()
    return Listed(tuple(map(_wrong_of, rows[:limit])), next_key(rows, limit, "reported_at", "id"))


def withdrawn(connection: Connection, claims: Iterable[Claim]) -> frozenset[int]:
    """Return the places of those claims that were withdrawn."""
    keys = [claim.key for claim in claims]
    rows = connection.execute(
        "SELECT claim_key FROM wrong_claims WHERE claim_key = ANY(%s) AND state = 'withdrawn'", (keys,)
    ).fetchall()
    gone = {bytes(row["claim_key"]) for row in rows}
    return frozenset(place for place, key in enumerate(keys) if key in gone)


def _wrong_of(row: Row) -> WrongClaim:
    return WrongClaim(
        id=row["id"],
        claim=_claim_of(row["body"]),
        feature=row["feature"],
        page=row["page"],
        made_by=row["made_by"],
        reported_at=row["reported_at"],
        reports=row["reports"],
        note=row["note"],
        state=row["state"],
        reply=row["reply"],
        decided_at=row["decided_at"],
    )
