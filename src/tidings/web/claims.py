"""What is said of articles, as pages and as JSON: summaries, asking, comparing, what is new."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import Thread
from typing import Annotated, Literal
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Form, Path, Query
from starlette.responses import RedirectResponse, Response, StreamingResponse

from tidings.ai.assistant import MADE_BY as EXTRACTED
from tidings.ai.assistant import WORDS, Reply
from tidings.ai.modelled import Modelled, Wish
from tidings.ai.news import NewClaim
from tidings.ai.phrase import Rendering
from tidings.errors import Conflict, NotFound, TidingsError
from tidings.model import Answer, ArticleCard, ArticleView, Claim, Source, StoryView
from tidings.speech import spoken
from tidings.web import words
from tidings.web.claim_views import (
    AnswerView,
    CitationView,
    ClaimView,
    Numbering,
    Offer,
    answer_view,
    cited_ids,
    claim_view,
)
from tidings.web.compare_views import ComparisonPage, cards_of, comparison_page
from tidings.web.desk import Operator, Reader, Visit
from tidings.web.news_views import BriefStory, NewRow, cited_in, new_rows
from tidings.web.present import Moment, article_href, span_of
from tidings.web.words import LANGUAGES

log = structlog.get_logger("tidings.web")
router = APIRouter()

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Since = Annotated[str, Query(max_length=40)]
Language = Annotated[str, Query(max_length=10)]
QuestionField = Annotated[str, Form(max_length=500)]
QuestionText = Annotated[str, Query(max_length=500)]
LONGEST_QUESTION = 300
OPERATOR = "operator"  # who asks the model, as long as there is one password


def numbering_for(visit: Visit, claims: Iterable[Claim], more: Iterable[int] = ()) -> Numbering:
    """Return numbers for the citations of a page, with the cards of the articles that are cited."""
    ids = list(dict.fromkeys([*cited_ids(claims), *more]))
    return Numbering(visit.present, {card.id: card for card in visit.tidings.store.cards(ids)})


# ── beside an article and a story ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody whom an article names, as its story's reports describe them."""

    name: str
    descriptions: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class ArticleAid:
    """What stands above an article: it in a line, short, long and in points, the story so far, who is who; each may be empty."""

    line: AnswerView
    short: AnswerView
    long: AnswerView
    points: AnswerView
    background: AnswerView
    people: tuple[PersonView, ...]


