"""A guardian's own pages: the children, adding one, consent."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, url_for

from campus import forms, pages
from campus.errors import InvalidInput, TooMany
from campus.incoming import asked_from
from campus.permissions import requires
from tenants.families import consent, look, queries, schemas
from tenants.families.permissions import Families
from tenants.families.routes import blueprint, secret

UNKNOWN = "没有找到这个码。请对照入校单再看一遍；码只能用一次，七天内有效。"


@blueprint.get("/my-children")
@requires(Families.OWN)
def own() -> Any:
    return _own_page({}, {})


def _own_page(values: dict[str, str], errors: dict[str, str], status: int = 200) -> Any:
    return pages.page(
        "families/own.html",
        status,
        mine=queries.own_children(g.actor),
        values=values,
        errors=errors,
    )


@blueprint.post("/my-children")
@requires(Families.OWN)
def add_child() -> Any:
    try:
        data = forms.load(schemas.ShortCode)
        ticket = look.ticket_for(data["code"], ip=asked_from(), secret=secret())
    except (InvalidInput, TooMany) as error:
        return _own_page(forms.typed(), pages.refused(error, "code"), error.status)
    except look.Dead:
        return _own_page(forms.typed(), {"code": UNKNOWN}, 422)
    return redirect(url_for("families.join", token=ticket), 303)


@blueprint.get("/my-children/<int:pupil_id>/consent")
@requires(Families.OWN)
def consent_form(pupil_id: int) -> Any:
    return _consent_page(pupil_id, {})


def _consent_page(pupil_id: int, errors: dict[str, str], status: int = 200) -> Any:
    lines, officer = consent.lines_of(g.actor, pupil_id), consent.officer()
    return pages.page(
        "families/consent.html",
        status,
        name=consent.own_tie(g.actor, pupil_id)[1],
        pupil_id=pupil_id,
        lines=lines,
        asked_before=any(line.agreed is not None for line in lines),
        by_law=consent.BY_LAW,
        officer=officer,
        safeguards=consent.safeguards(officer),
        chosen=forms.typed(),
        errors=errors,
    )


@blueprint.post("/my-children/<int:pupil_id>/consent")
@requires(Families.OWN)
def answer_consent(pupil_id: int) -> Any:
    first = all(line.agreed is None for line in consent.lines_of(g.actor, pupil_id))
    try:
        data = forms.load(schemas.Answers)
    except InvalidInput as error:
        return _consent_page(pupil_id, pages.refused(error), error.status)
    channel = consent.JOINING if first else consent.OWN_PAGE
    consent.answer(g.actor, pupil_id=pupil_id, answers=schemas.answers_of(data), channel=channel)
    flash("记下了，随时可以在“我的孩子”里改")
    home = url_for("growth.child_home", pupil_id=pupil_id)
    return redirect(home if first else url_for("families.own"), 303)
