"""The operator's pages: the list of schools, opening one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for

from campus import forms, pages
from campus.errors import InvalidInput
from campus.permissions import Platform, requires
from campus.schools import actions, queries, schemas, standing

blueprint = Blueprint("schools", __name__, url_prefix="/operator/schools")


@blueprint.get("")
@requires(Platform.SCHOOLS_OPEN)
def index() -> Any:
    return render_template("schools/index.html", schools=queries.all_schools())


@blueprint.get("/open")
@requires(Platform.SCHOOLS_OPEN)
def open_form() -> Any:
    return render_template("schools/open.html", errors={}, values={})


@blueprint.post("/open")
@requires(Platform.SCHOOLS_OPEN, step_up=True)
def open_school() -> Any:
    try:
        data = forms.load(schemas.OpenSchool)
        data["short_name"] = data["short_name"] or data["name"][:12]
        actions.open_school(g.actor, **data)
    except InvalidInput as error:
        wrong, values = pages.refused(error), forms.typed()
        return pages.page("schools/open.html", error.status, errors=wrong, values=values)
    return redirect(url_for("schools.index"), 303)


@blueprint.post("/status")
@requires(Platform.SCHOOLS_OPEN, step_up=True)
def set_status() -> Any:
    data = forms.load(schemas.SetStatus)
    change = standing.suspend_school if data["suspended"] else standing.resume_school
    school = change(g.actor, slug=data["slug"])
    flash(f"{school.name} 已{'暂停' if data['suspended'] else '恢复使用'}")
    return redirect(url_for("schools.index"), 303)
