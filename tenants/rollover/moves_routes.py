"""The pages of one pupil's moves, of 转入, 合班 and 分班."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, request, url_for

from campus import audit, clock, forms, pages, texts
from campus.errors import CampusError, InvalidInput
from campus.permissions import requires
from tenants.people.history import history_of
from tenants.people.permissions import People
from tenants.rollover import groups, queries, schemas, single
from tenants.rollover.permissions import Rollover
from tenants.rollover.routes import blueprint
from tenants.rollover.state import Room


@blueprint.get("/pupils/<int:pupil_id>/moves")
@requires(People.MOVE)
def pupil(pupil_id: int) -> Any:
    return _pupil(pupil_id, "", {})


def _pupil(pupil_id: int, form: str, errors: dict[str, str], status: int = 200) -> Any:
    shown = queries.pupil_page(g.actor, pupil_id)
    audit.looked_at(g.actor, "pupil", pupil_id)
    today = clock.today()
    return pages.page(
        "rollover/pupil.html",
        status,
        pupil=shown,
        options=queries.class_options(today),
        turns=queries.turns(pupil_id=pupil_id),
        history=history_of(pupil_id),
        today=today,
        form=form,
        errors=errors,
        values=forms.typed(),
    )


def _moved(pupil_id: int, form: str, schema: type[forms.Form], act: Callable[..., int]) -> Any:
    """Read the form, do it, say so; a refused field is shown where it was typed."""
    try:
        data = forms.load(schema)
        turn_id = act(g.actor, pupil_id=pupil_id, **data)
    except InvalidInput as error:
        return _pupil(pupil_id, form, pages.refused(error), error.status)
    if pages.json_wanted():
        return {"id": turn_id}, 201
    flash("已办理，7 天内可以撤销")
    return redirect(url_for("rollover.pupil", pupil_id=pupil_id), 303)


@blueprint.post("/pupils/<int:pupil_id>/moves/class")
@requires(People.MOVE)
def change_class(pupil_id: int) -> Any:
    return _moved(pupil_id, "class", schemas.ChangeClass, single.change_class)


@blueprint.post("/pupils/<int:pupil_id>/moves/out")
@requires(People.MOVE)
def transfer_out(pupil_id: int) -> Any:
    return _moved(pupil_id, "out", schemas.TransferOut, single.transfer_out)


@blueprint.post("/pupils/<int:pupil_id>/moves/suspension")
@requires(People.MOVE)
def suspend(pupil_id: int) -> Any:
    return _moved(pupil_id, "suspension", schemas.Suspend, single.suspend)


@blueprint.post("/pupils/<int:pupil_id>/moves/return")
@requires(People.MOVE)
def come_back(pupil_id: int) -> Any:
    return _moved(pupil_id, "return", schemas.ChangeClass, single.come_back)


@blueprint.get("/turn/arrivals")
@requires(People.MOVE)
def arrival_form() -> Any:
    return _arrival({"on": clock.today()}, {})


def _arrival(values: dict[str, Any], errors: dict[str, str], status: int = 200) -> Any:
    options = queries.class_options(clock.today())
    return pages.page(
        "rollover/arrival.html", status, options=options, values=values, errors=errors
    )


@blueprint.post("/turn/arrivals")
@requires(People.MOVE)
def take_in() -> Any:
    try:
        pupil_id = single.take_in(g.actor, **forms.load(schemas.TakeIn))
    except InvalidInput as error:
        return _arrival(forms.typed(), pages.refused(error), error.status)
    if pages.json_wanted():
        return {"id": pupil_id}, 201
    flash("已转入，7 天内可以撤销")
    return redirect(url_for("growth.pupil", pupil_id=pupil_id), 303)


@blueprint.get("/turn/merge")
@requires(Rollover.TURN)
def merge_form() -> Any:
    return _merge(request.args, None)


def _merge(given: Any, refused: CampusError | None) -> Any:
    """Choose, then look; ``given`` is the address's query or the form that was refused."""
    chosen = {one for one in map(texts.number, given.getlist("class_id")) if one is not None}
    into = given.get("into_id", "")
    on = clock.day_in(given.get("on", "")) or clock.today()
    errors = pages.refused(refused) if refused else {}
    goal: groups.Part | None = None
    ending: list[Room] = []
    if (chosen or into) and refused is None:
        try:
            goal, ending = groups.preview_merge(chosen, _number(into), on)
        except InvalidInput as error:
            errors = pages.refused(error)
    return pages.page(
        "rollover/merge.html",
        refused.status if refused else 200,
        options=queries.class_options(on),
        chosen=chosen,
        into=_number(into),
        on=on,
        goal=goal,
        ending=[one for one in queries.class_options(on) if one.id in {room.id for room in ending}],
        errors=errors,
    )


def _number(text: str) -> int:
    return texts.number(text) or 0


@blueprint.post("/turn/merge")
@requires(Rollover.TURN)
def merge() -> Any:
    try:
        turn_id = groups.merge_classes(g.actor, **_plural(forms.load(schemas.Merge)))
    except InvalidInput as error:
        return _merge(request.form, error)
    return _done(turn_id, "已合班，7 天内可以撤销")


def _plural(data: dict[str, Any]) -> dict[str, Any]:
    return {"class_ids": data.pop("class_id"), **data}


def _done(turn_id: int, words: str) -> Any:
    if pages.json_wanted():
        return {"id": turn_id}, 201
    flash(words)
    return redirect(url_for("rollover.history"), 303)


@blueprint.get("/turn/split")
@requires(Rollover.TURN)
def split_form() -> Any:
    return _split(request.args, None)


def _split(given: Any, refused: CampusError | None) -> Any:
    class_id = _number(given.get("class_id", ""))
    on = clock.day_in(given.get("on", "")) or clock.today()
    parts = _number(given.get("parts", "2"))
    errors = pages.refused(refused) if refused else {}
    planned: list[groups.Part] = []
    if class_id:
        try:
            planned = groups.preview_split(
                class_id, parts, on, _chosen(given), by=given.get("by", "seat")
            )
        except InvalidInput as error:
            errors = pages.refused(error)
    return pages.page(
        "rollover/split.html",
        refused.status if refused else 200,
        options=queries.class_options(on),
        class_id=class_id,
        parts=parts,
        by=given.get("by", "seat"),
        on=on,
        planned=planned,
        errors=errors,
    )


def _chosen(given: Any) -> dict[int, int]:
    """What was chosen in a form that was refused, as far as it can be read."""
    pairs = [one.split(":") for one in given.getlist("place") if one.count(":") == 1]
    return {_number(pupil): _number(part) for pupil, part in pairs}


@blueprint.post("/turn/split")
@requires(Rollover.TURN)
def split() -> Any:
    try:
        data = forms.load(schemas.Split)
        chosen = dict(pair for pair in data.pop("place") if pair is not None)
        turn_id = groups.split_class(g.actor, chosen=chosen, **data)
    except InvalidInput as error:
        return _split(request.form, error)
    return _done(turn_id, "已分班，7 天内可以撤销")
