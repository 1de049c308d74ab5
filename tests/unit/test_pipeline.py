"""What the main path decides without a database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tidings.model import Entry, EntryToRead, Extract, Page, Publisher, Work
from tidings.pipeline import address_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def an_entry(url: str | None) -> EntryToRead:
    return EntryToRead(
        work=Work(id=1, step="read", subject_id=7, attempts=0, lease=1),
        entry_id=7,
        feed_id=1,
        publisher=Publisher(1, "Courier", "https://courier.example/"),
        entry=Entry(guid="g", url=url, title="t"),
        full_text=True,
        credentials=None,
        first_seen_at=NOW,
    )


def a_page(final_url: str) -> Page:
    return Page(
        url=final_url, final_url=final_url, status=200, headers={}, body=b"", fetched_at=NOW, digest=b""
    )


@pytest.mark.parametrize(
    ("canonical", "final", "stated", "address"),
    [
        ("https://courier.example/a", "https://www.courier.example/a?x=1", None, "https://courier.example/a"),
        ("https://wire.example/a", "https://courier.example/b", None, "https://courier.example/b"),
        (None, "https://courier.example/b?utm_source=x", None, "https://courier.example/b"),
        ("https://wire.example/a", None, "https://courier.example/c", "https://courier.example/c"),
        (None, None, "https://courier.example/c", "https://courier.example/c"),
        (None, None, None, "urn:tidings:entry:7"),
    ],
)
def test_an_article_lives_on_its_own_site_whatever_source_it_names(
    canonical: str | None, final: str | None, stated: str | None, address: str
) -> None:
    extract = Extract(headline="h", paragraphs=("p",), made_by="e", canonical_url=canonical)
    assert address_of(an_entry(stated), a_page(final) if final else None, extract) == address
