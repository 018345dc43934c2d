"""The roster out again: the template filled, or OneRoster; importing either changes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from campus import audit, clock, db
from campus.actor import Actor
from campus.offload import offload
from campus.permissions import Role
from tenants.people.naming import entry_label
from tenants.roster.compare import SEXES
from tenants.roster.oneroster.writing import oneroster_files, oneroster_zip
from tenants.roster.permissions import Rosters
from tenants.roster.pupil_numbers import opened_numbers
from tenants.roster.rows import ROLES
from tenants.roster.state import HeldPupil, HeldStaff, State, load_state
from tenants.roster.table import UnreadableFile
from tenants.roster.template import write_sheet
from tenants.roster.titles import (
    GUARDIAN_SLOTS,
    PUPIL_COLUMNS,
    PUPILS,
    SECRET_COLUMNS,
    STAFF,
    STAFF_COLUMNS,
)

PLAIN = frozenset({"班主任", "任课教师"})
POSTS = {Role.ADMIN: "管理员", Role.HEAD: "校长"}


def export_roster(actor: Actor, *, kind: str, path: Path) -> None:
    """Write the entered school's roster to ``path``: a file, or for OneRoster also a folder.

    Raises UnreadableFile when the place cannot be written.
    """
    if kind == "oneroster":
        _noted(actor, kind)
    try:
        if kind == "oneroster" and (path.is_dir() or not path.suffix):
            path.mkdir(parents=True, exist_ok=True)
            for name, content in oneroster_files().items():
                (path / name).write_bytes(content)
        else:
            path.write_bytes(oneroster_zip() if kind == "oneroster" else roster_xlsx(actor))
    except (OSError, FileCreateError) as error:
        raise UnreadableFile(f"写不了 {path.name}：请检查这个位置。") from error


def _noted(actor: Actor, kind: str) -> None:
    """Who takes the whole roster out is written down."""
    actor.check(Rosters.IMPORT)
    audit.record(actor, "onboarding.export", "school", None, format=kind)


def roster_xlsx(actor: Actor) -> bytes:
    """The template with everybody in it, and a line in the log of who took it out."""
    _noted(actor, "xlsx")
    return roster_book()


def roster_book() -> bytes:
    """The template with everybody in it; every cell is text. Whoever asks for it has logged it."""
    state = load_state(clock.today())
    staff, pupils = [_member(one) for one in state.here()], list(_pupils(state))
    db.release()
    return offload(_written, pupils, staff)  # a fifth of a second for 2,000 pupils


def _written(pupils: list[tuple[Any, ...]], staff: list[tuple[Any, ...]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        write_sheet(book, PUPILS, PUPIL_COLUMNS, pupils)
        write_sheet(book, STAFF, STAFF_COLUMNS, staff)
    return out.getvalue()


def _pupils(state: State) -> Iterator[tuple[Any, ...]]:
    numbers = opened_numbers()
    for pupil in sorted(state.pupils, key=lambda one: (one.class_key, one.seat_no or 0, one.id)):
        yield (
            entry_label(*pupil.class_key),
            pupil.seat_no,
            pupil.name,
            SEXES[pupil.sex],
            pupil.birthday,
            *_guardians(pupil),
            *(numbers.get((pupil.id, column)) for column in SECRET_COLUMNS),
        )


def _guardians(pupil: HeldPupil) -> list[str]:
    ties = sorted(pupil.ties.items(), key=lambda item: item[1].contact_order)
    held = [(tie.name, tie.relation, phone) for phone, tie in ties if not tie.ended]
    held += [("", "", "")] * len(GUARDIAN_SLOTS)
    return [cell for three in held[: len(GUARDIAN_SLOTS)] for cell in three]


def _member(one: HeldStaff) -> tuple[Any, ...]:
    posts = [word for role, word in POSTS.items() if role in one.roles]
    titles = [word for word in one.title.split("、") if ROLES.get(word) in one.roles]
    if Role.TEACHER in one.roles and not any(ROLES[word] is Role.TEACHER for word in titles):
        titles.append("班主任" if one.homerooms else "任课教师")
    posts = [word for word in posts if not any(ROLES[title] == ROLES[word] for title in titles)]
    # A title we have no word for stays as it is: what a file does not say it does not change.
    known = set(one.title.split("、")) <= ROLES.keys() | {""}
    words = [*posts, *titles] if known else [word for word in (*posts, *titles) if word in PLAIN]
    homerooms = [entry_label(*key) for key in sorted(one.homerooms)]
    lessons = "; ".join(f"{entry_label(*key)} {subject}" for key, subject in sorted(one.teaching))
    return one.name, one.phone, "、".join(words), "、".join(homerooms[:1]), lessons
