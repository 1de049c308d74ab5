"""The publishers' web pages: values and a template in, HTML out.

Every publisher has templates/NAME/layout.html and article.html in its own house style; front and section pages share
home.html inside the layout.  What stands around the text (navigation, related links, newsletter box, cookie bar,
comments, adverts) is there on purpose: a reader of these pages has to tell it from the article.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sample.press import MONTHS, WEEKDAYS, Publisher, Shown, slug

ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
    auto_reload=False,
)

FICTION = {
    "en": "Fiction: this publisher and every person, place and event on this page are invented for a sample press.",
    "de": "Fiktion: Diese Zeitung und alle Personen, Orte und Ereignisse auf dieser Seite sind frei erfunden.",
    "ko": "픽션: 이 신문과 이 페이지에 나오는 모든 인물과 장소, 사건은 견본용으로 지어낸 것입니다.",
}
# Readers' remarks that fit any article; they stand under articles so that an extractor has comments to strip.
COMMENTS = {
    "en": (
        ("gullside_reader", "Thank you for naming the source this time."),
        ("Old Tom, Lowgate", "I have read this twice and I still want to know who pays."),
        ("m.k.", "Could the headline be any longer?"),
        (
            "tidewatcher",
            "My neighbour was there and tells it differently, but then he tells everything differently.",
        ),
        ("Ferry Lane 12", "Please bring back the crossword on the last page."),
        ("A subscriber since 1998", "More of this and fewer quizzes."),
    ),
    "de": (
        ("Oberlandler", "Endlich ein Artikel, der die Zahlen nennt."),
        ("h_brenner", "Und wer zahlt am Ende? Wie immer wir."),
        ("Leserin aus Marnau", "Das Kreuzworträtsel war gestern falsch nummeriert."),
        ("kaffeesatz", "Ich warte auf die Gegendarstellung."),
    ),
    "ko": (
        ("새벽독자", "기사 잘 읽었습니다. 후속 보도 기다릴게요."),
        ("골목길", "댓글은 처음 남겨 봅니다."),
        ("푸른돌", "그래프도 같이 실어 주시면 좋겠어요."),
        ("한빛시민", "제목이 너무 깁니다."),
    ),
}
ADVERTS = {
    "en": (
        "Brackwater Tea: brewed where the fog is.",
        "Sleep on it. Halden Mattresses, Saltmarket.",
        "Lost a glove? Gullside Mittens has the other one.",
    ),
    "de": (
        "Bergkäse Oberland: reift länger als Ihr Urlaub.",
        "Matratzen Hollmann: drei Nächte Probe liegen.",
        "Schirme, die bleiben. Schirm-Kroll, Marktgasse.",
    ),
    "ko": ("새벽우유, 오늘도 문 앞에.", "가벼운 신발 바람표.", "한 끼의 온기, 온담도시락."),
}


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """An article with everything its template prints worked out; `opening` is the dateline as printed, "" without one."""

    shown: Shown
    url: str
    opening: str
    published: datetime  # in the publisher's zone
    modified: datetime
    published_text: str
    modified_text: str
    section_url: str
    image_url: str
    audio_url: str | None
    comments: tuple[tuple[str, str], ...]
    json_ld: Markup


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str
    published_text: str = ""
    summary: str = ""
    image_url: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class FeedLink:
    title: str
    url: str
    media_type: str


def at_path(base: str, path: str) -> str:
    """Return the address of a path at a publisher, percent-encoded."""
    return base + quote(path, safe="/?=&%-_.~:")


def section_path(section: str) -> str:
    return f"/section/{slug(section) or section}"


def long_date(when: datetime, language: str) -> str:
    """Return a moment as a page prints it; when is in the publisher's zone."""
    clock = f"{when.hour:02}:{when.minute:02}"
    if language == "ko":
        return f"{when.year}년 {when.month}월 {when.day}일 {clock}"
    month, weekday = MONTHS[language][when.month - 1], WEEKDAYS[language][when.weekday()]
    if language == "de":
        return f"{weekday}, {when.day}. {month} {when.year}, {clock} Uhr"
    return f"{weekday} {when.day} {month} {when.year}, {clock}"


def render_home(
    publisher: Publisher,
    shown: Sequence[Shown],
    *,
    base: str,
    now: datetime,
    feeds: Sequence[FeedLink],
    heading: str = "",
) -> str:
    """Return the front page, or a section's with its heading."""
    return _render(
        publisher,
        f"{publisher.template}/layout.html",
        "home.html",
        base=base,
        now=now,
        feeds=feeds,
        links=[link_to(one, base) for one in shown],
        heading=heading,
    )


