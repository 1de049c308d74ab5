"""The only place that knows both configuration and backends: build(settings) → Tidings.

A `Tidings` is what the site, the workers and the command line call: one method for each thing a person can ask of it.
The functions below it are the same steps without a database, for evals and for anyone's own texts.
"""

from __future__ import annotations

import random
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import argon2
import structlog

from tidings import __version__, text
from tidings.ai.ask import SAYS, Ranked, answer, compared, lead, shown_of
from tidings.ai.assistant import Assistant
from tidings.ai.compare import compare
from tidings.ai.evidence import check_all, checked, cite
from tidings.ai.fitting import FIT_FACTS, READINGS, TRUST_FACTS, trust
from tidings.ai.fitting import Weights as AskWeights
from tidings.ai.meter import Budget, Prices
from tidings.ai.modelled import Modelled
from tidings.ai.news import NewClaim, new_since
from tidings.ai.people import who_is
from tidings.ai.providers.openai import Endpoint, OpenAICompatible, Patience
from tidings.ai.question import read_question
from tidings.ai.shortlist import Found
from tidings.ai.summarise import PART_FACTS, facts_told, key_points, parts_of, summary
from tidings.ai.timeline import DAY_FACTS, timeline, timeline_facts
from tidings.config import OwnHost, Settings, load_owners
from tidings.embed import UsemEmbedder, english_embedder
from tidings.errors import AIError, Conflict, FetchError, NotFound, ParseError, StoreError, Unreachable
from tidings.extract import PageExtractor
from tidings.extract.revisions import DiffParagraph, diff, text_digest
from tidings.feeds.discovery import common_paths, find_feeds
from tidings.feeds.opml import read_opml, write_opml
from tidings.feeds.parse import parse_feed
from tidings.feeds.starters import starter
from tidings.fetch import websub
from tidings.fetch.client import HttpFetcher
from tidings.fetch.client import OwnHost as PoliteHost
from tidings.fetch.pictures import kept_at
from tidings.model import (
    Article,
    ArticleCard,
    Burst,
    Correction,
    CorrectionKind,
    Credentials,
    EntityCard,
    EntityKind,
    EntityView,
    Extract,
    Feed,
    FoundFeed,
    Listed,
    NewFeed,
    Occurrence,
    Page,
    Relation,
    Reply,
    SearchAnswer,
    SearchQuery,
    Source,
    StoryCard,
    Takedown,
)
from tidings.pipeline import Grouper, Pipeline
from tidings.ports import Embedder, Fetcher, Store
from tidings.store.fusing import FACTS as FUSING_FACTS
from tidings.store.fusing import KINDS as FUSING_KINDS
from tidings.store.fusing import Likeness
from tidings.store.migrate import migrate
from tidings.store.postgres import PostgresLedger, PostgresStore
from tidings.store.search import HybridSearch
from tidings.store.server import EmbeddedServer
from tidings.stories.cluster import Meetings, Window
from tidings.stories.corrections import hindrance
from tidings.stories.decision import FACTS, MEETINGS, Decision, learned_decisions
from tidings.stories.describe import describe
from tidings.stories.desks import Desks, desk_addressed, desk_vectors
from tidings.stories.entities import sentences_naming
from tidings.stories.facts import facts_of
from tidings.stories.hashtags import Vocabulary
from tidings.stories.lead import choose_lead
from tidings.stories.names import name_key
from tidings.stories.names import names_in as names_of_text
from tidings.stories.nations import other_names
from tidings.stories.phrases import Features as PhraseFeatures
from tidings.stories.phrases import key_phrases, phrase_features
from tidings.stories.places import countries_named, geocode
from tidings.stories.related import ENOUGH_NAMES, is_repeated, least_similarity, related, telling_names
from tidings.stories.remains import closed_up
from tidings.stories.similarity import (
    COMPARISONS,
    PAIR_FACTS,
    Comparison,
    PairFacts,
    pair_facts,
    profile_of,
    scored,
    similarity,
)
from tidings.stories.trends import DAYS as TREND_DAYS
from tidings.stories.trends import bursts
from tidings.text import search_tokens
from tidings.text import sentences as split_sentences
from tidings.urls import canonical_url, host_port, is_same_origin, without_credentials

log = structlog.get_logger("tidings.app")

