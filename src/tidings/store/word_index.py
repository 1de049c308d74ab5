"""The word index: BM25 over passages, kept by tantivy in a folder, rebuilt from the database whenever it is gone or broken.

An article is indexed as passages of about a hundred words, each with the headline before it: what a long article says in one
place is found as well as what a short one says.  Words are cut, folded and stemmed by text.search_tokens, so the index
itself only splits at white space.

A token carries the language it was stemmed in: "en:harbour", and bare where no language stems.  A query is asked in every
language there is, and how rare a word is counts among the texts of that language: in the few texts of a small language
every word is rare in the whole, and rare words weigh most.

Several processes may share the folder.  One at a time writes, under a lock; the others see that state.json changed and read
anew.  state.json is written last: what is not in it is taken in again, which changes nothing.
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import shutil
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import tantivy

from tidings.errors import StoreError
from tidings.model import SearchChanges, SearchQuery, SearchText
from tidings.store.wording import Tokens, Wording, in_order, one_word_each, tokens_of
from tidings.text import STEMMED, search_tokens, stemmed_as

FORMAT = "3"  # of the index; another one is rebuilt
PASSAGE_WORDS = 100  # at most, the headline apart
LEAST_WORDS = 60  # a passage this long ends with its paragraph
PASSAGES_FOUND = 400  # looked at for one query
# Words that more passages have than this tell nothing ("the", "said"), whatever the language.  Leaving them out of a query
# that has others makes it better and three times as fast (evals.questions, words alone: MRR@10 .464 → .486).
COMMON_SHARE = 0.1
COMMON_LEAST = 30
PLACES = 2  # of an article's passages, the best ones, are told
MOST_MATCHING = 50_000  # passages with a phrase or an unwanted word
BATCH = 500  # articles between two commits
WRITER_BYTES = 64_000_000
BREAK = "\x1f"  # between headline and passage: no phrase goes across


class Source(Protocol):
    """Where the texts come from (ports.Store)."""

    def search_identity(self) -> str: ...

    def search_changes(self, *, cursor: str | None, limit: int) -> SearchChanges: ...


@dataclass(frozen=True, slots=True)
class _State:
    """What the folder holds: an index of this format, made from that database, up to there, in that subfolder."""

    format: str
    identity: str
    generation: str
    cursor: str | None
    commits: int


@dataclass(frozen=True, slots=True)
class Found:
    """An article that has the words: the BM25 score of its best passage, and in which paragraphs its best ones begin.

    Paragraphs are counted over standfirst (0, there or not) and body (from 1).
    """

    article_id: int
    score: float
    places: tuple[int, ...]


class WordIndex:
    """One folder's index, for use by many threads; none waits while another takes articles in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._identity: str | None = None
        self._writing = threading.Lock()
        self._reading = threading.Lock()
        self._open: tuple[_State, tantivy.Index] | None = None  # what is read from
        self._stamp: tuple[int, int] | None = None  # of state.json when it was opened

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def refresh(self, source: Source, *, limit: int | None = None) -> int:
        """Take in what changed, at most about `limit` articles; returns how many.

        Returns 0 when another thread or process is at it.  Raises StoreError when the folder cannot be written.
        """
        if not self._writing.acquire(blocking=False):
            return 0
        try:
            with self._sole_writer() as held:
                return self._take_in(source, limit) if held else 0
        finally:
            self._writing.release()

    def _take_in(self, source: Source, limit: int | None) -> int:
        if self._identity is None:
            self._identity = source.search_identity()
        state = self._read_state()
        if state is None or (state.format, state.identity) != (FORMAT, self._identity):
            state = self._begun()
        taken = 0
        index: tantivy.Index | None = None
        while True:
            changes = source.search_changes(cursor=state.cursor, limit=BATCH)
            if changes.texts or changes.gone:
                try:
                    index = index or _index(self._folder / state.generation)
                    _write(index, changes)
                except Exception as exc:
                    # tantivy has no errors of its own.  What was there is broken: begin anew; a new one is the disk's fault.
                    self._set_aside()
                    if state.commits == 0:
                        raise StoreError(
                            self._folder,
                            "The search index cannot be written. Check the disk.",
                            detail=str(exc),
                        ) from exc
                    state, index, taken = self._begun(), None, 0
                    continue
                state = replace(state, cursor=changes.cursor, commits=state.commits + 1)
                self._keep_state(state)
            taken += len(changes.texts) + len(changes.gone)
            if changes.is_last or (limit is not None and taken >= limit):
                return taken

    @contextmanager
    def _sole_writer(self) -> Iterator[bool]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as exc:
            raise StoreError(
                self._folder,
                "The search index cannot be written. Check disk and permissions.",
                detail=str(exc),
            ) from exc
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(lock)

    def _begun(self) -> _State:
        """Begin a new, empty index and leave nothing of older ones."""
        assert self._identity is not None
        for old in self._folder.iterdir():
            if old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
        state = _State(FORMAT, self._identity, uuid.uuid4().hex, None, 0)
        (self._folder / state.generation).mkdir()
        return state

    def _read_state(self) -> _State | None:
        try:
            stated: Mapping[str, Any] = json.loads((self._folder / "state.json").read_text())
            return _State(**stated)
        except (OSError, ValueError, TypeError):
            return None

    def _keep_state(self, state: _State) -> None:
        path = self._folder / "state.json"
        path.with_suffix(".new").write_text(json.dumps(asdict(state)))
        path.with_suffix(".new").replace(path)

    def _set_aside(self) -> None:
        """Give up a broken index: the next refresh begins a new one."""
        (self._folder / "state.json").unlink(missing_ok=True)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
    def find(self, wording: Wording, query: SearchQuery) -> list[Found]:
        """The articles with these words, the best first; nothing when there is no index to read."""
        searcher = self._searcher()
        if searcher is None or wording.is_blank:
            return []
        languages = _languages(searcher)
        wanted = _any_of(_weighted(searcher, wording.plain, languages))
        must = [*_filters(query), *(_phrase(phrase, languages) for phrase in wording.phrases)]
        asked = tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, wanted), *((tantivy.Occur.Must, _unscored(q)) for q in must)]
        )
        unwanted = self.having(wording.without)
        best: dict[int, Found] = {}
        for passage in self._found(searcher, asked, PASSAGES_FOUND):
            if passage.article_id in unwanted:
                continue
            before = best.setdefault(passage.article_id, passage)
            if len(before.places) < PLACES and passage.places[0] not in before.places:
                best[passage.article_id] = replace(before, places=before.places + passage.places)
        return list(best.values())

    def telling(self, words: str, language: str | None) -> Tokens:
        """Those tokens of what was asked that tell texts of a language apart, as they stand in its texts."""
        searcher = self._searcher()
        tokens = tokens_of(words, language)
        if searcher is None:
            return tokens
        code = stemmed_as(language)
        return _telling(searcher, tokens, code, passages=_languages(searcher).get(code, 0))

    def having(self, phrases: Sequence[str]) -> set[int]:
        """The articles that have any of these words or phrases."""
        searcher = self._searcher()
        if searcher is None or not phrases:
            return set()
        languages = _languages(searcher)
        asked = _unscored(_any_of(_phrase(phrase, languages) for phrase in phrases))
        return {passage.article_id for passage in self._found(searcher, asked, MOST_MATCHING)}

    def _searcher(self) -> tantivy.Searcher | None:
        """What to read from now, opened anew when state.json changed; None when there is nothing (yet)."""
        with self._reading:
            stamp = _stamp(self._folder / "state.json")
            if stamp != self._stamp or stamp is None:
                self._stamp = stamp
                state = self._read_state()
                if state is None:
                    self._open = None
                elif self._open is None or self._open[0] != state:
                    self._open = self._opened(state)
            return self._open[1].searcher() if self._open else None

    def _opened(self, state: _State) -> tuple[_State, tantivy.Index] | None:
        try:
            if self._open and self._open[0].generation == state.generation:
                self._open[1].reload()
                return state, self._open[1]
            return state, _index(self._folder / state.generation)
        except Exception:
            self._set_aside()
            return None

    def _found(self, searcher: tantivy.Searcher, asked: tantivy.Query, limit: int) -> list[Found]:
        """The passages that match, each as if it were an article's only one."""
        try:
            hits = searcher.search(asked, limit, count=False).hits
            addresses = [address for _, address in hits]
            ids = searcher.fast_field_values("article", addresses)
            places = searcher.fast_field_values("place", addresses)
        except Exception:
            self._set_aside()
            return []
        return [
            Found(int(article_id or 0), float(score), (int(place or 0),))
            for article_id, place, (score, _) in zip(ids, places, hits, strict=True)
        ]


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


