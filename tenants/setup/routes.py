"""The pages of opening a school, its settings, its logo, and the public rules of privacy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, url_for

from campus import forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.setup import actions, queries, schemas
from tenants.setup.golive import Item, Level, checklist, worst
from tenants.setup.permissions import Setup
from tenants.setup.save import drawn
from tenants.setup.steps import BY_KEY, STEPS, Step

blueprint = Blueprint("setup", __name__)


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step on the list: how it stands, and what is still to do there."""

    step: Step
    level: Level
    draft: bool
    words: str


def _lines(items: list[Item]) -> list[StepLine]:
    rows = queries.step_rows()
    return [
        StepLine(
            step,
            worst(own := [item for item in items if item.step == step.key]),
            step.key in rows and rows[step.key].draft is not None,
            _words(step, own),
        )
        for step in STEPS
    ]


def _words(step: Step, items: list[Item]) -> str:
    wrong = [item for item in items if item.level is not Level.OK]
    if len(wrong) > 1:
        return f"还有 {len(wrong)} 项：" + "、".join(item.title for item in wrong)
    if wrong:
        return (
            wrong[0].words
            if wrong[0].title == step.title
            else f"{wrong[0].title}：{wrong[0].words}"
        )
    return items[0].words if len(items) == 1 else "都好了"


@blueprint.get("/setup")
@requires(Setup.CHANGE)
def index() -> Any:
    items = checklist(queries.registered())
    lines = _lines(items)
    open_ = [line for line in lines if line.level is Level.MUST]
    return drawn(
        "index",
        lines=lines,
        next_line=open_[0] if open_ else None,
        good=sum(line.level is not Level.MUST for line in lines),
    )


# Where the work of a counted step is done: the page's endpoint and the words of the button.
PLACES = {
    "roster": ("roster.index", "去导入名册"),
    "staff": ("oversight.staff", "看教职工"),
    "families": ("families.index", "去邀请家长"),
}


def _counted(key: str) -> Any:
    endpoint, title = PLACES[key]
    place = (
        {"title": title, "url": url_for(endpoint)}
        if endpoint in current_app.view_functions
        else None
    )
    return drawn("counted", step=BY_KEY[key], figures=queries.figures(), place=place)


@blueprint.get("/setup/roster")
@requires(Setup.CHANGE)
def roster() -> Any:
    return _counted("roster")


@blueprint.get("/setup/staff")
@requires(Setup.CHANGE)
def staff() -> Any:
    return _counted("staff")


@blueprint.get("/setup/families")
@requires(Setup.CHANGE)
def families() -> Any:
    return _counted("families")


@blueprint.get("/setup/live")
@requires(Setup.CHANGE)
def live() -> Any:
    return _live({})


def _live(errors: dict[str, str], status: int = 200) -> Any:
    items = checklist(queries.registered())
    levels = {item.level for item in items}
    return pages.page(
        "setup/live.html",
        status,
        items=items,
        ready=Level.MUST not in levels,
        later=Level.LATER in levels,
        errors=errors,
    )


@blueprint.post("/setup/live")
@requires(Setup.CHANGE)
def open_doors() -> Any:
    try:
        actions.open_doors(g.actor, **forms.load(schemas.OpenDoors))
    except InvalidInput as error:
        return _live(pages.refused(error), error.status)
    if pages.json_wanted():
        return {"status": "open"}
    flash("学校已经上线，家长现在可以进来了")
    return redirect(url_for("setup.index"), 303)


@blueprint.get("/setup/sheet")
@requires(Setup.CHANGE)
def sheet() -> Any:
    said = queries.answers_of_all()
    return drawn(
        "sheet",
        items=checklist(queries.registered()),
        code=said.get("identity", {}).get("code", ""),
        officer=said.get("privacy", {}).get("officer", ""),
    )
