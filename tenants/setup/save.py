"""How every form of a step is answered: kept as a draft, refused with its words, or saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for

from campus import fields, forms, pages
from campus.errors import CampusError, InvalidInput
from campus.forms import IGNORED
from tenants.setup import actions, queries
from tenants.setup.golive import checklist, worst
from tenants.setup.schemas import STALE, StepForm
from tenants.setup.steps import BY_KEY, STEPS

LATER = "later"  # the button that keeps a draft
PREVIEW = "preview"  # the button that only draws the page anew
BUTTONS = IGNORED | {LATER, PREVIEW}
Extra = Callable[[dict[str, Any]], dict[str, Any]]


def step_page(
    key: str,
    *,
    values: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
    version: int | None = None,
    extra: Extra | None = None,
) -> tuple[str, int]:
    """Draw one step: with what was typed, or with what stands."""
    row = queries.step_rows().get(key)
    shown = queries.values_of(key, row) if values is None else values
    standing = row.version if row is not None else 0
    return pages.page(
        f"setup/{key}.html",
        status,
        step=BY_KEY[key],
        number=STEPS.index(BY_KEY[key]) + 1,
        steps=STEPS,
        values=shown,
        errors=errors or {},
        version=standing if version is None else version,
        draft=values is None and row is not None and row.draft is not None,
        done=row is not None and row.done_at is not None,
        **(extra(shown) if extra else {}),
    )


def save_step(
    key: str,
    schema: type[StepForm],
    act: Callable[..., str | None],
    *,
    extra: Extra | None = None,
    **more: Any,
) -> Any:
    """Answer one posted form; nothing typed is lost on the way, whatever happens.

    What the action returns is said beside "saved".
    """
    typed = typed_in(schema)
    if PREVIEW in request.form:
        return step_page(key, values=typed, version=_version(typed), extra=extra)
    try:
        if LATER in request.form:
            known = {name: one for name, one in typed.items() if name in schema().fields}
            actions.keep_draft(g.actor, step=key, version=_version(typed), typed=known)
            flash(f"「{BY_KEY[key].title}」先存好了，随时可以接着填。")
            return redirect(url_for("setup.index"), 303)
        given = {name: one for name, one in typed.items() if name not in BUTTONS}
        data = forms.load(schema, None if request.is_json else given)
        told = act(g.actor, **data, **more)
    except (InvalidInput, actions.StepMoved) as error:
        return _refused(key, typed, error, extra)
    if pages.json_wanted():
        return {"version": data["version"] + 1}, 200
    flash(f"已保存：{BY_KEY[key].title}")
    if told:
        flash(told)
    return redirect(next_url(key), 303)


def _refused(
    key: str, typed: dict[str, Any], error: CampusError, extra: Extra | None
) -> tuple[str, int]:
    found, version = refusal(typed, error)
    return step_page(
        key, values=typed, errors=found, status=error.status, version=version, extra=extra
    )


def refusal(typed: dict[str, Any], error: CampusError) -> tuple[dict[str, str], int | None]:
    """The sentences of a refused form by field, and the version it goes on with."""
    found = pages.refused(error)
    if isinstance(error, actions.StepMoved):
        return found, error.version
    return found, queries.whole(str(typed.get("version", "")))


def typed_in(schema: type[StepForm]) -> dict[str, Any]:
    """The form as it was typed: lists for what the schema lists, trimmed texts for the rest."""
    known = schema().fields
    found: dict[str, Any] = {}
    for name in request.form:
        if name in BUTTONS:
            continue
        listed = isinstance(known.get(name), fields.List)
        values = [one.strip() for one in request.form.getlist(name)]
        found[name] = values if listed else values[-1]
    return found


def _version(typed: dict[str, Any]) -> int:
    version = queries.whole(str(typed.get("version", "")))
    if version is None:
        raise InvalidInput({"version": STALE}, STALE)
    return version


def next_url(key: str) -> str:
    """After a step: in a school that prepares the next open one, else back to the settings."""
    school = queries.registered()
    if school.status != "preparing":
        return url_for("setup.index")
    items = checklist(school)
    after = STEPS[STEPS.index(BY_KEY[key]) + 1 :]
    for step in after:
        if worst([item for item in items if item.step == step.key]) != "ok" or (
            step.key == "look" and "look" not in queries.answers_of_all()
        ):
            return url_for(step.endpoint)
    return url_for("setup.index")


def drawn(template: str, **context: Any) -> str:
    """A page of the wizard that is no form."""
    return render_template(f"setup/{template}.html", steps=STEPS, **context)