HUB_PATIENCE = timedelta(hours=1)  # between two requests to a hub that has not answered
HINT_SPACING = timedelta(seconds=5)  # between two polls that a hub's unsigned deliveries cause
LATELY_DAYS = 7  # what "written about lately" looks back on
LONGEST_ALIAS = 80
INDEX_BATCH = 500  # articles taken into the search index at a time: about a second
OPERATOR = "operator"  # who corrects, as long as there is one password
PAIRS_AT_ONCE = 500  # whose texts are in memory
TRENDS_FOR = timedelta(minutes=5)  # a look takes 0.7 s at 5,000 articles a day
MIN_INTERVAL_S = 900  # never poll oftener than every 15 minutes, but for the operator's own hosts


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Followed:
    """What became of one address: its feed, and whether following it was news."""

    feed: Feed
    is_new: bool


class Tidings:
    """One instance: its settings and everything it runs on."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        fetcher: Fetcher,
        embedder: Embedder,
        english: Embedder | None = None,
        clock: Callable[[], datetime],
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_close = on_close
        self.settings = settings
        self.store = store
        self.fetcher = fetcher
        self.embedder = embedder
        self.english = english
        self.clock = clock
        self._owners = load_owners(settings.home)
        self._hubs_asked: dict[int, datetime] = {}
        self._trends: tuple[datetime, list[Burst]] | None = None
        self.pipeline = Pipeline(
            store=store,
            fetcher=fetcher,
            extractor=PageExtractor(),
            embedder=embedder,
            english=english,
            clock=clock,
            jitter=random.random,
            min_interval_s=self._min_interval_s,
        )

    def close(self) -> None:
        self._on_close()
        self.store.close()

    def grouper(self, owner: str) -> Grouper:
        """Become the one writer of stories (see pipeline.Grouper)."""
        changed = self.store.keep_owners(self._owners)
        desks = self._desks()
        grouper = Grouper(
            self.store,
            owner=owner,
            clock=self.clock,
            window_days=self.settings.window_days,
            desks=desks,
            meanings=self.embedder.embed if desks else None,
        )
        if changed:
            grouper.recount(changed)
        return grouper

    def _desks(self) -> Desks | None:
        try:
            return Desks(desk_vectors(self.embedder), model=self.embedder.name)
        except AIError as error:  # stories can be placed without
            log.warning("no sections by text", reason=error.public_message)
            return None

    def _min_interval_s(self, url: str) -> int:
        try:
            own = self.settings.own_hosts.get(host_port(url))
        except ValueError:  # an entry's link may be anything
            own = None
        return own.min_interval_s if own else MIN_INTERVAL_S

    def spacing_s(self, host: str) -> float:
        """Return the least time between two requests to a host ("name:port")."""
        own = self.settings.own_hosts.get(host)
        return own.spacing_s if own else self.settings.spacing_s

    # ── what is said of articles ─────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def assistant(self) -> Assistant:
        return Assistant(
            self.store,
            search=lambda query, limit: self.search(query, limit=limit),
            embedder=self.embedder,
            english=self.english,
            clock=self.clock,
        )

    @cached_property
    def modelled(self) -> Modelled | None:
        """What a language model does here; None until one is chosen."""
        settings = self.settings
        if settings.ai_url is None or settings.ai_model is None:
            return None
        prices = None
        if settings.ai_price_in is not None and settings.ai_price_out is not None:
            prices = Prices(settings.ai_price_in, settings.ai_price_out, settings.ai_currency)
        model = OpenAICompatible(
            Endpoint(settings.ai_url, settings.ai_model, settings.ai_key, prices),
            patience=Patience(
                first_token_s=max(Patience().first_token_s, settings.ai_timeout_s / 2),
                whole_s=settings.ai_timeout_s,
            ),
        )
        return Modelled(
            model,
            self.store,
            budget=Budget(settings.ai_budget_day, settings.ai_budget_user),
            meanings=self.embedder.embed,
            clock=self.clock,
        )

    # ── following ────────────────────────────────────────────────────────────────────────────────────────────────────
    def find_feeds(self, address: str, *, credentials: Credentials | None = None) -> list[FoundFeed]:
        """Return the feeds at an address: itself when it is one, else those its page links to, else at common paths.

        Without a scheme https is tried, then http.  credentials, or those in the address, are sent to its own origin.  Raises
        NotFound when there is none, FetchError when the address does not answer.
        """
        stated, given = without_credentials(address if "://" in address else f"https://{address}")
        url = canonical_url(stated)
        if not url:
            raise NotFound(
                address, f"{address!r} is not a web address. Try one like https://example.org/feed.xml."
            )
        if given and credentials is None:
            credentials = Credentials(*given)
        return [
            replace(one, credentials=credentials if is_same_origin(one.url, url) else None)
            for one in self._feeds_at(address, url, credentials, may_be_http="://" not in address)
        ]

    def _feeds_at(
        self, address: str, url: str, credentials: Credentials | None, *, may_be_http: bool
    ) -> list[FoundFeed]:
        try:
            reply = self.fetcher.get(url, purpose="discovery", credentials=credentials)
        except Unreachable as error:
            # A password that was meant for https goes nowhere else.
            if not may_be_http or credentials:
                raise
            try:
                reply = self.fetcher.get(f"http{url.removeprefix('https')}", purpose="discovery")
            except FetchError:
                raise error from None
        found = self._feed_in(reply)
        if found:
            return [found]
        linked = find_feeds(reply.body, reply.final_url, reply.headers)
        if linked:
            return linked
        for path in common_paths(reply.final_url):
            try:
                found = self._feed_in(self.fetcher.get(path, purpose="discovery"))
            except FetchError:
                continue
            if found:
                return [found]
        raise NotFound(
            address,
            f"No feed was found at {reply.final_url}. Look for a link called RSS, Atom or Feed on the site and give its address.",
        )

    def _feed_in(self, reply: Reply) -> FoundFeed | None:
        try:
            document = parse_feed(
                reply.body,
                url=reply.final_url,
                content_type=reply.headers.get("content-type"),
                now=self.clock(),
            )
        except ParseError:
            return None
        url = reply.moved_to or reply.url
        return FoundFeed(url=url, title=document.title, site_url=document.site_url, format=document.format)

    def follow(
        self,
        found: FoundFeed,
        *,
        starter_name: str = "",
        full_text: bool = True,
        credentials: Credentials | None = None,
    ) -> Followed:
        """Follow a feed; its first visit is due at once.  Of one followed already, new credentials and the wish for no full text
        are taken, nothing else.

        A user name and password in its address are taken out of it and kept apart.
        """
        url, given = without_credentials(found.url)
        credentials = credentials or found.credentials or (Credentials(*given) if given else None)
        feed, is_new = self.store.add_feed(
            NewFeed(
                url=url,
                title=found.title,
                site_url=found.site_url,
                folder=found.folder,
                starter=starter_name,
                full_text=full_text,
                credentials=credentials,
            ),
            now=self.clock(),
        )
        if credentials and not is_new:
            feed = self.store.set_feed(feed.id, credentials=credentials, next_poll_at=self.clock())
        if not full_text and feed.full_text:
            feed = self.store.set_feed(feed.id, full_text=False)
        return Followed(feed, is_new)

    def refresh(self, feed_id: int) -> Feed:
        """Have a feed visited now, whatever its state; returns it.  Raises NotFound."""
        return self.store.set_feed(feed_id, status="active", next_poll_at=self.clock())

    def follow_starter(self, name: str) -> list[Followed]:
        """Follow every feed of a starter pack.  Raises NotFound naming the packs there are."""
        return [self.follow(found, starter_name=name) for found in starter(name)]

    def import_opml(
        self, opml: bytes, *, on_followed: Callable[[int, int], None] = lambda done, of: None
    ) -> list[Followed]:
        """Follow every feed of an OPML file; on_followed hears how many of how many.  Raises ParseError when it holds none."""
        found = read_opml(opml)
        followed: list[Followed] = []
        for one in found:
            followed.append(self.follow(one))
            on_followed(len(followed), len(found))
        return followed

    def export_opml(self) -> bytes:
        """Return every followed feed as OPML 2.0."""
        return write_opml(
            [
                FoundFeed(url=f.url, title=f.title, site_url=f.site_url, folder=f.folder, format=f.format)
                for f in self.store.feeds()
            ],
            title="Tidings",
            now=self.clock(),
        )

    # ── hubs (WebSub) ────────────────────────────────────────────────────────────────────────────────────────────────
    def renew_hubs(self) -> None:
        """Ask the hubs of followed feeds to push, where a hub can reach us and its lease is missing or runs out.

        Asking again waits HUB_PATIENCE after each try: a hub answers by calling hub_verify, in its own time.  Polling goes
        on all the while.
        """
        now = self.clock()
        for feed in self.store.feeds():
            if feed.status != "active" or not feed.hub_url or not feed.topic_url:
                continue
            asked_at = self._hubs_asked.get(feed.id)
            if not websub.needs_renewal(feed.hub_lease_until, now=now) or not self._is_reachable_from(
                feed.hub_url
            ):
                continue
            if asked_at and now - asked_at < HUB_PATIENCE:
                continue
            self._hubs_asked[feed.id] = now
            secret = feed.hub_secret or secrets.token_urlsafe(32)
            self.store.set_hub(
                feed.id,
                hub_url=feed.hub_url,
                topic_url=feed.topic_url,
                secret=secret,
                lease_until=feed.hub_lease_until,
            )
            token = websub.callback_token(self.secret_key.encode(), feed.id)
            subscription = websub.Subscription(
                hub=websub.Hub(feed.hub_url, feed.topic_url),
                callback_url=f"{self.settings.site_url}/hub/{feed.id}/{token}",
                secret=secret,
            )
            try:
                websub.subscribe(self.fetcher, subscription)
            except FetchError as error:
                log.info("hub did not take the subscription", hub=feed.hub_url, reason=error.public_message)

    def _is_reachable_from(self, hub_url: str) -> bool:
        """A hub out in the world cannot call an instance that has no public address."""
        return self.settings.base_url is not None or host_port(hub_url) in self.settings.own_hosts

    def hub_verify(self, feed_id: int, token: str, params: Mapping[str, str]) -> str | None:
        """Return the challenge to answer a hub's question with, None when it must be told 404."""
        feed = self._hub_feed(feed_id, token)
        if feed is None or feed.topic_url is None:
            return None
        wanted: Literal["subscribe", "unsubscribe"] = (
            "subscribe" if feed.status == "active" else "unsubscribe"
        )
        try:
            intent = websub.read_intent(params, topic_url=feed.topic_url, wanted=wanted)
        except NotFound:
            return None
        lease_until = None
        if intent.mode == "subscribe" and intent.lease_s is not None:
            lease_until = self.clock() + timedelta(seconds=intent.lease_s)
        self.store.set_hub(
            feed.id,
            hub_url=feed.hub_url,
            topic_url=feed.topic_url,
            secret=feed.hub_secret,
            lease_until=lease_until,
        )
        return intent.challenge

    def hub_deliver(self, feed_id: int, token: str, headers: Mapping[str, str], body: bytes) -> bool:
        """Take a hub's delivery in as far as it can be trusted; False when the address is none of ours.

        Raises NotFound when it was ours and nobody follows the feed any more, or it names no hub: the hub may stop.
        """
        if not self._is_ours(feed_id, token):
            return False
        feed = self.store.feed(feed_id)
        if feed.hub_url is None:
            raise NotFound(feed.url, "This feed has no hub any more.")
        if feed.status != "active":  # paused: the hub is not told, its lease runs out
            return True
        secret = feed.hub_secret if websub.keeps_secret(feed.hub_url) else None
        trust = websub.delivery_trust(body, headers, secret=secret)
        now = self.clock()
        if trust == "hint" and (feed.last_polled_at is None or now - feed.last_polled_at > HINT_SPACING):
            self.store.set_feed(feed.id, next_poll_at=now)
        elif trust == "signed":
            self.pipeline.take_in(
                feed,
                Reply(
                    url=feed.url,
                    final_url=feed.url,
                    status=200,
                    headers=headers,
                    body=body,
                    fetched_at=now,
                    validators=feed.validators,
                ),
                is_pushed=True,
            )
        return True

    def _is_ours(self, feed_id: int, token: str) -> bool:
        expected = websub.callback_token(self.secret_key.encode(), feed_id)
        return secrets.compare_digest(expected.encode(), token.encode())

    def _hub_feed(self, feed_id: int, token: str) -> Feed | None:
        if not self._is_ours(feed_id, token):
            return None
        try:
            return self.store.feed(feed_id)
        except NotFound:
            return None

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def searcher(self) -> HybridSearch:
        return HybridSearch(
            self.store,
            self.embedder,
            self.english,
            folder=self.settings.home / "search",
            clock=self.clock,
            other_names=other_names,
        )

    def index_some(self) -> int:
        """Take some of what changed into the search index; returns how many articles.

        Returns 0 when there was nothing, and while another thread or process is at it.
        """
        return self.searcher.refresh(limit=INDEX_BATCH)

    def search(self, query: SearchQuery, *, after: str | None = None, limit: int = 20) -> SearchAnswer:
        """Return articles by words and meaning, best first, and how the query was understood.

        What changed just now is found already; of a backlog only a part is taken in first, so that nobody waits for it.
        """
        self.index_some()
        return self.searcher.search(query, after=after, limit=limit)

    def related(self, article_id: int, *, limit: int = 6) -> list[tuple[ArticleCard, Relation]]:
        """Return related articles, most related first, each with its reason; none rather than an unrelated one."""
        subject = self.store.descriptions([article_id])
        if not subject:
            return []
        neighbours = self.store.neighbours(article_id, limit=30)
        own = self.store.cards([article_id])
        around = self.store.cards([other.article_id for other in neighbours])
        same_story = {card.id for card in around if own and card.story_id == own[0].story_id}
        unrelated = set(self.store.unrelated(article_id))
        relations = related(
            subject[0],
            [other for other in neighbours if other.article_id not in unrelated],
            limit=limit,
            same_story=same_story,
        )
        cards = {card.id: card for card in around}
        return [(cards[r.article_id], r) for r in relations if r.article_id in cards]

    def trends(self) -> list[Burst]:
        """Return what is written about more than usual, strongest first; looked up once in TRENDS_FOR."""
        now = self.clock()
        if self._trends is None or not timedelta(0) <= now - self._trends[0] < TRENDS_FOR:
            self._trends = (now, bursts(self.store.activity(now=now, days=TREND_DAYS)))
        return self._trends[1]

    def related_stories(self, story_id: int, *, limit: int = 4) -> list[StoryCard]:
        """Return other stories close in meaning to this one, nearest first."""
        return self.store.story_neighbours(story_id, limit=limit)

    def entity(
        self, entity_id: int, *, after: str | None = None, limit: int = 20
    ) -> tuple[EntityView, list[Occurrence]]:
        """Return an entity's page and, for its newest articles, the sentences that name it, verbatim.  Raises NotFound."""
        view = self.store.entity(entity_id, now=self.clock(), after=after, limit=limit)
        shown = {card.id: card for card in view.articles.rows}
        occurrences = []
        for article in self.store.articles(list(shown)):
            texts = [
                *([article.extract.standfirst] if article.extract.standfirst else []),
                *article.extract.paragraphs,
            ]
            found = sentences_naming(texts, view.spellings[article.id], article.extract.language)
            occurrences.append(Occurrence(shown[article.id], found))
        occurrences.sort(key=lambda o: (o.card.at, o.card.id), reverse=True)
        return view, occurrences

    def entities(
        self, *, kind: EntityKind | None = None, named: str = "", after: str | None = None, limit: int = 60
    ) -> Listed[EntityCard]:
        """Return entities that the last days' articles name most; with `named`, those of any time whose name begins so."""
        since = self.clock() - timedelta(days=LATELY_DAYS)
        return self.store.entities(since=since, kind=kind, named=name_key(named), after=after, limit=limit)

    def add_entity_alias(self, entity_id: int, spelling: str) -> int:
        """Let a spelling mean an entity; returns the edit's id.  Raises NotFound, Conflict."""
        shown = " ".join(spelling.split())
        if not name_key(shown) or len(shown) > LONGEST_ALIAS:
            raise Conflict(spelling, "Write a name of at most 80 characters.")
        return self.store.add_entity_alias(entity_id, key=name_key(shown), spelling=shown, now=self.clock())

    def diff(self, article_id: int, old: int, new: int) -> list[DiffParagraph]:
        """Return what changed between two revisions, paragraph by paragraph.  Raises NotFound."""
        return diff(self.store.revision(article_id, old), self.store.revision(article_id, new))

    def forget_old_pages(self) -> int:
        """Drop a batch of the kept pages older than keep_pages_days, where that is set; returns how many."""
        if self.settings.keep_pages_days is None:
            return 0
        return self.store.forget_pages(before=self.clock() - timedelta(days=self.settings.keep_pages_days))

    # ── correcting ───────────────────────────────────────────────────────────────────────────────────────────────────
    def story_at(self, address: str) -> int:
        """Return the story at an address of this site, or with a number, as it lives today.  Raises NotFound."""
        named = _STORY_ADDRESS.search(address.strip())
        if named is None:
            raise NotFound(address, "That is no story's address. Paste one like /story/123, or its number.")
        return self.store.story_now(int(named[1]))

    def correct(
        self,
        kind: CorrectionKind,
        story_id: int,
        *,
        other_id: int | None = None,
        articles: Sequence[int] = (),
    ) -> Correction:
        """Ask for a merge, a split or a move; the worker that places articles does it.

        Raises NotFound for a story that is not there, Conflict for what could never be done.
        """
        story_id = self.store.story_now(story_id)
        if other_id is not None:
            other_id = self.store.story_now(other_id)
        if other_id == story_id or (other_id is None and kind != "split"):
            raise Conflict(f"story {story_id}", "Name another story than this one.")
        if kind != "merge" and not articles:
            raise Conflict(f"story {story_id}", "Choose the articles first.")
        return self.store.ask_correction(
            kind,
            story_id=story_id,
            other_id=other_id,
            article_ids=articles if kind != "merge" else (),
            editor=OPERATOR,
            now=self.clock(),
        )

    def undo_correction(self, correction_id: int) -> Correction:
        """Ask that a correction be undone.  Raises NotFound, and Conflict when a later one builds on it."""
        correction = self.store.correction(correction_id)
        problem = hindrance(correction, self.store.standing_corrections())
        if problem:
            raise Conflict(f"correction {correction_id}", problem)
        return self.store.ask_undo(correction_id, now=self.clock())

    def call_unrelated(self, one_id: int, other_id: int, *, undo: bool = False) -> None:
        """Keep, or take back, that two articles are not related: neither is shown beside the other then."""
        self.store.call_unrelated(one_id, other_id, editor=OPERATOR, now=self.clock(), undo=undo)

    def story_headlines(self, story_ids: Iterable[int]) -> dict[int, str]:
        """Return the headline of each story; of one that ended, that of the article which opened it."""
        ids = list(dict.fromkeys(story_ids))
        opened = {card.id: card.headline for card in self.store.cards(ids)}
        return opened | {card.id: card.headline for card in self.store.story_cards(ids)}

    def training_pairs(self) -> Iterator[dict[str, Any]]:
        """Yield every pair of articles that editors judged, as JSON values: the verdict and both articles' words."""
        judged = self.store.judged_pairs()
        while pairs := list(islice(judged, PAIRS_AT_ONCE)):
            ids = list(dict.fromkeys(i for pair in pairs for i in (pair.one_id, pair.other_id)))
            told = {article.id: _training_article(article) for article in self.store.articles(ids)}
            for pair in pairs:
                if pair.one_id in told and pair.other_id in told:
                    yield {
                        "verdict": pair.verdict,
                        "one": told[pair.one_id],
                        "other": told[pair.other_id],
                        "editor": pair.editor,
                        "at": pair.at.isoformat(),
                        "correction": pair.correction_id,
                    }

    # ── taking down ──────────────────────────────────────────────────────────────────────────────────────────────────
    def article_at(self, address: str) -> int:
        """Return the article with a number, at an address of this site, or at its own address.  Raises NotFound."""
        number = self._article_number(address)
        found = number or self.store.find_article(address.strip())
        if found is None:
            raise NotFound(
                address,
                f"No article here has the address {address!r}. Give its number: the 123 in /article/123 on this site.",
            )
        return found

    def _article_number(self, address: str) -> int | None:
        """The number in an address of this site; another site's may look alike, and means an article of its own."""
        stated = address.strip()
        named = _NUMBER.fullmatch(stated) or _ARTICLE_ADDRESS.match(
            stated.removeprefix(self.settings.site_url)
        )
        return int(named[1]) if named else None

    def take_down(self, article_ids: Sequence[int], *, reason: str = "") -> list[Takedown]:
        """Erase articles with all that was made of them and the pictures that are kept here; they do not come again.

        Raises NotFound.
        """
        owners = self.store.owners()
        pictures = [card.image_url for card in self.store.cards(article_ids) if card.image_url]
        done = self.store.take_down(
            article_ids,
            reason=" ".join(reason.split()),
            editor=OPERATOR,
            now=self.clock(),
            decide=lambda remains: closed_up(remains, owners=owners),
            lead_of=choose_lead,
        )
        self.forget_made()
        with suppress(StoreError):  # the site's loop takes it out of the index, too
            self.index_some()
        for url in pictures:
            kept_at(self.settings.images, url).unlink(missing_ok=True)
        return done

    def undo_takedown(self, address: str) -> list[Takedown]:
        """Let what was taken down come again with the next visit to its feeds.  Raises NotFound."""
        number = self._article_number(address)
        return self.store.undo_takedown(article_id=number, url=None if number else address.strip())

    def forget_made(self) -> None:
        """Forget what was made of articles and is kept in memory: some of them were taken down."""
        self._trends = None
        self.assistant.forget()

    # ── texts of one's own ───────────────────────────────────────────────────────────────────────────────────────────
    def load_texts(self, rows: Iterable[Mapping[str, str]], *, into_stories: bool = True) -> list[int]:
        """Take texts in as articles (see queue_texts), describe them and place them in stories; returns their ids."""
        ids = self.queue_texts(rows)
        while work := self.store.claim("describe", now=self.clock(), limit=64, lease_s=600.0):
            self.pipeline.describe(work)
        if into_stories:
            grouper = self.grouper("load_texts")
            while work := self.store.claim("group", now=self.clock(), limit=200, lease_s=600.0):
                grouper.group(work)
        return ids

    def queue_texts(self, rows: Iterable[Mapping[str, str]]) -> list[int]:
        """Take texts in as articles that wait to be described, past feeds and pages; returns their ids.

        A row has "title" and "text", and may have "id", "url", "publisher" and "published" (ISO 8601).
        """
        by_publisher: dict[str, list[tuple[str, Extract, bytes]]] = {}
        for number, row in enumerate(rows):
            extract = text_extract(row)
            url = row.get("url") or f"urn:tidings:text:{row.get('id', number)}"
            site = row.get("publisher") or "texts"
            by_publisher.setdefault(site, []).append((url, extract, text_digest(extract)))
        ids: list[int] = []
        for site, loaded in by_publisher.items():
            ids += self.store.load_articles(loaded, publisher=site, now=self.clock())
        return ids

    # ── the operator ─────────────────────────────────────────────────────────────────────────────────────────────────
    @cached_property
    def secret_key(self) -> str:
        """The key that signs sessions, forms and image addresses; made once an instance."""
        return self.store.keep_setting("secret_key", secrets.token_urlsafe(32), only_if_absent=True)

    def has_operator(self) -> bool:
        return self.store.setting("operator_password") is not None

    def set_password(self, password: str, *, first: bool = False) -> None:
        """Set the operator's password.  Raises Conflict when it is too short, or when `first` and there is one already."""
        if len(password) < 8:
            raise Conflict("password", "A password needs at least 8 characters.")
        hashed = argon2.PasswordHasher().hash(password)
        if self.store.keep_setting("operator_password", hashed, only_if_absent=first) != hashed:
            raise Conflict("password", "A password is already set. Change it with: tidings password")

    def check_password(self, password: str) -> bool:
        hashed = self.store.setting("operator_password")
        if hashed is None:
            return False
        try:
            return argon2.PasswordHasher().verify(hashed, password)
        except argon2.exceptions.VerificationError:
            return False


