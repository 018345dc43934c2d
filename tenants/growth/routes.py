"""The family's pages and the teacher's page of one pupil."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, make_response, render_template, request

from campus import audit, clock, forms
from campus.permissions import requires
from tenants.classes.areas import AREAS
from tenants.growth import queries, switcher
from tenants.growth.family import child_day
from tenants.growth.permissions import Growth
from tenants.people import queries as people
from tenants.people.history import history_of
from tenants.people.naming import class_label

blueprint = Blueprint("growth", __name__)
HOME_RECORDS = 8
SEXES = {1: "男", 2: "女"}


@blueprint.app_context_processor
def _switcher() -> dict[str, Any]:
    """For the frame of family pages that are about no single child."""
    return {"kids_of_family": switcher.entries}


@blueprint.get("/home")
@requires(Growth.FAMILY)
def home() -> Any:
    return _home(None)


@blueprint.get("/children/<int:pupil_id>/home")
@requires(Growth.FAMILY)
def child_home(pupil_id: int) -> Any:
    return _home(pupil_id)


def _home(pupil_id: int | None) -> Any:
    frame = switcher.chosen(pupil_id)
    child = frame["child"]
    if child is None:
        return render_template("growth/no_child.html", **frame)
    day = child_day(child, clock.now())
    return render_template(
        "growth/home.html",
        **frame,
        headline=day.headline,
        subline=day.subline,
        day=day.facts,
        todo=None,
        cursor=queries.cursor(child.id),
        records=queries.timeline(child.id, limit=HOME_RECORDS),
        teachers=people.teachers_of(child.class_id)[:3],
    )


@blueprint.get("/children")
@requires(Growth.FAMILY)
def first_timeline() -> Any:
    return _timeline(None)


@blueprint.get("/children/<int:pupil_id>")
@requires(Growth.FAMILY)
def timeline(pupil_id: int) -> Any:
    return _timeline(pupil_id)


def _timeline(pupil_id: int | None) -> Any:
    frame = switcher.chosen(pupil_id)
    child = frame["child"]
    if child is None:
        return render_template("growth/no_child.html", **frame)
    area = request.args.get("area", "")
    before = clock.moment_in(request.args.get("before", ""))
    cursor = queries.cursor(child.id)  # before the records: what comes between is sent twice
    records = queries.timeline(child.id, before=before, area=area if area in AREAS else "")
    more = records[-1].at.isoformat() if len(records) == queries.PAGE else ""
    return render_template(
        "growth/timeline.html",
        **frame,
        records=records,
        area=area,
        areas=[{"area": key, "title": title} for key, title in AREAS.items()],
        before=more,
        cursor=cursor,
        whole=area not in AREAS and before is None,
    )


@blueprint.get("/children/<int:pupil_id>/changes")
@requires(Growth.FAMILY)
def changes(pupil_id: int) -> Response:
    """What a reader at cursor ``since`` has missed: the truth behind every hint."""
    queries.reach_child(g.actor, pupil_id)
    since = forms.cursor(request.args.get("since", ""))
    found = queries.changes(pupil_id, since=since or 0)
    response = make_response(render_template("growth/_changes.html", records=found.records))
    response.headers["X-Cursor"] = str(found.cursor)
    return response


@blueprint.get("/pupils/<int:pupil_id>")
@requires(Growth.PUPIL)
def pupil(pupil_id: int) -> Any:
    row = queries.reach_pupil(g.actor, pupil_id)
    audit.looked_at(g.actor, "pupil", pupil_id)
    place = people.place_of(pupil_id)
    today = clock.today()
    term = people.term_on(today)
    return render_template(
        "growth/pupil.html",
        pupil={
            "id": row.id,
            "name": row.name,
            "tail": people.given_name(row.name)[-1],
            "tint": people.tint(row.id),
            "class_label": class_label(place.entry_year, place.number, today) if place else "",
            "class_id": place.class_id if place else None,
            "seat_no": place.seat_no if place else None,
            "sex_title": SEXES.get(row.sex, ""),
            "guardians": people.guardians_of(row.id, people.given_name(row.name)),
        },
        records=queries.timeline(row.id),
        history=history_of(row.id),
        areas=queries.areas_since(row.id, term.starts_on if term else None),
    )
