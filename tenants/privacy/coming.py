"""The office's pages for a child who comes from elsewhere: choose the file, look, let in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for

from campus import forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.people.book import SEXES
from tenants.privacy import arrive, queries, schemas
from tenants.privacy.models import ASKED, BRING
from tenants.privacy.permissions import Takeaway

blueprint = Blueprint("coming", __name__, url_prefix="/coming")
NO_FILE = "请选择成长册的 zip 文件。"


@blueprint.get("")
@requires(Takeaway.BRING)
def index() -> Any:
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> Any:
    tasks = queries.office_tasks(g.actor, BRING)
    return pages.page("privacy/coming.html", status, tasks=tasks, errors=errors)


@blueprint.post("")
@requires(Takeaway.BRING, most_bytes=arrive.MOST_UPLOAD)
def preview() -> Any:
    try:
        forms.load(schemas.Bring)
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise InvalidInput({"file": NO_FILE})
        task_id = arrive.preview(g.actor, file=sent.stream)
    except InvalidInput as error:
        return _page(pages.refused(error), error.status)
    return redirect(url_for("privacy.coming.show", task_id=task_id), 303)


@blueprint.get("/<int:task_id>")
@requires(Takeaway.BRING)
def show(task_id: int) -> Any:
    return _arrival(task_id, {})


def _arrival(task_id: int, errors: dict[str, str], status: int = 200) -> Any:
    task = queries.task(g.actor, task_id, BRING)
    found = task.detail
    days = {key: datetime.fromisoformat(found[key]) for key in ("first", "last") if key in found}
    return pages.page(
        "privacy/arrival.html",
        status,
        task=task,
        found=found,
        days=days,
        waiting=task.state == ASKED,
        sex=SEXES.get(found.get("sex", 0), ""),
        classes=[one for one in queries.classes() if not one.note],
        errors=errors,
    )


@blueprint.post("/<int:task_id>/application")
@requires(Takeaway.BRING)
def apply(task_id: int) -> Any:
    try:
        arrive.apply(g.actor, task_id=task_id, **forms.load(schemas.Apply))
    except InvalidInput as error:
        return _arrival(task_id, pages.refused(error), error.status)
    return redirect(url_for("privacy.coming.show", task_id=task_id), 303)


@blueprint.post("/<int:task_id>/discard")
@requires(Takeaway.BRING)
def discard(task_id: int) -> Any:
    arrive.discard(g.actor, task_id=task_id)
    flash("已放弃，没有带入任何内容")
    return redirect(url_for("privacy.coming.index"), 303)