_NUMBER = re.compile(r"([0-9]{1,18})")
_ARTICLE_ADDRESS = re.compile(r"/article/([0-9]{1,18})(?=$|[/?#])")
_STORY_ADDRESS = re.compile(r"(?:^(?=\d+$)|/story/)([0-9]{1,18})(?=$|[/?#])")


def _training_article(article: Article) -> dict[str, Any]:
    extract = article.extract
    return {
        "id": article.id,
        "url": article.url,
        "publisher": article.publisher.name,
        "published": extract.published_at.isoformat() if extract.published_at else None,
        "language": extract.language,
        "title": extract.headline,
        "text": "\n".join(extract.paragraphs),
    }


# ── putting it together ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: its address, and how to start it again if it died (nothing to do for a configured one)."""

    dsn: str
    revive: Callable[[], None]


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """This instance's database, its schema up to date: the configured one, or the embedded server's.

    The embedded server runs as long as any process is in such a block; the last one out stops it.
    """
    with database_server(settings) as db:
        migrate(db.dsn)
        yield db


@contextmanager
def database_server(settings: Settings) -> Iterator[Database]:
    """The same without a look at its schema; of a configured one nothing is asked yet."""
    if settings.database_url:
        yield Database(settings.database_url, revive=lambda: None)
        return
    server = EmbeddedServer(settings.home)
    with server.running() as dsn:
        yield Database(dsn, revive=server.start)