# ── documents ────────────────────────────────────────────────────────────────────────────────────────────────────────


def passages_of(text: SearchText) -> list[tuple[int, Tokens]]:
    """Return an article's passages, each with the paragraph it begins in and its tokens, the headline before them.

    There is at least one.  Paragraphs are counted as in Found.
    """
    headline = one_word_each(search_tokens(text.headline, text.language))
    passages: list[tuple[int, list[str]]] = [(0, [])]
    for place, paragraph in enumerate((text.standfirst or "", *text.paragraphs)):
        tokens = one_word_each(search_tokens(paragraph, text.language))
        held = passages[-1][1]
        if not held:
            passages.pop()
        if not held or len(held) >= LEAST_WORDS or len(held) + len(tokens) > PASSAGE_WORDS:
            passages.append((place, []))
        for start in range(0, len(tokens), PASSAGE_WORDS):
            if start:
                passages.append((place, []))
            passages[-1][1].extend(tokens[start : start + PASSAGE_WORDS])
    full = [(place, (*headline, BREAK, *passage)) for place, passage in passages if passage]
    return full or [(0, headline)]


def _write(index: tantivy.Index, changes: SearchChanges) -> None:
    writer = index.writer(WRITER_BYTES, 1)
    # By query: tantivy 0.27's delete_documents_by_term finds nothing in a field of numbers.
    old = [*changes.gone, *(text.article_id for text in changes.texts)]
    writer.delete_documents_by_query(tantivy.Query.term_set_query(_SCHEMA, "article", old))
    for text in changes.texts:
        for place, passage in passages_of(text):
            writer.add_document(_document(text, place, passage))
    writer.commit()
    writer.wait_merging_threads()


