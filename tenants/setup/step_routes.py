"""The pages of the steps that are forms: one GET and one POST each."""

from __future__ import annotations

from typing import Any

from flask import request

from campus import clock
from campus.permissions import requires
from tenants.people.calendar import NUMERALS, school_year_of
from tenants.people.naming import TITLES, Ways, label_in
from tenants.setup import actions, presets, queries, schemas
from tenants.setup import look as look_of
from tenants.setup import rules as rules_of
from tenants.setup import subjects as subjects_of
from tenants.setup.permissions import Setup
from tenants.setup.presets import OLDEST_GRADE
from tenants.setup.routes import blueprint
from tenants.setup.save import save_step, step_page

SPARE_ROWS, EXAMPLE_GRADE = 3, 3


@blueprint.get("/setup/identity")
@requires(Setup.CHANGE)
def identity() -> Any:
    return step_page("identity", extra=_codes)


@blueprint.post("/setup/identity")
@requires(Setup.CHANGE)
def save_identity() -> Any:
    return save_step("identity", schemas.Identity, actions.describe_school, extra=_codes)


def _codes(_: dict[str, Any]) -> dict[str, Any]:
    return {"tables": {name: presets.codes(name) for name in ("school_type", "urban", "province")}}


@blueprint.get("/setup/stages")
@requires(Setup.CHANGE)
def stages() -> Any:
    return step_page("stages", extra=_grades)


@blueprint.post("/setup/stages")
@requires(Setup.CHANGE)
def save_stages() -> Any:
    return save_step("stages", schemas.Stages, actions.set_stages, extra=_grades)


def _grades(values: dict[str, Any]) -> dict[str, Any]:
    """The kinds of school; before one is chosen, the kind that fits the 办学类型."""
    known = presets.presets()
    kind = queries.answers_of_all().get("identity", {}).get("school_type", "")
    fits = next((one.key for one in known.values() if kind in one.school_types), "primary")
    values.setdefault("preset", fits)
    usual = known.get(values["preset"], known["primary"])
    first = _grade_typed(values.get("first_grade"), usual.first_grade)
    today, shown = clock.today(), max(first, EXAMPLE_GRADE)
    entry = school_year_of(today) - shown + 1
    return {
        "presets": known,
        "grades_titles": [(at, f"{word}年级") for at, word in enumerate(NUMERALS) if at],
        "namings": {
            one.value: (title, label_in(Ways(one, first, OLDEST_GRADE), entry, 2, today))
            for one, title in TITLES.items()
        },
    }


def _grade_typed(text: Any, usual: int) -> int:
    """What a form's list of grades says; the usual one when nothing (or nonsense) is chosen."""
    typed = queries.whole(str(text or ""))
    return typed if typed and typed <= OLDEST_GRADE else usual


@blueprint.get("/setup/subjects")
@requires(Setup.CHANGE)
def subjects() -> Any:
    return step_page("subjects", extra=_subject_rows)


@blueprint.post("/setup/subjects")
@requires(Setup.CHANGE)
def save_subjects() -> Any:
    return save_step("subjects", schemas.Subjects, subjects_of.set_subjects, extra=_subject_rows)


def _subject_rows(values: dict[str, Any]) -> dict[str, Any]:
    """The usual subjects of the preset: filled in for a school without any, else offered."""
    said = queries.answers_of_all().get("stages", {})
    preset = presets.presets()[said.get("preset", "primary")]
    names = [name for name in values.get("subject", []) if name]
    missing = [name for name in preset.subjects if name not in names]
    if not names and "version" not in values:
        values["subject"], missing = list(preset.subjects), []
        values["place"] = [str(at) for at, _ in enumerate(preset.subjects, start=1)]
    return {
        "preset": preset,
        "missing": missing,
        "rows": len(values.get("subject", [])) + SPARE_ROWS,
    }


@blueprint.get("/setup/look")
@requires(Setup.CHANGE)
def look() -> Any:
    return step_page("look", extra=_accents)


@blueprint.post("/setup/look")
@requires(Setup.CHANGE)
def save_look() -> Any:
    sent = request.files.get("logo")
    logo = (sent.read() if sent and sent.filename else None) or None
    return save_step("look", schemas.Look, look_of.set_look, extra=_accents, logo=logo)


def _accents(_: dict[str, Any]) -> dict[str, Any]:
    return {"accents": schemas.ACCENTS}


@blueprint.get("/setup/privacy")
@requires(Setup.CHANGE)
def privacy() -> Any:
    return step_page("privacy", extra=_filings)


@blueprint.post("/setup/privacy")
@requires(Setup.CHANGE)
def save_privacy() -> Any:
    return save_step("privacy", schemas.Privacy, rules_of.set_privacy, extra=_filings)


def _filings(_: dict[str, Any]) -> dict[str, Any]:
    return {
        "filings": schemas.FILINGS,
        "filing_words": rules_of.FILING_WORDS,
        "source": rules_of.FILING_SOURCE,
        "rules": presets.rules(),
    }
