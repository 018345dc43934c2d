"""The office's pages for erasing: ask, let another agree, stop, print the certificate."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from campus import audit, forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.privacy import certificate, leaving, queries, schemas
from tenants.privacy.models import ERASURES
from tenants.privacy.permissions import Takeaway

blueprint = Blueprint("going", __name__, url_prefix="/going")


@blueprint.get("")
@requires(Takeaway.ERASE)
def index() -> Any:
    tasks = queries.office_tasks(g.actor, *ERASURES)
    return render_template("privacy/going.html", tasks=tasks, reasons=leaving.REASONS)


@blueprint.get("/form")
@requires(Takeaway.ERASE)
def form() -> Any:
    return _form({}, request.args.to_dict())


def _form(errors: dict[str, str], values: dict[str, str], status: int = 200) -> Any:
    class_id = forms.cursor(values.get("class_id", ""))
    pupil_id = forms.cursor(values.get("pupil_id", ""))
    pupils = queries.pupils_of(class_id) if class_id is not None else []
    guardians = queries.guardians_of(pupil_id) if pupil_id is not None else []
    if pupils or guardians:
        audit.looked_at(g.actor, "class", class_id or 0, action="takeaway.choose")
    return pages.page(
        "privacy/going_form.html",
        status,
        classes=queries.classes(),
        class_id=class_id,
        pupils=pupils,
        pupil_id=pupil_id,
        guardians=guardians,
        reasons=leaving.REASONS,
        errors=errors,
        values=values,
    )


@blueprint.post("")
@requires(Takeaway.ERASE, step_up=True)
def ask() -> Any:
    try:
        data = forms.load(schemas.AskErase)
        del data["class_id"]
        task_id = leaving.ask(g.actor, **data)
    except InvalidInput as error:
        return _form(pages.refused(error), forms.typed(), error.status)
    return redirect(url_for("privacy.going.show", task_id=task_id), 303)


@blueprint.get("/<int:task_id>")
@requires(Takeaway.ERASE)
def show(task_id: int) -> Any:
    task = queries.task(g.actor, task_id, *ERASURES)
    return render_template("privacy/going_task.html", task=task, reasons=leaving.REASONS)


@blueprint.post("/<int:task_id>/confirmation")
@requires(Takeaway.ERASE, step_up=True)
def confirm(task_id: int) -> Any:
    leaving.confirm(g.actor, task_id=task_id)
    flash("已确认")
    return redirect(url_for("privacy.going.show", task_id=task_id), 303)


@blueprint.post("/<int:task_id>/cancellation")
@requires(Takeaway.ERASE)
def cancel(task_id: int) -> Any:
    leaving.cancel(g.actor, task_id=task_id)
    flash("已取消，什么也没有删除")
    return redirect(url_for("privacy.going.index"), 303)


@blueprint.get("/<int:task_id>/certificate")
@requires(Takeaway.ERASE)
def certified(task_id: int) -> Any:
    made = leaving.the_certificate(g.actor, task_id)
    return render_template(
        "privacy/certificate.html",
        made=made,
        lines=certificate.lines(made),
        times=certificate.times(made),
        kinds=queries.KIND_TITLES,
        reasons=leaving.REASONS,
        task_id=task_id,
    )
