"""The pages 新学年 and 异动记录: look, choose, save, do, take back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, url_for

from campus import clock, forms, pages
from campus.errors import Conflict, InvalidInput
from campus.permissions import requires
from tenants.people import naming
from tenants.people.permissions import People
from tenants.rollover import actions, drafts, queries, schemas, undo
from tenants.rollover.permissions import Rollover
from tenants.rollover.plan import (
    DROP,
    GRADUATES,
    HOMEROOM,
    NEW,
    REPEAT,
    Basics,
    Choice,
    ClassLine,
)
from tenants.rollover.state import load_state, staff_names, year_to_plan

blueprint = Blueprint("rollover", __name__)
TERM_DAYS = ("first_starts_on", "first_ends_on", "second_starts_on", "second_ends_on")
SEX_WORDS = {0: "", 1: " 男", 2: " 女"}


@blueprint.get("/turn")
@requires(Rollover.TURN)
def index() -> Any:
    return _index()


def _index(error: str = "", status: int = 200) -> Any:
    year = year_to_plan(clock.today())
    done = actions.standing_turn(year)
    draft, plan = actions.year_plan(year)
    return pages.page(
        "rollover/index.html",
        status,
        year=year,
        draft=draft,
        plan=plan,
        done=done,
        undoable=done is not None and clock.now() - done.made_at <= undo.UNDO_WITHIN,
        late=plan.basics.effective_on <= clock.today(),
        error=error,
    )


@blueprint.get("/turn/plan")
@requires(Rollover.TURN)
def plan_form() -> Any:
    year = year_to_plan(clock.today())
    draft = drafts.load_draft(year)
    values: dict[str, Any] = {name: getattr(draft.terms, name) for name in TERM_DAYS}
    values |= {
        "effective_on": draft.basics.effective_on,
        "new_classes": draft.basics.new_classes,
        "newcomers": "\n".join(
            f"{one.number} {one.name}{SEX_WORDS[one.sex]}" for one in draft.basics.newcomers
        ),
    }
    return _plan_form(year, values, {})


def _plan_form(year: int, values: dict[str, Any], errors: dict[str, str], status: int = 200) -> Any:
    draft = drafts.load_draft(year)
    heads = {
        f"{choice.key[1]}:{choice.object_id}"
        for choice in draft.basics.choices
        if choice.kind == HOMEROOM and choice.key[0] == draft.basics.entering
    }
    if errors:
        heads = set(forms.typed().getlist("homeroom"))
    return pages.page(
        "rollover/plan.html",
        status,
        year=year,
        basics=draft.basics,
        values=values,
        errors=errors,
        staff=staff_names(),
        heads=heads,
        places=_first_classes(draft.basics),
    )


def _first_classes(basics: Basics) -> list[tuple[int, str]]:
    """Number and name of each class that will begin."""
    numbers = range(1, basics.new_classes + 1)
    begins = basics.effective_on
    return [(one, naming.class_label(basics.entering, one, begins)) for one in numbers]


@blueprint.post("/turn/plan")
@requires(Rollover.TURN)
def save_plan() -> Any:
    year = year_to_plan(clock.today())
    try:
        data = forms.load(schemas.Plan)
        held = drafts.load_draft(year)
        given = {name: data.pop(name) or getattr(held.terms, name) for name in TERM_DAYS}
        for name in ("effective_on", "new_classes"):
            data[name] = getattr(held.basics, name) if data[name] is None else data[name]
        homerooms = [pair for pair in data.pop("homeroom") if pair is not None]
        drafts.save_plan(
            g.actor, year=year, terms=drafts.Terms(**given), homerooms=homerooms, **data
        )
    except InvalidInput as error:
        return _plan_form(year, forms.typed(), pages.refused(error), error.status)
    flash("已保存，可以随时回来继续")
    return redirect(url_for("rollover.index"), 303)


@blueprint.get("/turn/classes/<int:class_id>")
@requires(Rollover.TURN)
def class_form(class_id: int) -> Any:
    return _class_form(class_id, {})


def _class_form(class_id: int, errors: dict[str, str], status: int = 200) -> Any:
    draft, plan = actions.year_plan(year_to_plan(clock.today()))
    line = drafts.line_of(plan, class_id)
    state = load_state(plan.basics.effective_on)
    lower = [one for one in plan.lines if one.key[0] == line.key[0] + 1 and one.fate != GRADUATES]
    targets = {
        choice.target
        for choice in draft.basics.choices
        if choice.kind == REPEAT and choice.key == line.key
    }
    shown: dict[str, Any] = {
        "target": next(iter(targets), line.key[1]),
        "repeating": {seat.pupil_id for seat in line.repeats},
        "kept": {duty.id for duty in line.kept},
        "head": line.new_homeroom,
    }
    if errors:
        typed = forms.typed()
        shown = {
            "target": typed.get("target"),
            "repeating": set(typed.getlist("repeat", int)),
            "kept": set(typed.getlist("keep", int)),
            "head": typed.get("homeroom"),
        }
    return pages.page(
        "rollover/class.html",
        status,
        line=line,
        lower=lower,
        seats=[seat for seat in state.seats if seat.class_id == class_id],
        duties=[*line.kept, *line.ended],
        **shown,
        staff=staff_names(),
        may_repeat=line.fate != NEW and lower,
        graduates=line.fate == GRADUATES,
        year=plan.basics.year,
        errors=errors,
    )


@blueprint.post("/turn/classes/<int:class_id>")
@requires(Rollover.TURN)
def save_class(class_id: int) -> Any:
    draft, plan = actions.year_plan(year_to_plan(clock.today()))
    line = drafts.line_of(plan, class_id)
    try:
        data = forms.load(schemas.ClassChoices)
        choices = _choices(
            line, data, {one.key[1] for one in plan.lines if one.key[0] == line.key[0] + 1}
        )
        drafts.save_class(g.actor, draft=draft, line=line, choices=choices)
    except InvalidInput as error:
        return _class_form(class_id, pages.refused(error), error.status)
    flash(f"已保存 {line.now} 的安排")
    return redirect(url_for("rollover.index", _anchor=f"class-{class_id}"), 303)


def _choices(line: ClassLine, data: dict[str, Any], numbers: set[int]) -> list[Choice]:
    if data["repeat"] and data["target"] not in numbers:
        raise InvalidInput({"target": "请选择留到哪个班。"})
    found = [Choice(REPEAT, line.key, one, data["target"]) for one in sorted(set(data["repeat"]))]
    if line.fate == GRADUATES:
        return found
    duties = [*line.kept, *line.ended]
    kept = set(data["keep"])
    found += [Choice(DROP, line.key, duty.id) for duty in duties if duty.id not in kept]
    if data["homeroom"] is not None:
        found.append(Choice(HOMEROOM, line.key, data["homeroom"]))
    return found


@blueprint.post("/turn/application")
@requires(Rollover.TURN)
def apply() -> Any:
    data = forms.load(schemas.Apply)
    year = year_to_plan(clock.today())
    try:
        turn_id = actions.apply_year(g.actor, year=year, seen=data["seen"])
    except Conflict as error:
        return _index(pages.refused(error)["form"], error.status)
    if pages.json_wanted():
        return {"id": turn_id}, 201
    flash(f"{year}—{year + 1} 学年已安排好，7 天内可以撤销")
    return redirect(url_for("rollover.index"), 303)


@blueprint.get("/turn/history")
@requires(People.MOVE)
def history() -> Any:
    return _history()


def _history(error: str = "", status: int = 200) -> Any:
    lines = queries.turns()
    return pages.page("rollover/history.html", status, turns=lines, error=error)


@blueprint.post("/turn/history/<int:turn_id>/undo")
@requires(People.MOVE)
def undo_turn(turn_id: int) -> Any:
    forms.load(schemas.Nothing)
    try:
        turn = undo.undo_turn(g.actor, turn_id=turn_id)
    except Conflict as error:
        return _history(pages.refused(error)["form"], error.status)
    flash(f"已撤销：{turn.title}")
    return redirect(url_for("rollover.history"), 303)
