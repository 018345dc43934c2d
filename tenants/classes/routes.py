"""The pages of the class and what is done on them."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Any

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from markupsafe import Markup

from campus import clock, forms, idempotency, pages
from campus.permissions import requires
from tenants.classes import actions, attendance, own, past, queries, schemas
from tenants.classes.areas import KINDS
from tenants.classes.cells import buttons, checkboxes
from tenants.classes.permissions import Classes
from tenants.people.days import day_on
from tenants.people.history import past_years
from tenants.people.queries import polite

blueprint = Blueprint("classes", __name__)
GREETINGS = ((5, "夜深了"), (11, "早上好"), (13, "中午好"), (18, "下午好"), (24, "晚上好"))


@blueprint.get("/today")
@requires(Classes.VIEW)
def today() -> Any:
    now = clock.now()
    half = attendance.half_now(now)
    mine = own.own_classes(pages.shell_values())
    day = day_on(clock.day_of(now))
    greeting = next(words for hour, words in GREETINGS if now.hour < hour)
    return render_template(
        "classes/today.html",
        greeting=f"{polite(g.actor.name)}，{greeting}",
        day=day,
        date_line=f"{day.line} · {clock.date_words(now)}",
        classes=own.classes_today(mine, day=day.on, half=half),
        lessons=own.lessons_today(g.actor, now, day.weekday),
    )


@blueprint.get("/classes")
@requires(Classes.VIEW)
def index() -> Any:
    year = past.asked_year(request.args.get("year"))
    if year is not None:
        shown = past.past_classes(g.actor, year)
        return render_template("classes/past.html", shown=shown, years=past_years())
    classes = own.all_classes(g.actor)
    return render_template("classes/index.html", classes=classes, years=past_years())


@blueprint.get("/classes/<int:class_id>")
@requires(Classes.VIEW)
def show(class_id: int) -> Any:
    year = past.asked_year(request.args.get("year"))
    if year is not None:
        shown, klass = past.past_class(g.actor, class_id, year)
        return render_template("classes/past_class.html", shown=shown, klass=klass)
    head, pupils = _class_page(class_id, attendance.half_now())
    return render_template(
        "classes/show.html",
        klass=head,
        pupils=pupils,
        buttons=buttons,
        checkboxes=checkboxes,
        away=[pupil for pupil in pupils if pupil.state],
        attendance=queries.counted(pupils, head),
        feed=head.feed,
        praise_sheet=_praise_sheet(request.script_root),
        idempotency_key=uuid.uuid4().hex,
        can_take_attendance=head.day.open and g.actor.can(Classes.ATTENDANCE),
        can_praise=g.actor.can(Classes.PRAISE),
    )


@lru_cache(maxsize=1024)
def _praise_sheet(_: str) -> Markup:
    """The sheet with the ready sentences: the same on every class page of a school."""
    return Markup(render_template("classes/_praise.html", kinds=KINDS))  # noqa: S704


def _class_page(class_id: int, half: str) -> tuple[queries.ClassHead, list[queries.PupilCell]]:
    return queries.class_page(g.actor, class_id, day=clock.today(), half=half)


@blueprint.post("/classes/<int:class_id>/attendance")
@requires(Classes.ATTENDANCE)
def take_attendance(class_id: int) -> Any:
    data = forms.load(schemas.TakeAttendance)
    sheet_id = actions.take_attendance(
        g.actor,
        class_id=class_id,
        day=clock.today(),
        half=data["half"] or attendance.half_now(),
        exceptions=data["exceptions"],
    )
    if pages.json_wanted():
        return jsonify(id=sheet_id)
    if not pages.fragment_wanted():
        return redirect(url_for("classes.show", class_id=class_id), 303)
    return _roll(class_id, data["half"] or attendance.half_now())


@blueprint.post("/classes/<int:class_id>/attendance/<half>/retraction")
@requires(Classes.ATTENDANCE)
def retract_attendance(class_id: int, half: str) -> Any:
    actions.retract_attendance(g.actor, class_id=class_id, day=clock.today(), half=half)
    if pages.json_wanted():
        return jsonify(half=half)
    if not pages.fragment_wanted():
        flash("点名已撤销")
        return redirect(url_for("classes.show", class_id=class_id), 303)
    return _roll(class_id, half)


def _roll(class_id: int, half: str) -> Any:
    """The toast, the register's sentence and button after "all present" or its undoing."""
    head, pupils = _class_page(class_id, half)
    return render_template(
        "classes/_roll.html",
        klass=head,
        away=[pupil for pupil in pupils if pupil.state],
        attendance=queries.counted(pupils, head),
        can_take_attendance=head.day.open,
    )


@blueprint.post("/classes/<int:class_id>/attendance/<int:pupil_id>")
@requires(Classes.ATTENDANCE)
def mark_attendance(class_id: int, pupil_id: int) -> Any:
    data = forms.load(schemas.MarkAttendance)
    day, half, state = clock.today(), data["half"], data["state"]
    actions.mark_attendance(
        g.actor, class_id=class_id, pupil_id=pupil_id, day=day, half=half, state=state
    )
    if pages.json_wanted():
        return jsonify(pupil_id=pupil_id, state=state)
    if not pages.fragment_wanted():
        return redirect(url_for("classes.show", class_id=class_id, mode="attendance"), 303)
    head, pupils = _class_page(class_id, half)
    return render_template(
        "classes/_pupil.html",
        klass=head,
        checkboxes=checkboxes,
        pupil=next(pupil for pupil in pupils if pupil.id == pupil_id),
        attendance=queries.counted(pupils, head),
    )


@blueprint.post("/classes/<int:class_id>/praise")
@requires(Classes.PRAISE)
def award_praise(class_id: int) -> Any:
    data = forms.load(schemas.AwardPraise)
    photo = request.files.get("photo")
    pupil_ids = data["pupil_id"]
    praise_id = actions.award_praise(
        g.actor,
        class_id=class_id,
        pupil_ids=pupil_ids,
        area=data["area"],
        kind=data["kind"],
        text=data["comment"],
        photo=(photo.read() if photo and photo.filename else None) or None,
        key=data["idempotency_key"] or idempotency.key_of_header(),
    )
    if pages.json_wanted():
        return jsonify(id=praise_id), 201
    names = queries.names_of(pupil_ids)
    if not pages.fragment_wanted():
        flash(f"已点评 {names}")
        return redirect(url_for("classes.show", class_id=class_id), 303)
    head, _ = _class_page(class_id, attendance.half_now())
    return render_template(
        "classes/_praised.html", klass=head, names=names, praise_id=praise_id, feed=head.feed
    )


@blueprint.post("/praise/<int:praise_id>/retraction")
@requires(Classes.PRAISE)
def retract_praise(praise_id: int) -> Any:
    class_id = actions.retract_praise(g.actor, praise_id=praise_id)
    if pages.json_wanted():
        return jsonify(id=praise_id)
    if not pages.fragment_wanted():
        flash("已撤销，家长那边也收回了")
        return redirect(url_for("classes.show", class_id=class_id), 303)
    head, _ = _class_page(class_id, attendance.half_now())
    return render_template("classes/_retracted.html", klass=head, feed=head.feed)
