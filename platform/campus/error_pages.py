"""The one handler: every error becomes a page, a fragment or problem details (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as BaseResponse

from campus import gate, login, room
from campus.engines import LOST
from campus.errors import (
    CampusError,
    ConfirmNeeded,
    InvalidInput,
    NotFound,
    NotOpenYet,
    SignInNeeded,
    TooLarge,
    Unavailable,
)
from campus.identity import kept, step_up
from campus.logs import log, request_id
from campus.pages import fragment_wanted, json_wanted
from campus.schools.queries import places_of

WORDS = {
    400: ("请求不完整", "浏览器发来的内容不完整，请返回重试。"),
    404: (NotFound.title, NotFound.message),
    405: ("不能这样打开", "请从页面上的按钮进入。"),
    408: ("网络太慢", "内容传得太久，还没有传完。请换个网络好的地方再试一次。"),
    413: (TooLarge.title, TooLarge.message),
}


def install(app: Flask) -> None:
    """Register the handler for our tree, for HTTP errors and for everything else."""
    app.register_error_handler(CampusError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _ours(error: CampusError) -> BaseResponse:
    gate.abandon()
    if isinstance(error, SignInNeeded) and request.method in gate.READS and not _scripted():
        back = request.script_root + request.full_path.rstrip("?")
        return redirect(url_for("identity.login", next=back))
    if isinstance(error, SignInNeeded) and not _scripted():
        return _login_with_what_was_typed(error)
    if isinstance(error, ConfirmNeeded) and not _scripted():
        return step_up.ask()
    if error.status >= 500:
        log.error("error", code=error.code, status=error.status)
    return _answer(error)


def _login_with_what_was_typed(error: SignInNeeded) -> BaseResponse:
    """A form sent after the session ended: sign in first, then send it again (files excepted)."""
    values = {"kept": kept.packed()}
    page = render_template("identity/login.html", values=values, errors={"form": error.message})
    return make_response(page, error.status)


def _http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if isinstance(error, InternalServerError) and isinstance(error.original_exception, Exception):
        return _unexpected(error.original_exception)  # it happened after the view, as at commit
    if status < 400:
        return make_response(error)
    title, message = WORDS.get(status, (CampusError.title, CampusError.message))
    ours = CampusError(message)
    ours.status, ours.title, ours.code = status, title, error.name.lower().replace(" ", "-")
    return _ours(ours)


def _unexpected(error: Exception) -> BaseResponse:
    lost = isinstance(error, LOST) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )
    log.error("unexpected", exc_info=error, lost=lost, endpoint=request.endpoint)
    if room.none_left(error):
        return _ours(Unavailable(room.FULL, retry_after=60))
    return _ours(Unavailable(retry_after=10) if lost else CampusError())


def _scripted() -> bool:
    return fragment_wanted() or json_wanted()


def _answer(error: CampusError) -> BaseResponse:
    if json_wanted():
        response = jsonify(_problem(error))
        response.headers["Content-Type"] = "application/problem+json"
    elif fragment_wanted():
        response = make_response(
            render_template("errors/_fragment.html", error=error, reference=request_id())
        )
    else:
        response = make_response(
            render_template(
                "errors/page.html",
                status=error.status,
                title=error.title,
                message=error.message,
                reference=request_id() if error.status >= 500 else "",
                ways=_ways(error),
            )
        )
    response.status_code = error.status
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _problem(error: CampusError) -> dict[str, Any]:
    found = {
        "type": f"urn:campus:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "instance": request_id(),
    }
    if isinstance(error, InvalidInput):
        found["errors"] = error.fields
    if isinstance(error, ConfirmNeeded):
        found["confirm"] = url_for("two_step.step_up")
    return found


def _ways(error: CampusError) -> list[dict[str, str]]:
    """How to go on: one's own schools, or the sign-in page."""
    actor = login.person()
    if request.endpoint is None:
        actor = _safely(gate.recognise)
    if actor is None:
        return [{"title": "去登录", "url": url_for("identity.login")}]
    if error.status == NotFound.status:
        places = _safely(lambda: places_of(actor.account_id))
        own = [{"title": place.school_name, "url": place.url} for place in places or ()]
        return own or [{"title": "看看我有哪些学校，或退出登录", "url": url_for("identity.choose")}]
    if isinstance(error, NotOpenYet):
        return [{"title": "我的账号", "url": request.script_root + "/me"}]
    return [{"title": "回到首页", "url": request.script_root + "/"}]


def _safely(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except LOST:
        return None
