"""The word index: BM25 over passages, kept by tantivy in a folder, rebuilt from the database whenever it is gone or broken.

An article is indexed as passages of about a hundred words, each with the headline before it: what a long article says in one
place is found as well as what a short one says.  Words are cut, folded and stemmed by text.search_tokens, so the index
itself only splits at white space.

A token carries the language it was stemmed in: "en:harbour", and bare where no language stems.  A query is asked in every
language there is, and how rare a word is counts among the texts of that language: in the few texts of a small language
every word is rare in the whole, and rare words weigh most.

Beside its words a passage carries the keys of its names (spelling.spelling_key), so that a name is found in any spelling, and
the acronyms it explains, so that one stands for the other; what nobody writes is looked up among the words that are written.

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
from typing import Any, NamedTuple, Protocol

import tantivy

from tidings.errors import StoreError
from tidings.model import SearchChanges, SearchQuery, SearchText
from tidings.store.acronyms import SIGN, acronyms_in, pair
from tidings.store.spelling import distance_within, is_name_like, spelling_key
from tidings.store.wording import MOST_TOKENS, Tokens, Wording, in_order, one_word_each, runs_of, tokens_of
from tidings.text import STEMMED, fold, is_cjk, search_tokens_with_spans, stemmed_as, words_with_spans

FORMAT = "4"  # of the index; another one is rebuilt
PASSAGE_WORDS = 100  # at most, the headline apart
LEAST_WORDS = 60  # a passage this long ends with its paragraph
PASSAGES_FOUND = 400  # looked at for one query
# Words that more passages have than this tell nothing ("the", "said"), whatever the language.  Leaving them out of a query
# that has others makes it better and three times as fast (evals.questions, words alone: MRR@10 .464 → .486).
COMMON_SHARE = 0.1
COMMON_LEAST = 30
# So few passages have a word that may be a name in a spelling of its own.
RARE_SHARE = 0.0005
RARE_LEAST = 5
SPELLED_SHARE = 0.8  # what a name in another spelling weighs, of the one asked
MEANT_SHARE = 0.8  # and another name of the same
EXPLAINED_SHARE = 0.02  # and of those that have it, where it is written as a word ("who", "fda")
EXPLAINED_LEAST = 3  # passages that explain an acronym so, before it stands for that
ROW_TOKENS = 6  # of a query at most, for its words to be looked for in a row
LEAST_TYPED = 4  # letters of a word before another one may be meant
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


OtherNames = tuple[str, tuple[str, ...]]  # what a query says, and what else that is called


class Meant(NamedTuple):
    """A word that no text has, what was probably meant (folded), and an article that has that."""

    said: str
    meant: str
    article_id: int


@dataclass(frozen=True, slots=True)
class Found:
    """An article that has the words: the BM25 score of its best passage, and in which paragraphs its best ones begin.

    share: how much that is of what a passage of ordinary length with every word once would have, at most 1: BM25 grows with
    the archive, this does not.  Paragraphs are counted over standfirst (0, there or not) and body (from 1).  has_all: one of
    its passages has every word, but those that tell nothing; in_a_row: one has all that was typed, word after word.
    """

    article_id: int
    score: float
    places: tuple[int, ...]
    has_all: bool = False
    in_a_row: bool = False
    share: float = 0.0


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
    def find(self, wording: Wording, query: SearchQuery, others: Sequence[OtherNames] = ()) -> list[Found]:
        """The articles with these words, the best first; nothing when there is no index to read.

        others: what else things that the query names are called.
        """
        searcher = self._searcher()
        if searcher is None or wording.is_blank:
            return []
        languages = _languages(searcher)
        asking = _asked(searcher, wording.plain, languages, others)
        phrases = [_phrase(phrase, languages) for phrase in wording.phrases]
        must = [_unscored(query) for query in (*_filters(query), *phrases)]
        typed = [_phrase(wording.plain, languages)] if 2 <= len(_parts(wording.plain)) <= ROW_TOKENS else []
        liked = [_phrase(phrase, languages) for phrase in wording.liked if " " in phrase]
        whole = self._having_any(searcher, asking.all(), must)
        rows = self._having_any(searcher, [*typed, *asking.in_a_row()], must)
        asked = _all_of([_any_of([*asking.any(), *typed, *liked]), *must])
        unwanted = self.having(wording.without)
        best: dict[int, Found] = {}
        for passage in self._found(searcher, asked, PASSAGES_FOUND):
            if passage.article_id in unwanted:
                continue
            before = best.setdefault(passage.article_id, passage)
            if len(before.places) < PLACES and passage.places[0] not in before.places:
                best[passage.article_id] = replace(before, places=before.places + passage.places)
        return [
            replace(
                one,
                has_all=one.article_id in whole,
                in_a_row=one.article_id in rows or bool(phrases),
                share=min(1.0, one.score / asking.weight) if asking.weight else 0.0,
            )
            for one in best.values()
        ]

    def _having_any(
        self, searcher: tantivy.Searcher, ways: Sequence[tantivy.Query], must: Sequence[tantivy.Query]
    ) -> set[int]:
        if not ways:
            return set()
        return {
            one.article_id for one in self._found(searcher, _all_of([_any_of(ways), *must]), PASSAGES_FOUND)
        }

    def meant(self, words: str) -> list[Meant]:
        """For each asked word that no text has the one it is probably a slip for, where there is one."""
        searcher = self._searcher()
        if searcher is None:
            return []
        meant = []
        for word, _, _ in words_with_spans(words)[:MOST_TOKENS]:
            typed = fold(word)
            if len(typed) < LEAST_TYPED or not typed.isalpha() or is_cjk(typed):
                continue
            if searcher.doc_freq("written", typed):
                continue
            key = spelling_key(word)
            if key and searcher.doc_freq("spelled", key):
                continue
            near = _nearest_word(searcher, typed)
            found = self._found(searcher, _term("written", near), 1) if near else []
            if found:
                meant.append(Meant(word, near, found[0].article_id))
        return meant

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


class Passage(NamedTuple):
    """A stretch of an article: the paragraph it begins in, its tokens, the words they are of, the keys of its names, the
    acronyms it explains."""

    place: int
    tokens: Tokens
    words: frozenset[str]
    spellings: frozenset[str]
    explained: frozenset[tuple[str, str]]


def passages_of(text: SearchText) -> list[Passage]:
    """Return an article's passages, the headline before each one's tokens.

    There is at least one.  Paragraphs are counted as in Found.
    """
    headline = _cut(text.headline, text.language)
    passages: list[tuple[int, list[_Token]]] = [(0, [])]
    explained: dict[int, set[tuple[str, str]]] = {}
    for place, paragraph in enumerate((text.standfirst or "", *text.paragraphs)):
        tokens = _cut(paragraph, text.language)
        held = passages[-1][1]
        if not held:
            passages.pop()
        if not held or len(held) >= LEAST_WORDS or len(held) + len(tokens) > PASSAGE_WORDS:
            passages.append((place, []))
        explained.setdefault(len(passages), set()).update(acronyms_in(paragraph))
        for start in range(0, len(tokens), PASSAGE_WORDS):
            if start:
                passages.append((place, []))
            passages[-1][1].extend(tokens[start : start + PASSAGE_WORDS])
    full = [(n, place, held) for n, (place, held) in enumerate(passages, 1) if held]
    return [_passage(place, headline, held, frozenset(explained.get(n, ()))) for n, place, held in full] or [
        _passage(0, headline, [], frozenset())
    ]


class _Token(NamedTuple):
    """A token as it is indexed, the word it is of (folded), and whether that is written as names are."""

    token: str
    word: str
    is_name: bool


def _cut(text: str, language: str | None) -> list[_Token]:
    found = search_tokens_with_spans(text, language)
    tokens = one_word_each([token for token, _, _ in found])
    words = (text[start:end] for _, start, end in found)
    return [_Token(token, fold(word), is_name_like(word)) for token, word in zip(tokens, words, strict=True)]


def _passage(
    place: int, headline: list[_Token], held: list[_Token], explained: frozenset[tuple[str, str]]
) -> Passage:
    everything = [*headline, *held]
    keys = (spelling_key(token.word) for token in everything if token.is_name)
    return Passage(
        place,
        tuple(token.token for token in (*headline, _BREAK, *held))
        if held
        else tuple(t.token for t in headline),
        frozenset(t.word for t in everything if len(t.word) >= LEAST_TYPED and t.word.isalpha()),
        frozenset(key for key in keys if key),
        explained,
    )


_BREAK = _Token(BREAK, "", False)


def _write(index: tantivy.Index, changes: SearchChanges) -> None:
    writer = index.writer(WRITER_BYTES, 1)
    # By query: tantivy 0.27's delete_documents_by_term finds nothing in a field of numbers.
    old = [*changes.gone, *(text.article_id for text in changes.texts)]
    writer.delete_documents_by_query(tantivy.Query.term_set_query(_SCHEMA, "article", old))
    for text in changes.texts:
        for passage in passages_of(text):
            writer.add_document(_document(text, passage))
    writer.commit()
    writer.wait_merging_threads()


def _document(text: SearchText, passage: Passage) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("article", text.article_id)
    document.add_unsigned("place", passage.place)
    code = stemmed_as(text.language)
    document.add_text("text", " ".join(_marked(token, code) for token in passage.tokens))
    document.add_text("written", " ".join(sorted(passage.words)))
    document.add_text("spelled", " ".join(sorted(passage.spellings)))
    for short, long in sorted(passage.explained):
        document.add_text("explained", pair(short, long))
        document.add_text("explained", pair(long, short))
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
    builder.add_text_field("written", tokenizer_name="spaces", index_option="basic")
    builder.add_text_field("spelled", tokenizer_name="spaces", index_option="basic")
    builder.add_text_field("explained", tokenizer_name="raw", index_option="basic")
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


def _nearest_word(searcher: tantivy.Searcher, typed: str) -> str:
    """The written word that is one slip away from what was typed, two for a long one, and begins alike; "" for none.

    Of several the nearest, of those the most frequent.
    """
    most = 1 if len(typed) < 8 else 2
    best = ("", most + 1)
    for word, _ in searcher.terms_with_prefix("written", typed[:1]):  # the most frequent first
        slips = distance_within(typed, word, best[1] - 1)
        if slips is not None:
            best = (word, slips)
            if slips == 1:
                break
    return best[0]


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


def _all_of(queries: Iterable[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _unscored(query: tantivy.Query) -> tantivy.Query:
    return tantivy.Query.const_score_query(query, 0.0)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked of an index: each word that tells anything in all its forms, None for one that no text has; names of
    several words by other names, with the words that those are; `weight` is what BM25 gives for every word once."""

    words: Mapping[str, tantivy.Query | None]
    names: Sequence[tuple[frozenset[str], tantivy.Query]]
    weight: float

    def any(self) -> list[tantivy.Query]:
        return [*filter(None, self.words.values()), *(query for _, query in self.names)]

    def all(self) -> list[tantivy.Query]:
        """The ways to have every word: as it is, or a name of several words by another."""
        ways = [(frozenset[str](), None), *self.names]
        return [
            _all_of(
                [
                    *([query] if query else []),
                    *(q for word, q in self.words.items() if q and word not in said),
                ]
            )
            for said, query in ways
            if all(q or word in said for word, q in self.words.items())
        ]

    def in_a_row(self) -> list[tantivy.Query]:
        """Names that say all that is asked."""
        return [query for said, query in self.names if said >= self.words.keys()]