def has_template(publisher: Publisher, name: str) -> bool:
    return f"{publisher.template}/{name}" in ENVIRONMENT.list_templates()


def render_about(publisher: Publisher, *, base: str, now: datetime, feeds: Sequence[FeedLink]) -> str:
    return _render(
        publisher, f"{publisher.template}/layout.html", "about.html", base=base, now=now, feeds=feeds
    )


def render_article(
    shown: Shown,
    others: Sequence[Shown],
    *,
    base: str,
    now: datetime,
    feeds: Sequence[FeedLink],
    template: str = "article.html",
) -> str:
    """Return an article's page, or with `template` its print view or the consent wall in front of it."""
    number = shown.article.number
    rest = [one for one in others if one.article.id != shown.article.id]
    same = [one for one in rest if one.article.section == shown.article.section]
    related = [*same, *(one for one in rest if one not in same)][:4]
    return _render(
        shown.publisher,
        f"{shown.publisher.template}/layout.html",
        f"{shown.publisher.template}/{template}",
        base=base,
        now=now,
        feeds=feeds,
        page=article_page(shown, base),
        related=[link_to(one, base) for one in related],
        most_read=[
            link_to(one, base) for one in sorted(rest, key=lambda s: (s.article.number * 7919) % 997)[:5]
        ],
        minutes=(number + int(now.timestamp()) // 60) % 57 + 2,
    )


def _render(
    publisher: Publisher, layout: str, template: str, *, base: str, now: datetime, **values: Any
) -> str:
    adverts = ADVERTS[publisher.language]
    return ENVIRONMENT.get_template(template).render(
        layout=layout,
        publisher=publisher,
        base=base,
        nav=[Link(name, at_path(base, section_path(name))) for name in publisher.sections],
        fiction=FICTION[publisher.language],
        advert=adverts[int(now.timestamp()) // 20 % len(adverts)],
        today=long_date(now.astimezone(publisher.zone), publisher.language),
        year=now.year,
        **values,
    )


def link_to(shown: Shown, base: str) -> Link:
    local = shown.published_at.astimezone(shown.publisher.zone)
    return Link(
        text=shown.headline,
        url=at_path(base, shown.article.path),
        published_text=long_date(local, shown.publisher.language),
        summary=shown.summary,
        image_url=f"{base}/img/{shown.article.number}.png",
        published=local.isoformat(timespec="minutes"),
    )


def article_page(shown: Shown, base: str) -> ArticlePage:
    article, publisher = shown.article, shown.publisher
    published = shown.published_at.astimezone(publisher.zone)
    modified = shown.modified_at.astimezone(publisher.zone)
    comments = COMMENTS[publisher.language]
    first = article.number % len(comments)
    return ArticlePage(
        shown=shown,
        url=at_path(base, article.path),
        opening=publisher.dateline.format(place=article.dateline) if article.dateline else "",
        published=published,
        modified=modified,
        published_text=long_date(published, publisher.language),
        modified_text=long_date(modified, publisher.language),
        section_url=at_path(base, section_path(article.section)) if article.section else base + "/",
        image_url=f"{base}/img/{article.number}.png",
        audio_url=f"{base}/audio/{article.number}.wav" if article.id in publisher.audio else None,
        comments=(comments * 2)[first : first + 3],
        json_ld=_json_ld(shown, base, published, modified),
    )


def _json_ld(shown: Shown, base: str, published: datetime, modified: datetime) -> Markup:
    """Return schema.org/NewsArticle as JSON that is safe inside a script element."""
    article, publisher = shown.article, shown.publisher
    words: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": {"@type": "WebPage", "@id": at_path(base, article.path)},
        "headline": shown.headline,
        "datePublished": published.isoformat(timespec="seconds"),
        "dateModified": modified.isoformat(timespec="seconds"),
        "inLanguage": publisher.language,
        "image": [f"{base}/img/{article.number}.png"],
        "publisher": {
            "@type": "NewsMediaOrganization",
            "name": publisher.name,
            "logo": {"@type": "ImageObject", "url": f"{base}/favicon.svg"},
        },
        "isAccessibleForFree": article.access != "paywall",
    }
    if shown.standfirst:
        words["description"] = shown.standfirst
    if article.byline:
        words["author"] = [{"@type": "Person", "name": name} for name in article.byline]
    if article.section:
        words["articleSection"] = article.section
    if article.dateline:
        words["dateline"] = article.dateline
    if article.access == "paywall":
        words["hasPart"] = {
            "@type": "WebPageElement",
            "isAccessibleForFree": False,
            "cssSelector": ".paywalled",
        }
    if shown.corrections:
        words["correction"] = list(shown.corrections)
    text = json.dumps(words, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