def build(
    settings: Settings,
    dsn: str,
    *,
    clock: Callable[[], datetime] = utc_now,
    embedder: Embedder | None = None,
    english: Embedder | None = None,
) -> Tidings:
    """Return the instance on an open database; close() it at the end.

    It runs on the bundled models, the English one where it is installed, or on those given.
    """
    if embedder is None:
        embedder, english = UsemEmbedder(), english_embedder()
    store = PostgresStore(dsn)
    ledger = PostgresLedger(dsn)
    fetcher = HttpFetcher(
        clock=clock,
        sleep=time.sleep,
        ledger=ledger,
        version=__version__,
        contact=settings.contact,
        own_hosts={name: PoliteHost(spacing_s=own.spacing_s) for name, own in settings.own_hosts.items()},
        spacing_s=settings.spacing_s,
    )

    def close() -> None:
        fetcher.close()
        ledger.close()

    return Tidings(
        settings,
        store=store,
        fetcher=fetcher,
        embedder=embedder,
        english=english,
        clock=clock,
        on_close=close,
    )


@contextmanager
def opened(
    settings: Settings, *, embedder: Embedder | None = None, english: Embedder | None = None
) -> Iterator[Tidings]:
    """An instance for as long as the block runs, its database started if need be."""
    with database(settings) as db:
        tidings = build(settings, db.dsn, embedder=embedder, english=english)
        try:
            yield tidings
        finally:
            tidings.close()


