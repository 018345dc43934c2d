"""The register's children as HTML, drawn here alone: on the page, and one by one after a tap.

Python instead of a template: 45 children of nine values each were a third of the page's drawing.
Only the name was ever typed by a person, so only names and what is made of them are escaped.
A drawn child is remembered by all that is drawn of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from markupsafe import Markup, escape

from tenants.classes.queries import PupilCell

FOLLOWING = {"late": "leave", "leave": "sick", "sick": "absent", "absent": "present"}


def checkboxes(pupils: Iterable[PupilCell]) -> Markup:
    """The roster: each child a checkbox, chosen for praise."""
    return Markup("\n".join([_checkbox(pupil) for pupil in pupils]))  # noqa: S704


def buttons(pupils: Iterable[PupilCell], mark_url: str) -> Markup:
    """Attendance: each child a button that turns to the next state, so it works without script."""
    address = escape(mark_url)
    return Markup("\n".join([_button(pupil, address) for pupil in pupils]))  # noqa: S704


@lru_cache(maxsize=8192)
def _checkbox(pupil: PupilCell) -> str:
    return (
        f"<label {_attributes(pupil)}>"
        f'<input type="checkbox" name="pupil_id" value="{pupil.id}">{_inside(pupil)}</label>'
    )


def _button(pupil: PupilCell, address: str) -> str:
    following = FOLLOWING.get(pupil.state or "", "late")
    return (
        f'<button {_attributes(pupil)} formaction="{address}/{pupil.id}" formnovalidate '
        f'name="state" value="{following}">{_inside(pupil)}</button>'
    )


def _attributes(pupil: PupilCell) -> str:
    if not pupil.state:
        return f'class="pupil" id="pupil-{pupil.id}"'
    return (
        f'class="pupil {pupil.state}" id="pupil-{pupil.id}" '
        f'data-state="{pupil.state}" data-title="{pupil.state_title}"'
    )


def _inside(pupil: PupilCell) -> str:
    tag = f'<span class="tag">{pupil.state_title}</span>' if pupil.state else ""
    return (
        f'<span class="no">{pupil.seat_no}</span>{tag}'
        f'<span class="ava {pupil.tint}" aria-hidden="true">{escape(pupil.tail)}</span>'
        f"<b>{escape(pupil.name)}</b>"
    )
