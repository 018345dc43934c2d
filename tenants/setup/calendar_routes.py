"""The pages of the calendar: the school year as a step, and each term by itself at any time."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, url_for

from campus import clock, forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.setup import held, queries, schemas, terms
from tenants.setup.actions import StepMoved
from tenants.setup.permissions import Setup
from tenants.setup.routes import blueprint
from tenants.setup.save import PREVIEW, refusal, save_step, step_page, typed_in
from tenants.setup.special import FIELDS, WEEKDAYS, read_rows
from tenants.setup.weeks import Week, weeks_of

SPARE_ROWS, SPARE_MAKE_UPS = 3, 2


@blueprint.get("/setup/calendar")
@requires(Setup.CHANGE)
def calendar() -> Any:
    return step_page("calendar", extra=_year)


@blueprint.post("/setup/calendar")
@requires(Setup.CHANGE)
def save_calendar() -> Any:
    return save_step("calendar", schemas.Calendar, terms.set_calendar, extra=_year)


def _year(values: dict[str, Any]) -> dict[str, Any]:
    """The calendars of both terms as typed, and the terms that stand."""
    bounds = [
        (title, values.get(f"{name}_starts", ""), values.get(f"{name}_ends", ""))
        for name, title in (("first", terms.FIRST), ("second", terms.SECOND))
    ]
    return {**_drawn(values, bounds), "lines": held.term_lines()}


def _drawn(values: dict[str, Any], bounds: list[tuple[str, str, str]]) -> dict[str, Any]:
    """Week calendars of what was typed; a term that cannot be drawn is left out."""
    days = read_rows({name: values.get(name, []) for name in FIELDS})
    drawn: list[tuple[str, list[Week]]] = []
    for title, *ends in bounds:
        first, last = (clock.day_in(text) for text in ends)
        if first and last and first <= last and last - first <= terms.LONGEST:
            shown = [one for one in days.holidays if one.ends_on - one.starts_on <= terms.LONGEST]
            drawn.append((title, weeks_of(first, last, days.specials(shown))))
    return {
        "terms": drawn,
        "weekdays": WEEKDAYS,
        "rows": max(len(values.get(name, [])) for name in FIELDS[:2]) + SPARE_ROWS,
        "make_ups": len(values.get("make_up", [])) + SPARE_MAKE_UPS,
    }


@blueprint.get("/setup/terms/<int:term_id>")
@requires(Setup.CHANGE)
def term(term_id: int) -> Any:
    return _term_page(term_id)


def _term_page(
    term_id: int,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
    version: int | None = None,
) -> Any:
    found, year = held.reach_term(term_id)
    shown = held.term_values(found) if values is None else values
    step = queries.step_rows().get("calendar")
    standing = step.version if step is not None else 0
    return pages.page(
        "setup/term.html",
        status,
        term=found,
        title=f"{year.name} {found.name}",
        values=shown,
        errors=errors or {},
        version=standing if version is None else version,
        **_drawn(shown, [(found.name, shown.get("starts", ""), shown.get("ends", ""))]),
    )


@blueprint.post("/setup/terms/<int:term_id>")
@requires(Setup.CHANGE)
def save_term(term_id: int) -> Any:
    typed = typed_in(schemas.OneTerm)
    if PREVIEW in request.form:
        return _term_page(term_id, typed)
    try:
        told = terms.set_term(g.actor, term_id=term_id, **forms.load(schemas.OneTerm))
    except (InvalidInput, StepMoved) as error:
        found, version = refusal(typed, error)
        return _term_page(term_id, typed, found, error.status, version)
    if pages.json_wanted():
        return {"kept": told}
    flash("校历已保存")
    if told:
        flash(told)
    return redirect(url_for("setup.calendar"), 303)
