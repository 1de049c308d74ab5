"""What an article quotes, and who said it.

`marks` finds what stands between quotation marks; here it is told which of that somebody said, and who.  Titles, names of
things and words that are merely held at a distance are left out.  The speaker is read off the words around the quotation:
a verb of saying with its subject before it, behind it or in the middle, "according to", a colon.  "She" is the one person
she can be, "the minister" the one who was introduced so; where two would do, or none, nobody is named.  Naming the wrong
speaker is the worst that can happen here.

Cost: about 1 ms an article.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from tidings.model import Name, Quote
from tidings.stories.marks import Quoted, quoted_spans
from tidings.stories.mentions import (
    QUOTED,
    QUOTED_STOP,
    Cast,
    Grammar,
    Person,
    Phrase,
    Reader,
    Token,
    grammar_of,
    is_blank,
    sentences_of,
)
from tidings.stories.quotes_east import east_asian_quotes
from tidings.stories.rarity import primary
from tidings.text import fold

MOST_QUOTES = 200  # of one article
LEAST_WORDS = 4  # of a quotation that nobody is named for
NEAR = 60  # words before and behind a quotation that are looked at
FAR = 26  # words between a verb of saying and what it quotes
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_STOP = ".!?…。！？"


def quotes_in(
    paragraphs: Sequence[str], language: str | None, *, names: Iterable[Name] = ()
) -> tuple[Quote, ...]:
    """Return the quotes of a text in order; words are verbatim, the marks and a closing comma left out.

    names: those found in the text (see names_in), which tell names from words that merely open a sentence.
    """
    quoted = quoted_spans(paragraphs)[: MOST_QUOTES * 3]
    if not quoted:
        return ()
    if primary(language) in ("ko", "ja", "zh"):
        return east_asian_quotes(paragraphs, quoted, primary(language), names)[:MOST_QUOTES]
    grammar = grammar_of(language)
    if grammar is None:
        return tuple(
            Quote(
                q.paragraph, q.start, q.end, paragraphs[q.paragraph][q.start : q.end], continues=q.continues
            )
            for q in quoted
            if _is_sentence(paragraphs[q.paragraph], q)
        )[:MOST_QUOTES]
    known = frozenset(word for name in names for word in map(fold, _WORD.findall(name.label)))
    return tuple(_Attribution(paragraphs, quoted, grammar, known).quotes())[:MOST_QUOTES]


@dataclass(slots=True)
class _Said:
    """A quotation with what became known of it: `how` names the rule, "" when none applied."""

    quoted: Quoted
    sentence: int
    speaker: str | None = None
    person: Person | None = None
    said_by: str | None = None
    how: str = ""


class _Attribution:
    """One text's quotations and who said them."""

    def __init__(
        self, paragraphs: Sequence[str], quoted: Sequence[Quoted], grammar: Grammar, known: frozenset[str]
    ) -> None:
        self._paragraphs = paragraphs
        self._grammar = grammar
        self._reader = Reader(grammar, known)
        self._according_first = {
            fold(word) for words in grammar.according for word in _WORD.findall(words)[:1]
        }
        self._by_paragraph = {
            number: list(group) for number, group in groupby(quoted, key=lambda q: q.paragraph)
        }
        self._masked = [
            _masked(text, self._by_paragraph.get(number, ())) for number, text in enumerate(paragraphs)
        ]
        last = max(self._by_paragraph)
        self._sentences = [sentences_of(text) for text in self._masked[: last + 1]]
        self._cast = Cast(self._reader, self._masked, self._sentences, last + 1)
        self._stated: tuple[int, _Said] | None = None  # who was quoted from a statement, in which paragraph
        self._before: _Said | None = None  # the quotation that ended the paragraph before

    def quotes(self) -> Iterable[Quote]:
        for number, group in self._by_paragraph.items():
            said = self._paragraph(number, group)
            self._before = said[-1] if said else None
            for one in said:
                if self._is_quote(one):
                    q = one.quoted
                    words = self._paragraphs[number][q.start : q.end]
                    yield Quote(number, q.start, q.end, words, one.speaker, one.said_by, q.continues)

    # ── one paragraph ────────────────────────────────────────────────────────────────────────────────────────────────
    def _paragraph(self, number: int, group: Sequence[Quoted]) -> list[_Said]:
        starts = [start for start, _ in self._sentences[number]]
        said = [_Said(q, bisect_right(starts, q.start) - 1) for q in group]
        spoke: _Said | None = None
        for sentence, ours in ((s, list(g)) for s, g in groupby(said, key=lambda one: one.sentence)):
            self._sentence(number, sentence, ours, spoke)
            for one in ours:
                if one.how:
                    spoke = one
        is_same = (
            said and said[0].quoted.continues and self._before is not None and self._before.quoted.goes_on
        )
        if is_same and self._before is not None and self._before.how and not said[0].how:
            _copy(self._before, said[0], "continued")  # a paragraph that is opened again is the same speech
        return said

    def _sentence(self, number: int, sentence: int, ours: Sequence[_Said], spoke: _Said | None) -> None:
        text = self._masked[number]
        start, end = self._sentences[number][sentence]
        tokens = self._cast.tokens[number][sentence]
        starts = [token.start for token in tokens]
        bounds = [start, *(one.quoted.end for one in ours)]
        for i, one in enumerate(ours):
            after_end = ours[i + 1].quoted.start if i + 1 < len(ours) else end
            # No more than NEAR words of each: a "sentence" without a stop may be a whole book.
            begin, stop = bisect_left(starts, one.quoted.end), bisect_left(starts, after_end)
            after = tokens[begin : min(stop, begin + NEAR)]
            begin, stop = bisect_left(starts, bounds[i]), bisect_left(starts, one.quoted.start)
            before = tokens[max(begin, stop - NEAR) : stop]
            found = self._behind(text, after, one) or self._ahead(text, before, one, i)
            if found:
                self._name(number, sentence, one, found, spoke)
            elif i and ours[i - 1].how:
                _copy(ours[i - 1], one, "same sentence")
        if ours[-1].speaker and any(
            t.low in self._grammar["statement"] and t.low not in self._grammar["the"] for t in tokens
        ):
            self._stated = (number, ours[-1])
        unsaid = [one for one in ours if not one.how]
        if unsaid:
            found = self._according(text, tokens) or self._closing(text, tokens, ours[-1])
            for one in unsaid:
                if found is not None:
                    self._name(number, sentence, one, found, spoke)
        # “…,” she said. “After that …”: a sentence that is nothing but quotation goes on with the one before.
        is_bare = ours[0].quoted.start - start <= 2 and (not tokens or tokens[-1].start < ours[-1].quoted.end)
        if is_bare and spoke is not None and spoke.sentence == sentence - 1 and spoke.how != "fragment":
            for one in unsaid:
                if not one.how:
                    _copy(spoke, one, "went on")

    def _is_quote(self, one: _Said) -> bool:
        """Whether somebody said it: attributed words, or a sentence of its own; not a title, not a word held at a distance."""
        text = self._paragraphs[one.quoted.paragraph]
        words = _WORD.findall(text[one.quoted.start : one.quoted.end])
        if not words:
            return False
        if one.how == "beside" and _is_title(words):
            return False  # told “Meet the Press”
        if one.how in ("clause", "direct", "beside", "went on", "continued"):
            return len(words) > 1 or one.how != "direct" or text[one.quoted.end - 1] in _STOP
        if one.how and not _is_title(words):
            return len(words) >= (LEAST_WORDS if one.how == "fragment" else 2)
        return not _is_title(words) and (
            _is_sentence(text, one.quoted) or one.quoted.continues or one.quoted.goes_on
        )

    # ── the words around a quotation ─────────────────────────────────────────────────────────────────────────────────
    def _behind(self, text: str, tokens: Sequence[Token], one: _Said) -> _Found | None:
        """Read “…,” said Vale / “…,” she said / “…,” according to Vale."""
        if not tokens:
            return None
        gap = text[one.quoted.end : tokens[0].start].strip("\x01\x02\"'”’“«»‹›„ ")
        if gap.strip(",–—- ") or (
            gap == "" and text[tokens[0].start - 1 : tokens[0].start] not in (" ", QUOTED, QUOTED_STOP)
        ):
            return None
        if tokens[0].low in self._grammar["and"] or (
            tokens[0].low in self._grammar["that"] and tokens[0].low not in self._grammar["the"]
        ):
            return None
        source = self._source(text, tokens, 0)
        if source:
            return source
        return self._clause(text, tokens)

    def _clause(self, text: str, tokens: Sequence[Token]) -> _Found | None:
        """Read a clause that is nothing but verb and speaker, in either order, from its first word."""
        grammar = self._grammar
        enclitic = self._enclitic(tokens)
        if enclitic:
            return enclitic
        verb = next((k for k in range(min(len(tokens), 16)) if self._says(tokens, k)), None)
        if verb is None:
            return None
        auxiliaries = grammar["skipped"]
        if all(t.low in auxiliaries for t in tokens[:verb]):
            first = verb + 1
            while (
                first < len(tokens)
                and tokens[first].low in auxiliaries | grammar["said"]
                and is_blank(tokens[first].gap)
            ):
                first += 1
            phrase = self._reader.phrase(tokens, first, len(tokens))
            if phrase is None or not is_blank(tokens[first].gap):
                dropped = grammar.code in _PRO_DROP and (
                    first >= len(tokens)
                    or not is_blank(tokens[first].gap)
                    or tokens[first].low in grammar["of"]
                )
                return _Found("", tokens[verb].text, None, "clause", dropped=True) if dropped else None
            return self._of(text, tokens, phrase, "clause", tail=True)
        if self._is_passive(tokens, verb):
            return None
        phrase = self._reader.phrase(tokens, 0, verb)
        if phrase is None:
            return None
        rest = tokens[phrase.last + 1 : verb]
        if rest and not all(t.low in auxiliaries for t in rest):
            opens = rest[0]
            if not (
                "," in opens.gap
                or opens.low in grammar["of"]
                or opens.low in grammar["who"]
                or "(" in opens.gap
            ):
                return None
        return self._of(text, tokens, phrase, "clause", until=verb)

    def _enclitic(self, tokens: Sequence[Token]) -> _Found | None:
        """Read dit-il, a-t-elle expliqué."""
        for token in tokens[:2] if self._grammar.code == "fr" else ():
            for ending, gender in (("-il", "he"), ("-elle", "she")):
                if token.low.endswith(ending):
                    return _Found("", token.text, None, "clause", pronoun=gender)
        return None

    def _ahead(self, text: str, tokens: Sequence[Token], one: _Said, place: int) -> _Found | None:
        """Read Vale said: “…”, Vale called it “…”, Vale: “…”."""
        if not tokens:
            return None
        grammar = self._grammar
        gap = text[tokens[-1].end : one.quoted.start].rstrip("\x01\x02\"'”’“«»‹›„ ").strip()
        if gap.strip(",:–—- "):
            return None
        verb = next(
            (
                k
                for k in range(len(tokens) - 1, -1, -1)
                if self._says(tokens, k) or tokens[k].low in grammar["called"]
            ),
            None,
        )
        if verb is not None and len(tokens) - verb <= FAR:
            calls = tokens[verb].low in grammar["called"] and tokens[verb].low not in grammar["said"]
            found = self._subject(text, tokens, verb)
            direct = ":" in gap or "," in gap or len(tokens) - verb <= 3
            if found:
                is_beside = not (":" in gap or "," in gap)
                found.how = (
                    ("beside" if is_beside else "direct")
                    if direct and not calls
                    else ("called" if len(tokens) - verb <= 6 else "fragment")
                )
                return found
            return None
        if ":" in gap and len(tokens) <= 14:
            phrase = self._reader.phrase(tokens, 0, len(tokens))
            if phrase and phrase.kind in ("person", "body"):
                following = tokens[phrase.last + 1].gap if phrase.last + 1 < len(tokens) else ","
                return (
                    self._of(text, tokens, phrase, "direct") if "," in following or "(" in following else None
                )
        return None

    def _says(self, tokens: Sequence[Token], k: int) -> bool:
        token = tokens[k]
        low = token.low
        if low not in self._grammar["said"]:
            if self._grammar.code == "fr":
                stem = low.split("-")[0]
                return stem in self._grammar["said"] and "-" in low
            return False
        if token.capital and not token.initial and self._grammar.code != "tr":
            return False
        before = tokens[k - 1].low if k and is_blank(token.gap) else ""
        return before not in self._grammar["the"] and before not in ("to", "not")  # "the claims", "to say"

    def _is_passive(self, tokens: Sequence[Token], verb: int) -> bool:
        """Whether the subject only heard it: "Vale was told"."""
        return (
            tokens[verb].low in self._grammar["told_of"]
            and verb > 0
            and tokens[verb - 1].low in ("was", "were", "been", "is", "are", "being")
        )

    def _subject(self, text: str, tokens: Sequence[Token], verb: int) -> _Found | None:
        """Return who says it, of a clause with its verb at a place."""
        grammar = self._grammar
        if self._is_passive(tokens, verb):
            return None
        k = verb - 1
        skipped = grammar["skipped"] | (
            {"quoted", "as", "cited"} if tokens[verb].low in ("saying", "telling") else frozenset()
        )
        while k >= 0 and tokens[k].low in skipped and is_blank(tokens[k + 1].gap):
            k -= 1
        if k < 0:
            # the verb comes first: said Vale: “…”
            first = verb + 1
            while first < len(tokens) and tokens[first].low in grammar["skipped"]:
                first += 1
            phrase = self._reader.phrase(tokens, first, len(tokens))
            if phrase is not None and first < len(tokens) and is_blank(tokens[first].gap):
                return self._of(text, tokens, phrase, "direct", tail=True)
            if grammar.code == "ar" and 1 <= len(tokens) - first <= 5:
                return self._arabic(text, tokens, first)
            if grammar.code in _PRO_DROP and verb <= 1:
                return _Found("", tokens[verb].text, None, "direct", dropped=True)
            return None
        token = tokens[k]
        if token.low in grammar["he"] | grammar["she"] | grammar["they"] | grammar["it"] and is_blank(
            tokens[k + 1].gap
        ):
            pronoun = self._reader.phrase(tokens, k, k + 1)
            return self._of(text, tokens, pronoun, "direct") if pronoun else None
        if "," in tokens[k + 1].gap:
            if token.low in grammar["and"]:
                return self._first(text, tokens, verb)
            return self._apposed(text, tokens, k)
        if token.low in grammar["and"]:
            return self._first(text, tokens, verb)
        if token.low in grammar["who"] and token.low not in grammar["the"]:
            return self._apposed(text, tokens, k - 1)
        if grammar.code in ("de", "nl", "sv") and verb + 1 < len(tokens) and is_blank(tokens[verb + 1].gap):
            # "Am Montag sagte Arnholt, …": the verb stands second
            inverted = self._reader.phrase(tokens, verb + 1, len(tokens))
            if (
                inverted
                and inverted.kind != "description"
                and tokens[0].low in grammar["of"] | grammar["skipped"] | grammar["that"]
            ):
                return self._of(text, tokens, inverted, "direct")
        first = max((j for j in range(k + 1) if j == 0 or not is_blank(tokens[j].gap)), default=0)
        beside = k
        while beside > first and self._reader.run(tokens, beside - 1) >= k + 1:
            beside -= 1
        if self._reader.run(tokens, beside) == k + 1 and (
            beside == first or tokens[beside - 1].low not in grammar["of"]
        ):
            phrase = self._reader.phrase(tokens, beside, k + 1)
            if phrase and not (
                beside > first and tokens[beside - 1].low in grammar["and"] and beside - 1 > first
            ):
                return self._of(text, tokens, phrase, "direct")
        return self._first(text, tokens[: k + 1], verb, first)

    def _arabic(self, text: str, tokens: Sequence[Token], first: int) -> _Found:
        """Return what stands between verb and colon: a script without capitals shows no names, so it must be short."""
        roles = self._grammar["roles"]
        while first + 1 < len(tokens) and tokens[first].low.removeprefix("ال") in roles:
            first += 1
        words = text[tokens[first].start : tokens[-1].end]
        return _Found(words, words, None, "direct", is_stated=True)

    def _first(self, text: str, tokens: Sequence[Token], verb: int, first: int = 0) -> _Found | None:
        """Return the phrase that a clause begins with, attributes of time and place before it passed over."""
        grammar = self._grammar
        i = first
        while i < min(len(tokens), verb):
            low = tokens[i].low
            if (
                low in grammar["and"]
                or (low in grammar["that"] and low not in grammar["the"])
                or (low in grammar["skipped"] and low not in grammar["the"])
            ):
                i += 1
            elif low in grammar["of"]:
                i += 1
                behind = self._reader.run(tokens, i)
                if behind > i:
                    i = behind
                elif i < len(tokens) and not tokens[i].capital and low not in ("while",):
                    i += 1
                    while (
                        i < min(len(tokens), verb)
                        and not tokens[i].capital
                        and tokens[i].low not in grammar["the"] | grammar["he"] | grammar["she"]
                    ):
                        i += 1
                else:
                    i += 1
            elif (
                tokens[i].capital
                and not self._reader.is_named(tokens[i])
                and low
                not in grammar["the"]
                | grammar["some"]
                | grammar["he"]
                | grammar["she"]
                | grammar["they"]
                | grammar["it"]
                and not grammar.is_role(low)
            ):
                i += 1  # "Friday", "But", "Yesterday"
            else:
                break
        phrase = self._reader.phrase(tokens, i, min(len(tokens), verb))
        if phrase is None:
            return None
        rest = tokens[phrase.last + 1 : verb]
        joined = [t for t in rest if t.low in grammar["and"]]
        if (
            phrase.kind == "person"
            and rest
            and rest[0].low in grammar["and"]
            and len(rest) > 1
            and self._reader.is_named(rest[1])
        ):
            return None  # two speakers
        if phrase.kind in ("description",) and len(rest) > 6 and not joined:
            return None
        return self._of(text, tokens, phrase, "direct", until=min(len(tokens), verb))

    def _apposed(self, text: str, tokens: Sequence[Token], k: int) -> _Found | None:
        """Return the head of "Vale, the chief officer of the ship,": the phrase before the apposition that ends at k."""
        j = k
        while j >= 0 and is_blank(tokens[j].gap):
            j -= 1
        # token j opens the apposition (or the relative clause); the phrase before it is the head
        head_end = j
        if head_end <= 0:
            return self._first(text, tokens, len(tokens), 0) if head_end == 0 else None
        first = head_end - 1
        while first > 0 and is_blank(tokens[first].gap):
            first -= 1
        found = self._first(text, tokens[:head_end], head_end, first)
        apposition = self._reader.phrase(tokens, head_end, k + 1)
        if (
            apposition
            and apposition.kind == "person"
            and (found is None or found.phrase is None or found.phrase.kind == "description")
        ):
            return self._of(
                text, tokens, apposition, "direct"
            )  # "the prime minister, Oskar Lindqvane, told parliament"
        return found

    def _according(self, text: str, tokens: Sequence[Token]) -> _Found | None:
        for k in range(len(tokens)):
            found = self._source(text, tokens, k)
            if found:
                return found
        return None

    def _source(self, text: str, tokens: Sequence[Token], k: int) -> _Found | None:
        """Read "according to Vale" from token k on."""
        if tokens[k].low not in self._according_first:
            return None
        for words in self._grammar.according:
            count = words.count(" ") + 1
            if k + count >= len(tokens) or words in ("so", "pour", "per"):
                continue
            written = text[tokens[k].start : tokens[k + count - 1].end].lower()
            if written == words or (words[-1] in "'’" and written.startswith(words)):
                phrase = self._reader.phrase(tokens, k + count, len(tokens))
                if phrase is not None:
                    return self._of(text, tokens, phrase, "according", tail=True)
        return None

    def _closing(self, text: str, tokens: Sequence[Token], last: _Said) -> _Found | None:
        """Read the clause that closes a sentence of several quotations: …, the ministry said."""
        behind = [t for t in tokens if t.start >= last.quoted.end][:NEAR]
        for k, token in enumerate(behind):
            if "," in token.gap:
                found = self._clause(text, behind[k:])
                if found and found.phrase is not None and found.phrase.kind != "description":
                    return found
        return None

    # ── who that is ──────────────────────────────────────────────────────────────────────────────────────────────────
    def _of(
        self,
        text: str,
        tokens: Sequence[Token],
        phrase: Phrase,
        how: str,
        *,
        until: int | None = None,
        tail: bool = False,
    ) -> _Found:
        first, last = tokens[phrase.first], tokens[phrase.last]
        end = last.end
        if phrase.kind == "description":
            stop = until if until is not None else len(tokens)
            k = phrase.last + 1
            while (
                k < stop
                and k - phrase.first < 14
                and is_blank(tokens[k].gap)
                and tokens[k].low
                not in self._grammar["that"]
                | self._grammar["and"]
                | self._grammar["who"]
                | (self._grammar["skipped"] if not tail else frozenset())
            ):
                if tail and tokens[k].low in self._grammar["of"] and tokens[k].low not in _BELONGING:
                    break
                end = tokens[k].end
                k += 1
        found = _Found(text[first.start : end], text[first.start : end], phrase, how)
        if phrase.kind in ("he", "she"):
            found.pronoun = phrase.kind
        found.tokens = tokens[phrase.first : phrase.last + 1]
        if phrase.name_first >= 0:
            found.names = tokens[phrase.name_first : phrase.name_last + 1]
            found.said_by = text[found.names[0].start : found.names[-1].end]
        return found

    def _name(self, number: int, sentence: int, one: _Said, found: _Found, spoke: _Said | None) -> None:
        one.how, one.said_by = found.how, found.said_by
        start = found.tokens[0].start if found.tokens else one.quoted.start
        grammar = self._grammar
        before = (spoke.person, spoke.sentence) if spoke is not None and spoke.person is not None else None
        if found.pronoun or found.dropped:
            gender = {"he": "m", "she": "f", "": ""}[found.pronoun]
            if grammar["he"] & grammar["she"]:
                gender = ""
            person = self._cast.by_pronoun(gender, number, sentence, start, before)  # type: ignore[arg-type]
            if person is not None:
                if gender:
                    person.gender = gender  # type: ignore[assignment]
                one.person, one.speaker = person, person.name
            return
        phrase = found.phrase
        if found.is_stated:
            one.speaker = found.words
            one.person = Person(found.words, (found.words,), is_sure=True)
            return
        if phrase is None or phrase.kind == "other":
            return
        if found.names:
            person = self._cast.person(found.names, is_body=phrase.kind == "body")
            if phrase.kind == "person" and len(found.names) == 1 and grammar.is_role(found.names[0].low):
                self._describe(number, start, one, found)
                return
            if phrase.kind == "body":
                one.speaker, one.person = found.said_by, person
                return
            person.is_sure = True
            one.person, one.speaker = person, person.name
            return
        self._describe(number, start, one, found)

    def _describe(self, number: int, start: int, one: _Said, found: _Found) -> None:
        """Name the speaker whom a description means: "the minister" is whoever was introduced so, "an official" himself.

        "The statement" is that of whoever was quoted from one just before.
        """
        grammar = self._grammar
        lows = [t.low for t in found.tokens]
        if lows[-1] in grammar["statement"]:
            if self._stated is not None and number - self._stated[0] <= 1 and lows[0] in grammar["the"]:
                one.speaker, one.person = self._stated[1].speaker, self._stated[1].person
            return
        role = next((low for low in reversed(lows) if grammar.is_role(low)), None)
        if role and lows[0] in grammar["the"] and len(found.words.split()) <= 4:
            person = self._cast.by_role(role, number, start)
            if person is not None:
                one.person, one.speaker = person, person.name
                return
        is_near = found.how == "clause" and len(found.words.split()) <= 8
        if role or any(grammar.is_body(low) for low in lows) or is_near:
            one.speaker = found.words
            one.person = Person(found.words, tuple(lows), is_sure=True, is_body=role is None)