def _asked(
    searcher: tantivy.Searcher, words: str, languages: Mapping[str | None, int], others: Sequence[OtherNames]
) -> _Asking:
    """What a query asks: each word in every language, as a name in other spellings, and what else it is called.

    A language's token weighs what it weighs among the texts of that language; of a word's several forms the one that weighs
    most in a passage counts.
    """
    everything = sum(languages.values())
    names = _names_among(words)
    forms: dict[str, list[tantivy.Query]] = {}
    having_of: dict[str, int] = {}
    weight_of: dict[str, float] = {}
    common: set[str] = set()
    for code, passages in languages.items():
        telling = frozenset(_telling(searcher, tokens_of(words, code), code, passages=passages))
        for token, start, end in search_tokens_with_spans(words, code):
            token = "".join(token.split())
            word = fold(words[start:end])
            if token not in telling:
                common.add(word)
                continue
            if len(forms) >= MOST_TOKENS:
                continue
            having = searcher.doc_freq("text", _marked(token, code))
            queries = forms.setdefault(word, [])
            if having:
                share = _rarity(having, passages) / _rarity(having, everything)
                weight_of[word] = max(weight_of.get(word, 0.0), _rarity(having, passages))
                queries.append(_boosted(_term("text", _marked(token, code)), share))
            having_of[word] = having_of.get(word, 0) + having
    # A word that is common in one language and in no text of the others is asked of none: "who" beside Korean texts.
    for word in common & forms.keys():
        if not having_of[word] and len(forms) > 1:
            del forms[word], having_of[word]
    for word, having in having_of.items():
        if word in names:
            forms[word].extend(_spelled(searcher, word, having=having, passages=everything))
    known: list[tuple[frozenset[str], tantivy.Query]] = []
    for said, called in (*others, *_explained(searcher, words, languages)):
        parts = _parts(said)
        queries = [query for name in called for query in _named(searcher, name, languages, parts=len(parts))]
        key = fold(said)
        if key in forms:
            forms[key].extend(queries)
        elif queries:
            known.append((frozenset(map(fold, parts)), _best_of(queries)))
    weight = sum(weight_of.get(word, _rarity(0, everything)) for word in forms)
    return _Asking(
        {word: _best_of(queries) if queries else None for word, queries in forms.items()}, known, weight
    )