@contextmanager
def open_scratch(
    *,
    own_hosts: Mapping[str, OwnHost] | None = None,
    embedder: Embedder | None = None,
    english: Embedder | None = None,
) -> Iterator[Tidings]:
    """A fresh instance on a temporary data folder that is gone at the end (tests, evals)."""
    with tempfile.TemporaryDirectory(prefix="tidings-") as folder:
        settings = replace(Settings(home=Path(folder)), own_hosts=dict(own_hosts or {}))
        with opened(settings, embedder=embedder, english=english) as tidings:
            yield tidings


# ── the same steps without a database ────────────────────────────────────────────────────────────────────────────────


__all__ = [
    "COMPARISONS",
    "DAY_FACTS",
    "ENOUGH_NAMES",
    "FACTS",
    "FIT_FACTS",
    "FUSING_FACTS",
    "FUSING_KINDS",
    "MEETINGS",
    "PAIR_FACTS",
    "PART_FACTS",
    "PHRASE_FEATURES",
    "READINGS",
    "SAYS",
    "TRUST_FACTS",
    "AskWeights",
    "Comparison",
    "Decision",
    "Desks",
    "Found",
    "Likeness",
    "Meetings",
    "NewClaim",
    "OwnHost",
    "PairFacts",
    "Ranked",
    "Tidings",
    "UsemEmbedder",
    "Vocabulary",
    "Window",
    "answer",
    "build",
    "bursts",
    "check_all",
    "checked",
    "cite",
    "compare",
    "compared",
    "countries_named",
    "database",
    "describe",
    "desk_addressed",
    "desk_vectors",
    "english_embedder",
    "extract_page",
    "facts_of",
    "facts_told",
    "geocode",
    "is_repeated",
    "key_phrases",
    "key_points",
    "lead",
    "learned_decisions",
    "least_similarity",
    "names_of_text",
    "new_since",
    "open_scratch",
    "opened",
    "pair_facts",
    "parse_feed",
    "parts_of",
    "phrase_features",
    "profile_of",
    "read_opml",
    "read_question",
    "related",
    "scored",
    "search_tokens",
    "shown_of",
    "similarity",
    "source_of",
    "split_sentences",
    "summary",
    "telling_names",
    "text_extract",
    "timeline",
    "timeline_facts",
    "trust",
    "who_is",
]


