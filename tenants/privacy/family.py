"""The family's pages: 带走成长册, from 我的."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for

from campus import forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.people.queries import children
from tenants.privacy import actions, queries, schemas
from tenants.privacy.models import MINE
from tenants.privacy.permissions import Takeaway

blueprint = Blueprint("mine", __name__, url_prefix="/mine")


@blueprint.get("")
@requires(Takeaway.FAMILY)
def index() -> Any:
    return _page({})


def _page(errors: dict[str, str], status: int = 200) -> Any:
    return pages.page(
        "privacy/mine.html",
        status,
        kids=children(g.actor),
        tasks=queries.own_tasks(g.actor),
        errors=errors,
    )


@blueprint.post("")
@requires(Takeaway.FAMILY)
def ask() -> Any:
    try:
        task_id = actions.ask_own(g.actor, **forms.load(schemas.AskOwn))
    except InvalidInput as error:
        return _page(pages.refused(error), error.status)
    return redirect(url_for("privacy.mine.show", task_id=task_id), 303)


@blueprint.get("/<int:task_id>")
@requires(Takeaway.FAMILY)
def show(task_id: int) -> Any:
    actions.own(g.actor, task_id, actions.OWN)
    found = queries.task(g.actor, task_id, MINE)
    return render_template("privacy/mine_task.html", task=found)


@blueprint.post("/<int:task_id>/cancellation")
@requires(Takeaway.FAMILY)
def cancel(task_id: int) -> Any:
    actions.cancel_own(g.actor, task_id=task_id, kinds=actions.OWN)
    flash("已取消")
    return redirect(url_for("privacy.mine.index"), 303)


@blueprint.get("/<int:task_id>/file")
@requires(Takeaway.FAMILY)
def file(task_id: int) -> Any:
    return redirect(actions.file_link(g.actor, task_id=task_id, kinds=actions.OWN))