def _document(text: SearchText, place: int, passage: Tokens) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("article", text.article_id)
    document.add_unsigned("place", place)
    code = stemmed_as(text.language)
    document.add_text("text", " ".join(_marked(token, code) for token in passage))
    document.add_text("stemmed_as", code or _UNSTEMMED)
    document.add_integer("at", int(text.at.timestamp()))
    document.add_unsigned("publisher", text.publisher_id)
    if text.language:
        document.add_text("language", text.language)
    for slug in text.hashtags:
        document.add_text("hashtag", slug)
    return document


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("article", indexed=True, fast=True)
    builder.add_unsigned_field("place", fast=True)
    builder.add_text_field("text", tokenizer_name="spaces", index_option="position")
    builder.add_text_field("stemmed_as", tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("at", indexed=True, fast=True)
    builder.add_unsigned_field("publisher", indexed=True)
    builder.add_text_field("language", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("hashtag", tokenizer_name="raw", index_option="basic")
    return builder.build()


_SCHEMA = _schema()


def _index(folder: Path) -> tantivy.Index:
    index = tantivy.Index(_SCHEMA, path=str(folder))
    index.register_tokenizer("spaces", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.config_reader("manual")
    index.reload()
    return index


# ── languages ────────────────────────────────────────────────────────────────────────────────────────────────────────

_UNSTEMMED = "-"


def _marked(token: str, code: str | None) -> str:
    return f"{code}:{token}" if code and token != BREAK else token


def _languages(searcher: tantivy.Searcher) -> dict[str | None, int]:
    """How many passages are stemmed in each language, in none under None; languages without any are left out."""
    counts = {code: int(searcher.doc_freq("stemmed_as", code or _UNSTEMMED)) for code in (None, *STEMMED)}
    return {code: count for code, count in counts.items() if count}


def _telling(searcher: tantivy.Searcher, tokens: Tokens, code: str | None, *, passages: int) -> Tokens:
    """Those of a language's tokens that tell its passages apart; all of them when none does."""
    most = max(COMMON_LEAST, COMMON_SHARE * passages)
    return (
        tuple(token for token in tokens if searcher.doc_freq("text", _marked(token, code)) <= most) or tokens
    )


def _rarity(having: int, passages: int) -> float:
    """Return BM25's idf of a word that so many of the passages have, at least a little."""
    return math.log1p(max(0.5, passages - having + 0.5) / (having + 0.5))


# ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _term(field: str, value: object) -> tantivy.Query:
    return tantivy.Query.term_query(_SCHEMA, field, value)


def _phrase(words: str, languages: Iterable[str | None]) -> tantivy.Query:
    """Texts that have these words one after another, in whichever language they are."""
    return _any_of(_in_a_row([_marked(token, code) for token in in_order(words, code)]) for code in languages)


def _in_a_row(tokens: list[str]) -> tantivy.Query:
    if len(tokens) == 1:
        return _term("text", tokens[0])
    return tantivy.Query.phrase_query(_SCHEMA, "text", [*tokens])


def _any_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)


def _weighted(
    searcher: tantivy.Searcher, words: str, languages: Mapping[str | None, int]
) -> Iterator[tantivy.Query]:
    """The words in every language, each weighing what it weighs among the texts of that language."""
    everything = sum(languages.values())
    for code, passages in languages.items():
        for token in _telling(searcher, tokens_of(words, code), code, passages=passages):
            having = searcher.doc_freq("text", _marked(token, code))
            if having:
                share = _rarity(having, passages) / _rarity(having, everything)
                yield tantivy.Query.boost_query(_term("text", _marked(token, code)), share)


def _filters(query: SearchQuery) -> list[tantivy.Query]:
    filters: list[tantivy.Query] = []
    if query.since is not None or query.until is not None:
        bounds: dict[str, Any] = {}
        if query.since is not None:
            bounds["lower_bound"] = int(query.since.timestamp())
        if query.until is not None:
            bounds |= {"upper_bound": int(query.until.timestamp()), "include_upper": False}
        filters.append(tantivy.Query.range_query(_SCHEMA, "at", tantivy.FieldType.Integer, **bounds))
    if query.publisher_id is not None:
        filters.append(_term("publisher", query.publisher_id))
    if query.language:
        filters.append(_term("language", query.language))
    if query.hashtag:
        filters.append(_term("hashtag", query.hashtag))
    return filters