PHRASE_FEATURES = PhraseFeatures._fields


def text_extract(row: Mapping[str, str]) -> Extract:
    """Return a text of one's own as the read step would have made it."""
    published = row.get("published")
    published_at = datetime.fromisoformat(published) if published else None
    if published_at and published_at.tzinfo is None:
        published_at = published_at.replace(tzinfo=UTC)
    paragraphs = tuple(text.paragraphs_of(row.get("text", "")))
    language, _ = text.language_of(f"{row['title']}\n{row.get('text', '')}"[:2000])
    return Extract(
        headline=row["title"],
        paragraphs=paragraphs,
        made_by="text/1",
        published_at=published_at,
        language=language,
    )


def extract_page(
    html: bytes, url: str, *, fetched_at: datetime = datetime(2100, 1, 1, tzinfo=UTC)
) -> Extract:
    """Return the article of a page as the read step would; no time later than fetched_at is believed.  Raises ExtractError."""
    page = Page(
        url=url,
        final_url=url,
        status=200,
        headers={"content-type": "text/html"},
        body=html,
        fetched_at=fetched_at,
        digest=b"",
    )
    return PageExtractor().extract(page, None)


def source_of(article: Article) -> Source:
    """Return an article as what is said of it reads it, its facts and names found afresh."""
    extract = article.extract
    above = [extract.standfirst] if extract.standfirst else []
    names = names_of_text(
        extract.headline, [*above, *extract.paragraphs], extract.language, dateline=extract.dateline
    )
    return Source(
        article_id=article.id,
        revision=article.revision,
        text_digest=article.text_digest,
        publisher=article.publisher.name,
        at=article.at,
        language=extract.language,
        headline=extract.headline,
        paragraphs=extract.paragraphs,
        standfirst=extract.standfirst,
        facts=facts_of(article, names=names),
        names=names,
    )
