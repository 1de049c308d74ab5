"""What a page holds that nobody sees on it is no part of the article."""

from datetime import UTC, datetime

import pytest

from tidings.extract import PageExtractor
from tidings.model import Page

TEXT = (
    "The town council of Marlow Bay voted 7 to 4 on Tuesday to close the old ferry pier, after a debate of five hours.",
    "Repairs would cost more than three million euros, the mayor told the council before the vote was taken.",
)


def paragraphs(inside: str) -> tuple[str, ...]:
    body = f"<p>{TEXT[0]}</p>{inside}<p>{TEXT[1]}</p>"
    page = f"<html lang=en><body><article><h1>Marlow Bay votes to close its pier</h1>{body}</article></body></html>"
    at = datetime(2026, 3, 5, tzinfo=UTC)
    address = "https://courier.example/pier"
    return PageExtractor().extract(Page(address, address, 200, {}, page.encode(), at, b""), None).paragraphs


SECRET = "The mayor fled to Port Elin in the night and took the keys of the town hall along."


@pytest.mark.parametrize(
    "inside",
    [
        f"<p hidden>{SECRET}</p>",
        f'<div hidden=""><p>{SECRET}</p></div>',
        f'<p style="color: #FFF; background: white">{SECRET}</p>',
        f'<p style="background-color:#ffffff;color:#ffffff">{SECRET}</p>',
        f'<p style="font-size:0">{SECRET}</p>',
        f'<p style="line-height: 1; font-size: 1px;">{SECRET}</p>',
    ],
)
def test_what_cannot_be_seen_is_left_out_and_what_follows_stays(inside: str) -> None:
    assert paragraphs(inside) == TEXT


@pytest.mark.parametrize(
    "inside",
    [
        f'<p hidden="until-found">{SECRET}</p>',
        f'<p style="color: white; background: #036">{SECRET}</p>',
        f'<p style="color: #fff">{SECRET}</p>',
        f'<p style="font-size: 1.2em">{SECRET}</p>',
        f'<p style="font-size: 10px">{SECRET}</p>',
    ],
)
def test_what_can_be_seen_stays(inside: str) -> None:
    assert paragraphs(inside) == (TEXT[0], SECRET, TEXT[1])


def test_an_article_that_a_script_uncovers_stays() -> None:
    long = "".join(f"<p>{SECRET} It was day {n}.</p>" for n in range(20))
    assert len(paragraphs(f"<div hidden>{long}</div>")) == 22