def article_aid(visit: Visit, view: ArticleView) -> ArticleAid:
    told = _told(visit, view)
    people = visit.tidings.assistant.people(told.source, told.earlier)
    numbering = numbering_for(visit, [claim for one in people for claim in one.descriptions])
    wrong = {"feature": "people", "subject": f"article {view.article.id}"}
    return ArticleAid(
        **_views(visit, told.wishes),
        people=tuple(
            PersonView(one.name, tuple(claim_view(claim, numbering, wrong) for claim in one.descriptions))
            for one in people
        ),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """An article, the reports of its story before it, and each feature with what stands for it without a model."""

    source: Source
    earlier: tuple[Source, ...]
    wishes: tuple[tuple[Wish, Answer], ...]


def _told(visit: Visit, view: ArticleView) -> _Told:
    assistant, subject = visit.tidings.assistant, f"article {view.article.id}"
    source, earlier = assistant.source(view.article.id), tuple(assistant.earlier(view.article.id))
    wishes = [(Wish(length, subject, (source,)), assistant.summary(source, length)) for length in WORDS]
    wishes.append((Wish("points", subject, (source,)), assistant.key_points(source)))
    wishes.append((Wish("background", subject, earlier), assistant.background(source, earlier)))
    return _Told(source, earlier, tuple(wishes))


def _brief(visit: Visit, view: StoryView) -> tuple[Wish, Answer]:
    sources = tuple(visit.tidings.assistant.sources_of(view))
    return Wish("brief", f"story {view.card.id}", sources), visit.tidings.assistant.brief(sources)


@dataclass(frozen=True, slots=True)
class EventDay:
    """A day on which something of a story happened, and what."""

    label: str
    first: str
    claims: tuple[ClaimView, ...]


@dataclass(frozen=True, slots=True)
class StoryAid:
    """What stands above a story's reports: what they tell together, what they say is open, and what happened when."""

    brief: AnswerView
    questions: AnswerView
    events: tuple[EventDay, ...]


def story_aid(visit: Visit, view: StoryView) -> StoryAid:
    subject = f"story {view.card.id}"
    wish, brief = _brief(visit, view)
    days = visit.tidings.assistant.timeline(wish.sources)
    questions = visit.tidings.assistant.open_questions(wish.sources)
    numbering = numbering_for(visit, [claim for day in days for claim in day.claims])
    wrong = {"feature": "timeline", "subject": subject}
    return StoryAid(
        brief=_views(visit, [(wish, brief)])["brief"],
        questions=answer_view(
            questions,
            numbering_for(visit, questions.claims),
            present=visit.present,
            wrong={"feature": "questions", "subject": subject},
        ),
        events=tuple(
            EventDay(
                label=words.event_day(day.day, day.grain),
                first=day.day.isoformat(),
                claims=tuple(claim_view(claim, numbering, wrong) for claim in day.claims),
            )
            for day in days
        ),
    )


def _views(visit: Visit, wishes: Sequence[tuple[Wish, Answer]]) -> dict[str, AnswerView]:
    """Return the view of each feature: what the model said where that is kept and fresh, else what code chose."""
    model = visit.tidings.modelled
    kept = {wish.feature: model.kept(wish) for wish, said in wishes if said.claims} if model else {}
    said: dict[str, Answer] = {}
    for wish, extracted in wishes:
        phrased = kept.get(wish.feature)
        is_fresh = phrased is not None and not phrased.is_stale and phrased.answer.claims
        said[wish.feature] = phrased.answer if phrased and is_fresh else extracted
    ids = cited_ids(claim for answer in said.values() for claim in answer.claims)
    cards = {card.id: card for card in visit.tidings.store.cards(ids)}
    views: dict[str, AnswerView] = {}
    for wish, _ in wishes:
        phrased = kept.get(wish.feature)
        views[wish.feature] = answer_view(
            said[wish.feature],
            Numbering(visit.present, cards),
            present=visit.present,
            wrong={"feature": wish.feature, "subject": wish.subject, "options": wish.question or ""},
            is_stale=phrased is not None and phrased.is_stale and phrased.answer.made_by != EXTRACTED,
            offer=_offer(visit, wish) if said[wish.feature].made_by.startswith("extract/") else None,
        )
    return views


def _offer(visit: Visit, wish: Wish) -> Offer | None:
    """What the operator may have the model do, with its price; None where there is no model."""
    model = visit.tidings.modelled
    if model is None or not visit.is_operator or not wish.sources:
        return None
    kind, _, number = wish.subject.partition(" ")
    page = f"/{kind}/{number}" if number else ""
    return Offer(
        action=f"{page}/ask" if wish.feature == "answer" else f"{page}/phrase",
        feature=wish.feature,
        model=model.name,
        price=words.price(model.price_of(wish)),
        question=wish.question or "",
    )


@router.get("/api/article/{article_id}/summary")
def summary_json(visit: Reader, article_id: Id) -> Response:
    """An article in a line, short, long and in points, and the story so far; every sentence with the words it comes from."""
    return visit.json(article_aid(visit, visit.tidings.store.article(article_id)))


@router.get("/api/story/{story_id}/brief")
def brief_json(visit: Reader, story_id: Id) -> Response:
    """What the publishers of a story tell together, and what happened when; every sentence with the words it comes from."""
    store = visit.tidings.store
    return visit.json(story_aid(visit, store.story(store.story_now(story_id))))


# ── coverage compared ────────────────────────────────────────────────────────────────────────────────────────────────


def _comparison(visit: Visit, view: StoryView) -> ComparisonPage:
    comparison = visit.tidings.assistant.compare(view)
    cards = {card.id: card for card in visit.tidings.store.cards(list(cards_of(comparison)))}
    wrong = {"feature": "compare", "subject": f"story {view.card.id}"}
    return comparison_page(comparison, cards, visit.present, wrong)


@router.get("/story/{story_id}/compare", include_in_schema=False)
def compare(visit: Reader, story_id: Id) -> Response:
    view = visit.tidings.store.story(visit.tidings.store.story_now(story_id))
    return visit.page("compare.html", story=visit.present.story_row(view.card), page=_comparison(visit, view))


@router.get("/api/story/{story_id}/compare")
def compare_json(visit: Reader, story_id: Id) -> Response:
    """A story's claims by publisher: said, differs with the figure, earlier, not found; and what one report alone has."""
    return visit.json(_comparison(visit, visit.tidings.store.story(visit.tidings.store.story_now(story_id))))


# ── what is new ──────────────────────────────────────────────────────────────────────────────────────────────────────

BRIEF_STORIES = 8
BRIEF_CLAIMS = 3  # of a story
BRIEF_LOOKED_AT = 60  # stories by rank among which those with reports of the last day are sought
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewPage:
    """What is new in a story since `since`, or since the operator's own marks when that is None."""

    since: Moment | None
    known: str
    rows: tuple[NewRow, ...]


def _new_page(visit: Visit, view: StoryView, since: str) -> NewPage:
    at = moment_of(since)
    by_marks = at is None and visit.is_operator and any(c.read_at for c, _ in view.reports)
    # To ten minutes: what two readers ask within them is made once.
    at = at or visit.present.now - DAY
    at = None if by_marks else at.replace(minute=at.minute // 10 * 10, second=0, microsecond=0)
    found, known = _new(visit, view, at)
    numbering = numbering_for(visit, [new.claim for new in found], cited_in(found))
    wrong = {"feature": "new", "subject": f"story {view.card.id}", "options": at.isoformat() if at else ""}
    return NewPage(
        since=visit.present.moment(at) if at else None,
        known=words.counted(known, "report"),
        rows=new_rows(found, numbering, wrong),
    )


def _new(visit: Visit, view: StoryView, at: datetime | None) -> tuple[tuple[NewClaim, ...], int]:
    """Return what is new, and how many reports the reader is taken to know."""

    def is_known(card: ArticleCard) -> bool:
        return card.read_at is not None if at is None else card.at <= at

    before, after = visit.tidings.assistant.split(view, is_known)
    known = sum(is_known(card) for card, _ in view.reports)
    return visit.tidings.assistant.new_since(before, after) if before else (), known


def moment_of(text: str) -> datetime | None:
    """Return the time that an address names, None for what is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not 1990 < at.year < 2200:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@router.get("/story/{story_id}/new", include_in_schema=False)
def new(visit: Reader, story_id: Id, since: Since = "") -> Response:
    view = visit.tidings.store.story(visit.tidings.store.story_now(story_id))
    return visit.page(
        "new.html", story=visit.present.story_row(view.card), page=_new_page(visit, view, since)
    )


@router.get("/api/story/{story_id}/new")
def new_json(visit: Reader, story_id: Id, since: Since = "") -> Response:
    """What a story's reports since a time tell that none before did; a figure that changed with what it was."""
    view = visit.tidings.store.story(visit.tidings.store.story_now(story_id))
    return visit.json(_new_page(visit, view, since))


def _daily(visit: Visit) -> tuple[BriefStory, ...]:
    """Return what the last day brought, story by story; what was told before it is not told again."""
    store = visit.tidings.store
    since = visit.present.now.replace(minute=0, second=0, microsecond=0) - DAY
    recent = [card for card in store.front(limit=BRIEF_LOOKED_AT).rows if card.last_at > since]
    told = []
    for card in recent[:BRIEF_STORIES]:
        try:
            view = store.story(card.id)
        except NotFound:  # merged with another this moment
            continue
        found, known = _new(visit, view, since)
        claims = [new.claim for new in found]
        numbering = numbering_for(visit, claims, cited_in(found))
        wrong = {"feature": "new", "subject": f"story {card.id}", "options": since.isoformat()}
        rows = new_rows(found[:BRIEF_CLAIMS], numbering, wrong)
        if known and not rows:
            continue
        answer = None if known else _short_brief(visit, view)
        if rows or (answer and answer.claims):
            told.append(BriefStory(visit.present.story_row(card), rows, answer))
    return tuple(told)


def _short_brief(visit: Visit, view: StoryView) -> AnswerView:
    assistant, subject = visit.tidings.assistant, f"story {view.card.id}"
    said = assistant.brief(assistant.sources_of(view), length="short")
    wrong = {"feature": "short", "subject": subject}
    return answer_view(said, numbering_for(visit, said.claims), present=visit.present, wrong=wrong)


@router.get("/brief", include_in_schema=False)
def daily(visit: Reader) -> Response:
    return visit.page("brief.html", stories=_daily(visit))


@router.get("/api/brief")
def daily_json(visit: Reader) -> Response:
    """What the last day brought, story by story, each sentence with the words it comes from; nothing that was told before it."""
    return visit.json(_daily(visit))


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def question_of(text: str) -> str:
    """Return a question on one line, what cannot be printed left out."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_QUESTION]


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked and what is said to it; `nearest` are passages that come near, where nothing answers."""

    question: str
    says: bool
    answer: AnswerView
    nearest: tuple[CitationView, ...]


def _ask(visit: Visit, q: str, article_id: int | None) -> tuple[Wish, Answer, Reply]:
    """Ask the archive, or one article: what a model may be asked, what stands without it, and the whole reply."""
    question, assistant = question_of(q), visit.tidings.assistant
    reply = (
        assistant.ask(question)
        if article_id is None
        else assistant.ask_article(assistant.source(article_id), question)
    )
    cited = set(cited_ids(reply.answer.claims))
    sources = tuple(source for source in reply.sources if source.article_id in cited)
    subject = "archive" if article_id is None else f"article {article_id}"
    return Wish("answer", subject, sources, question=question), reply.answer, reply


def _answered(visit: Visit, q: str, article_id: int | None = None) -> Answered:
    wish, said, reply = _ask(visit, q, article_id)
    nearest = numbering_for(visit, (), (c.article_id for c in reply.nearest)).of(reply.nearest)
    view = _views(visit, [(wish, said)])["answer"]
    return Answered(question_of(q), bool(said.claims), view, nearest)


@router.get("/ask", include_in_schema=False)
def ask(visit: Reader, q: QuestionText = "") -> Response:
    asked = _answered(visit, q) if question_of(q) else None
    return visit.page("ask.html", asked=asked, article=None)


@router.get("/api/ask")
def ask_json(visit: Reader, q: QuestionText) -> Response:
    """An answer in sentences of the archive's articles, each with its citations; `nearest` passages where it does not say."""
    return visit.json(_answered(visit, q))


@router.get("/article/{article_id}/ask", include_in_schema=False)
def ask_article(visit: Reader, article_id: Id, q: QuestionText = "") -> Response:
    """The answer of one article stands on a page of its own; without a question back to the article."""
    view = visit.tidings.store.article(article_id)
    if not question_of(q):
        return RedirectResponse(article_href(article_id, view.card.headline), 303)
    return visit.page("ask.html", asked=_answered(visit, q, article_id), article=visit.present.row(view.card))


@router.get("/api/article/{article_id}/ask")
def ask_article_json(visit: Reader, article_id: Id, q: QuestionText) -> Response:
    """The same of one article."""
    return visit.json(_answered(visit, q, article_id))


# ── with a model ─────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/article/{article_id}/phrase", include_in_schema=False)
def phrase_article(
    visit: Operator,
    article_id: Id,
    feature: Annotated[Literal["line", "short", "long", "points", "background"], Form()],
) -> Response:
    """Have the model phrase a feature of an article, then back to the article."""
    view = visit.tidings.store.article(article_id)
    wish, extracted = next(one for one in _told(visit, view).wishes if one[0].feature == feature)
    return _asked(visit, wish, extracted.claims, article_href(article_id, view.card.headline))


@router.post("/story/{story_id}/phrase", include_in_schema=False)
def phrase_story(visit: Operator, story_id: Id) -> Response:
    """Have the model phrase a story's brief, then back to the story."""
    store = visit.tidings.store
    view = store.story(store.story_now(story_id))
    wish, extracted = _brief(visit, view)
    return _asked(visit, wish, extracted.claims, f"/story/{view.card.id}")


@router.post("/ask", include_in_schema=False)
def phrase_answer(visit: Operator, q: QuestionField) -> Response:
    """Have the model phrase what the archive says to a question."""
    wish, said, _ = _ask(visit, q, None)
    return _asked(visit, wish, said.claims, f"/ask?{urlencode({'q': question_of(q)})}")


@router.post("/article/{article_id}/ask", include_in_schema=False)
def phrase_article_answer(visit: Operator, article_id: Id, q: QuestionField) -> Response:
    wish, said, _ = _ask(visit, q, article_id)
    return _asked(visit, wish, said.claims, f"/article/{article_id}/ask?{urlencode({'q': question_of(q)})}")


def _asked(visit: Visit, wish: Wish, extracted: Sequence[Claim], back: str) -> Response:
    """Ask the model: for a script a stream of the sentences that pass, as they come; else back to the page when all is done."""
    model = _model(visit)
    if not wish.sources:
        raise Conflict(wish.subject, words.NOTHING_TO_PHRASE)

    def ask(on_claim: Callable[[Claim], None] | None) -> Answer:
        return model.answer(wish, extractive=extracted, reader=OPERATOR, on_claim=on_claim)

    if "text/event-stream" in visit.request.headers.get("accept", ""):
        return StreamingResponse(
            _events(ask, back),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )
    answer = ask(None)
    said = words.MODEL_SAID_NOTHING if answer.made_by.startswith("extract/") else words.MODEL_SAID
    return visit.done(back, said=said)


def _events(ask: Callable[[Callable[[Claim], None]], Answer], back: str) -> Iterator[str]:
    """Yield a server-sent event for each sentence that passes, one where to go in the end, or one why it did not work."""
    heard: SimpleQueue[tuple[str, str] | None] = SimpleQueue()

    def work() -> None:
        try:
            ask(lambda claim: heard.put(("sentence", claim.text)))
            heard.put(("done", back))
        except TidingsError as error:
            heard.put(("problem", error.public_message))
        except Exception:
            log.exception("a model could not be asked")
            heard.put(("problem", words.MODEL_FAILED))
        heard.put(None)

    Thread(target=work, name="model", daemon=True).start()
    while (event := heard.get()) is not None:
        yield f"event: {event[0]}\ndata: {json.dumps(event[1])}\n\n"


def _model(visit: Visit) -> Modelled:
    model: Modelled | None = visit.tidings.modelled
    if model is None:
        raise NotFound("model", words.NO_MODEL)
    return model


@router.get("/article/{article_id}/speech", include_in_schema=False)
def speech(
    visit: Reader, article_id: Id, place: Annotated[str, Query(alias="words", max_length=24)]
) -> Response:
    """Words of an article, read aloud by the program that the operator named."""
    command, span = visit.tidings.settings.speech_command, span_of(place)
    text = (
        visit.tidings.assistant.source(article_id).text(span.paragraph)[span.start : span.end] if span else ""
    )
    if not command or not text.strip():
        raise NotFound(place, "There is nothing here to be read aloud.")
    return Response(
        spoken(command, text), media_type="audio/wav", headers={"Cache-Control": "private, max-age=86400"}
    )


@router.get("/article/{article_id}/translate", include_in_schema=False)
def translated(visit: Reader, article_id: Id, to: Language = "en") -> Response:
    """An article beside its translation, sentence by sentence; else how to get one."""
    return _rendered(visit, article_id, "translate", to)


@router.get("/article/{article_id}/simple", include_in_schema=False)
def simple(visit: Reader, article_id: Id) -> Response:
    """An article beside simpler words."""
    return _rendered(visit, article_id, "simple", "")


def _rendered(visit: Visit, article_id: int, rendering: Rendering, to: str) -> Response:
    view = visit.tidings.store.article(article_id)
    wish = _rendering(visit, view, rendering, to)
    model = visit.tidings.modelled
    kept = model.kept(wish) if model else None
    is_made = kept is not None and kept.answer.made_by != EXTRACTED
    answer = None
    if kept and is_made and not kept.is_stale:
        answer = answer_view(
            kept.answer,
            numbering_for(visit, kept.answer.claims),
            present=visit.present,
            wrong={"feature": rendering, "subject": wish.subject, "options": wish.options},
        )
    return visit.page(
        "rendered.html",
        rendering=rendering,
        article=visit.present.row(view.card),
        answer=answer,
        is_stale=kept is not None and is_made and kept.is_stale,
        failed=kept is not None and not is_made,
        offer=_offer(visit, wish) if answer is None else None,
        has_model=model is not None,
        language=wish.language,
        languages=sorted(LANGUAGES.items(), key=lambda one: one[1]),
    )


@router.post("/article/{article_id}/translate", include_in_schema=False)
def translate(visit: Operator, article_id: Id, to: Annotated[str, Form(max_length=10)] = "en") -> Response:
    return _made(visit, article_id, "translate", to)


@router.post("/article/{article_id}/simple", include_in_schema=False)
def simplify(visit: Operator, article_id: Id) -> Response:
    return _made(visit, article_id, "simple", "")


def _made(visit: Visit, article_id: int, rendering: Rendering, to: str) -> Response:
    wish = _rendering(visit, visit.tidings.store.article(article_id), rendering, to)
    back = f"/article/{article_id}/{rendering}?{urlencode({'to': wish.language or 'en'})}"
    return _asked(visit, wish, (), back)


def _rendering(visit: Visit, view: ArticleView, rendering: Rendering, to: str) -> Wish:
    """Simpler words stay in the article's language; a translation goes to one that there is a name for."""
    source = visit.tidings.assistant.source(view.article.id)
    language = (source.language or "en") if rendering == "simple" else to if to in LANGUAGES else "en"
    return Wish(rendering, f"article {view.article.id}", (source,), language=language)


# ── what is shown where ──────────────────────────────────────────────────────────────────────────────────────────────


def shown(visit: Visit, feature: str, subject: str, options: str) -> Iterator[tuple[Claim, str]]:
    """Yield each claim that a feature of a page shows now, with who made it.  Raises NotFound for what is no page."""
    assistant, store = visit.tidings.assistant, visit.tidings.store
    kind, _, number = subject.partition(" ")
    answers: list[Answer] = []
    if feature == "answer" and kind in ("archive", "article"):
        wish, extracted, _ = _ask(visit, options, _number(number) if kind == "article" else None)
        answers += [*_phrased(visit, wish), extracted]
    elif kind == "article":
        view = store.article(_number(number))
        told = _told(visit, view)
        for wish, extracted in told.wishes:
            if wish.feature == feature:
                answers += [*_phrased(visit, wish), extracted]
        if feature == "people":
            for one in assistant.people(told.source, told.earlier):
                yield from ((claim, EXTRACTED) for claim in one.descriptions)
        if feature in ("translate", "simple"):
            rendering: Rendering = "simple" if feature == "simple" else "translate"
            answers += _phrased(visit, _rendering(visit, view, rendering, options.partition("\n")[0]))
    elif kind == "story":
        story = store.story(store.story_now(_number(number)))
        wish, extracted = _brief(visit, story)
        if feature == "brief":
            answers += [*_phrased(visit, wish), extracted]
        elif feature == "short":
            answers.append(assistant.brief(wish.sources, length="short"))
        elif feature == "questions":
            answers.append(assistant.open_questions(wish.sources))
        elif feature == "timeline":
            days = assistant.timeline(wish.sources)
            yield from ((claim, EXTRACTED) for day in days for claim in day.claims)
        elif feature == "new":
            if moment_of(options) is None and not visit.is_operator:
                raise NotFound(options, "There is no such page here.")  # what was read is the operator's
            yield from ((new.claim, EXTRACTED) for new in _new(visit, story, moment_of(options))[0])
        elif feature == "compare":
            found = assistant.compare(story)
            yield from ((row.claim, EXTRACTED) for row in (*found.claims, *found.single))
    for answer in answers:
        yield from ((claim, answer.made_by) for claim in answer.claims)


def _phrased(visit: Visit, wish: Wish) -> list[Answer]:
    phrased = visit.tidings.modelled.kept(wish) if visit.tidings.modelled else None
    return [phrased.answer] if phrased and not phrased.is_stale else []


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound(text, "There is no such page here.")
    return int(text)