_PRO_DROP = frozenset(("es", "it", "pt", "pl", "ru", "tr", "ar"))
# Behind these stands whose somebody is, not when or where he said it: "an analyst at the institute".
_BELONGING = frozenset(
    [
        "at",
        "of",
        "for",
        "from",
        "with",
        "von",
        "vom",
        "der",
        "des",
        "bei",
        "beim",
        "de",
        "du",
        "del",
        "dos",
        "di",
        "della",
        "van",
    ]
)


@dataclass(slots=True)
class _Found:
    """The words that name a speaker: `phrase` with its `tokens`, of which `names` are the name; or a pronoun."""

    words: str
    said_by: str | None
    phrase: Phrase | None
    how: str
    pronoun: str = ""
    dropped: bool = False
    is_stated: bool = False  # `words` are the speaker
    tokens: Sequence[Token] = ()
    names: Sequence[Token] = ()


def _copy(source: _Said, target: _Said, how: str) -> None:
    target.speaker, target.person, target.said_by, target.how = (
        source.speaker,
        source.person,
        source.said_by,
        how,
    )


def _masked(text: str, quoted: Sequence[Quoted]) -> str:
    """Return a paragraph with its quotations blotted out, each character by one; the last tells whether a sentence ends."""
    parts: list[str] = []
    here = 0
    for q in quoted:
        parts.append(text[here : q.start])
        ends = text[q.end - 1] in _STOP
        parts.append(QUOTED * (q.end - q.start - 1) + (QUOTED_STOP if ends else QUOTED))
        here = q.end
    parts.append(text[here:])
    return "".join(parts)


# ── is it a quote ────────────────────────────────────────────────────────────────────────────────────────────────────


def _is_sentence(text: str, q: Quoted) -> bool:
    words = _WORD.findall(text[q.start : q.end])
    return len(words) >= LEAST_WORDS and (text[q.end - 1] in _STOP or len(words) >= 8)


def _is_title(words: Sequence[str]) -> bool:
    """Whether words are written as the name of a thing: “Sankt Alma”, “Korea-Germany Indo-Pacific Dialogue”."""
    return bool(words) and words[0][0].isupper() and all(w[0].isupper() or len(w) <= 3 for w in words)
