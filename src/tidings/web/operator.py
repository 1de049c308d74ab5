"""The operator: first run, logging in and out, marks on articles; and how the site looks to anyone."""

from __future__ import annotations

import math
from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import RedirectResponse, Response

from tidings.errors import Conflict, NotAllowed
from tidings.web import guard, words
from tidings.web.desk import THEMES, Operator, Reader, Visit

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(max_length=2000)]
NextField = Annotated[str, Form(max_length=2000)]
Password = Annotated[str, Form(max_length=1000)]
_MOST_MARKED = 500


def _form(visit: Visit, template: str, *, next_path: str, problem: str = "", status: int = 200) -> Response:
    """Return the login or set-up form with a token of its own."""
    nonce, token = visit.open_form()
    answer = visit.page(
        template,
        status=status,
        headers={"Cache-Control": "no-store"},
        token=token,
        next_path=guard.safe_next(next_path),
        problem=problem,
        may_set_up=_may_set_up(visit),
    )
    visit.set_cookie(answer, guard.FORM_COOKIE, nonce, max_age=None)
    return answer


def _may_set_up(visit: Visit) -> bool:
    """Whether the password may be chosen here: not on a site behind a web server, which hides where a browser is."""
    return not visit.tidings.settings.base_url and guard.is_from_this_machine(visit.request)


def _enter(visit: Visit, next_path: str, *, said: str = "") -> Response:
    """Return the answer that begins a session."""
    password_hash = visit.tidings.store.setting("operator_password") or ""
    answer = visit.done(next_path, said=said)
    visit.set_cookie(
        answer, guard.SESSION_COOKIE, visit.desk.sessions.cookie(password_hash), max_age=guard.SESSION_S
    )
    answer.delete_cookie(guard.FORM_COOKIE)
    return answer


# ── first run ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/setup")
def setup_form(visit: Reader) -> Response:
    if visit.tidings.has_operator():
        return RedirectResponse("/login", 303)
    return _form(visit, "setup.html", next_path="/feeds")


@router.post("/setup")
def setup(visit: Reader, password: Password, again: Password, csrf: Annotated[str, Form()] = "") -> Response:
    """Set the operator's password, once, and only from a browser on the machine itself with no web server between."""
    visit.check_open_form(csrf)
    if not _may_set_up(visit):
        raise NotAllowed("setup", "Set the password on the machine that runs Tidings: tidings password")
    if password != again:
        return _form(visit, "setup.html", next_path="/feeds", problem="The two did not match.", status=422)
    try:
        visit.tidings.set_password(password, first=True)
    except Conflict as error:
        return _form(visit, "setup.html", next_path="/feeds", problem=error.public_message, status=422)
    return _enter(visit, "/feeds", said="The password is set. Now follow something.")


# ── in and out ───────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/login")
def login_form(visit: Reader, next: Next = "/") -> Response:
    if not visit.tidings.has_operator():
        return RedirectResponse("/setup", 303)
    if visit.is_operator:
        return RedirectResponse(guard.safe_next(next), 303)
    return _form(visit, "login.html", next_path=next)


@router.post("/login")
def login(
    visit: Reader, password: Password, csrf: Annotated[str, Form()] = "", next: NextField = "/"
) -> Response:
    visit.check_open_form(csrf)
    throttle = visit.desk.throttle
    with throttle.turn(visit.address) as wait_s:
        is_right = not wait_s and visit.tidings.check_password(password)
        if is_right:
            throttle.succeeded(visit.address)
        elif not wait_s:
            throttle.failed(visit.address)
    if wait_s:
        pause = words.counted(math.ceil(wait_s), "second", spell=False)
        answer = _form(
            visit, "login.html", next_path=next, problem=f"Too many tries. Wait {pause}.", status=429
        )
        answer.headers["Retry-After"] = str(math.ceil(wait_s))
        return answer
    if not is_right:
        problem = (
            "That is not the password. If it is lost, set a new one on the machine with: tidings password"
        )
        return _form(visit, "login.html", next_path=next, problem=problem, status=403)
    return _enter(visit, next)


@router.post("/logout")
def logout(visit: Operator) -> Response:
    answer = visit.done("/", said="You are logged out.")
    answer.delete_cookie(guard.SESSION_COOKIE)
    return answer


# ── marks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/mark")
def mark(
    visit: Operator,
    article: Annotated[list[int] | None, Form()] = None,
    story: Annotated[int | None, Form(ge=1, le=2**63 - 1)] = None,
    read: Annotated[bool | None, Form()] = None,
    saved: Annotated[bool | None, Form()] = None,
    next: NextField = "/",
) -> Response:
    """Mark articles, or every article of a story, as read or saved or not."""
    ids = [number for number in article or [] if 0 < number < 2**63][:_MOST_MARKED]
    if story is not None:
        view = visit.story(story)
        ids += [card.id for original, copies in view.reports for card in (original, *copies)]
    visit.tidings.store.mark(ids, read=read, saved=saved, now=visit.tidings.clock())
    return visit.done(next)


# ── appearance ───────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/theme")
def theme(visit: Reader, theme: Annotated[str, Form(max_length=10)], next: NextField = "/") -> Response:
    """Remember how a reader wants the pages: a cookie of the reader's own, so no session is needed."""
    visit.check_origin()
    answer = visit.done(next)
    visit.set_cookie(answer, guard.THEME_COOKIE, theme if theme in THEMES else "auto", max_age=365 * 86_400)
    return answer
