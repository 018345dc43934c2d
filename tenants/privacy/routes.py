"""The office's pages: what was taken away, asking for more, agreeing, fetching."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from campus import audit, forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.oversight.approval import asked_first
from tenants.privacy import actions, approval, queries, schemas
from tenants.privacy.models import PUPIL, SCHOOL
from tenants.privacy.permissions import Takeaway

blueprint = Blueprint("privacy", __name__, url_prefix="/takeaway")


@blueprint.get("")
@requires(Takeaway.PUPIL)
def index() -> Any:
    return render_template("privacy/index.html", tasks=queries.office_tasks(g.actor, PUPIL, SCHOOL))


@blueprint.get("/pupils")
@requires(Takeaway.PUPIL)
def pupil_form() -> Any:
    return _pupil_page({}, request.args.to_dict())


def _pupil_page(errors: dict[str, str], values: dict[str, str], status: int = 200) -> Any:
    class_id = forms.cursor(values.get("class_id", ""))
    pupils = queries.pupils_of(class_id) if class_id is not None else []
    if pupils:
        audit.looked_at(g.actor, "class", class_id or 0, action="takeaway.choose")
    return pages.page(
        "privacy/pupil_form.html",
        status,
        classes=queries.classes(),
        class_id=class_id,
        pupils=pupils,
        reasons=actions.REASONS,
        errors=errors,
        values=values,
    )


@blueprint.post("/pupils")
@requires(Takeaway.PUPIL)
def ask_pupil() -> Any:
    try:
        data = forms.load(schemas.AskPupil)
        task_id = actions.ask_pupil(g.actor, pupil_id=data["pupil_id"], reason=data["reason"])
    except InvalidInput as error:
        return _pupil_page(pages.refused(error), forms.typed(), error.status)
    return redirect(url_for("privacy.show", task_id=task_id), 303)


@blueprint.get("/school")
@requires(Takeaway.SCHOOL)
def school_form() -> Any:
    return _school_page({})


def _school_page(errors: dict[str, str], status: int = 200) -> Any:
    return pages.page(
        "privacy/school_form.html",
        status,
        reasons=actions.SCHOOL_REASONS,
        errors=errors,
        values=request.values.to_dict(),
    )


@blueprint.post("/school")
@requires(Takeaway.SCHOOL, step_up=True)
def ask_school() -> Any:
    try:
        data = forms.load(schemas.AskSchool)
        actions.check_reason(data["reason"], actions.SCHOOL_REASONS)
    except InvalidInput as error:
        return _school_page(pages.refused(error), error.status)
    back = url_for("privacy.school_form", reason=data["reason"])
    wait = asked_first(g.actor, approval.wish(data["reason"], back))
    if wait is not None:
        audit.record(g.actor, "takeaway.wish-school", "school", None, reason=data["reason"])
        return redirect(wait, 303)
    task_id = actions.ask_school(g.actor, **data)
    return redirect(url_for("privacy.show", task_id=task_id), 303)


@blueprint.get("/<int:task_id>")
@requires(Takeaway.PUPIL)
def show(task_id: int) -> Any:
    return render_template(
        "privacy/task.html",
        task=queries.task(g.actor, task_id, PUPIL, SCHOOL),
        reasons=actions.REASONS | actions.SCHOOL_REASONS,
    )


@blueprint.post("/<int:task_id>/cancellation")
@requires(Takeaway.PUPIL)
def cancel(task_id: int) -> Any:
    actions.cancel_own(g.actor, task_id=task_id, kinds=actions.OFFICE)
    flash("已取消")
    return redirect(url_for("privacy.index"), 303)


@blueprint.get("/<int:task_id>/file")
@requires(Takeaway.PUPIL, step_up=True)
def file(task_id: int) -> Any:
    return redirect(actions.file_link(g.actor, task_id=task_id, kinds=actions.OFFICE))