def _parts(name: str) -> list[str]:
    return [name[start:end] for _, start, end in search_tokens_with_spans(name, None)]


def _names_among(words: str) -> frozenset[str]:
    """The words of a query that may be names, folded: those with capitals where it has any behind its first word, else all."""
    said = [word for word, _, _ in words_with_spans(words)]
    capital = [word for word in said[1:] if is_name_like(word)]
    return frozenset(fold(word) for word in (capital or said))


def _spelled(searcher: tantivy.Searcher, word: str, *, having: int, passages: int) -> Iterator[tantivy.Query]:
    """A name in its other spellings, where most passages with it write it in another way than the reader, who may have heard
    it only."""
    key = spelling_key(word) if having <= RARE_LEAST + RARE_SHARE * passages else ""
    spelled = searcher.doc_freq("spelled", key) if key else 0
    if 2 * having <= spelled <= COMMON_LEAST + COMMON_SHARE * passages and spelled:
        yield _boosted(_term("spelled", key), SPELLED_SHARE)


def _best_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.disjunction_max_query([*queries]) if len(queries) > 1 else queries[0]


def _named(
    searcher: tantivy.Searcher, name: str, languages: Mapping[str | None, int], *, parts: int
) -> Iterator[tantivy.Query]:
    """Texts that have another name of so many words, unless it is a word of most texts.

    A row of tokens weighs what all of them weigh: 아르베니아, four pairs of letters, must not count for four words.
    """
    for code, passages in languages.items():
        tokens = [_marked(token, code) for token in in_order(name, code)]
        if tokens and all(tokens):
            least = min(searcher.doc_freq("text", token) for token in tokens)
            if 0 < least <= max(COMMON_LEAST, COMMON_SHARE * passages):
                yield _boosted(_in_a_row(tokens), MEANT_SHARE * min(1.0, parts / len(tokens)))


def _explained(
    searcher: tantivy.Searcher, words: str, languages: Iterable[str | None]
) -> Iterator[OtherNames]:
    """What acronyms and names of several words in a query stand for, as enough passages explain it."""
    capitals = {fold(word.replace(".", "")) for word, _, _ in words_with_spans(words) if word.isupper()}
    for run in sorted(runs_of(words)):
        found = searcher.terms_with_prefix("explained", run + SIGN, limit=2)
        # One that stands for several things alike stands for none of them.
        if not found or found[0][1] < max(EXPLAINED_LEAST, 2 * sum(count for _, count in found[1:])):
            continue
        having = sum(searcher.doc_freq("text", _marked(run, code)) for code in languages)
        if run in capitals or found[0][1] >= EXPLAINED_SHARE * having:
            yield run, (found[0][0].partition(SIGN)[2],)


def _boosted(query: tantivy.Query, share: float) -> tantivy.Query:
    return query if share == 1 else tantivy.Query.boost_query(query, share)


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
