"""The subjects of a school and their order: kept, renamed, added, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from campus import db
from campus.actor import Actor
from campus.errors import InvalidInput
from tenants.people.bulk import add_rows, update_rows
from tenants.people.models import Subject
from tenants.setup.actions import claim, finish
from tenants.setup.queries import held_subjects, whole

LAST = 9999


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the form: an empty name takes the subject ``id`` away."""

    id: int | None
    name: str
    place: int


def set_subjects(
    actor: Actor,
    *,
    version: int,
    subject: Sequence[str],
    subject_id: Sequence[str] = (),
    place: Sequence[str] = (),
) -> None:
    """Set names and order; a subject that stays keeps its row, whatever it is called now.

    Raises InvalidInput for a name that stands twice, and for taking away what is taught.
    """
    row = claim(actor, "subjects", version)
    held = {one.id: one.name for one in held_subjects()}
    lines = _lines(subject, subject_id, place, held)
    named = {line.id for line in lines}
    # What the form does not mention came in meanwhile, as by an import: it stays, at the end.
    lines += [Line(key, name, LAST) for key, name in held.items() if key not in named]
    kept = [line for line in sorted(lines, key=lambda line: line.place) if line.name]
    if not kept:
        raise InvalidInput({"subject": "「科目」至少要有一门。"})
    _refuse_twins(kept)
    _remove({line.id: held[line.id] for line in lines if line.id is not None and not line.name})
    _write(kept)
    finish(actor, row, {"subjects": len(kept)})


def _lines(
    names: Sequence[str], ids: Sequence[str], places: Sequence[str], held: dict[int, str]
) -> list[Line]:
    found = []
    for at, name in enumerate(names):
        number = whole(ids[at]) if at < len(ids) else None
        if number is not None and number not in held:
            raise InvalidInput({"subject": "「科目」刚刚被改动过，请刷新以后再试。"})
        order = whole(places[at]) if at < len(places) else None
        found.append(Line(number, name.strip(), LAST if order is None else order))
    return found


def _refuse_twins(lines: Sequence[Line]) -> None:
    names = [line.name for line in lines]
    for name in names:
        if names.count(name) > 1:
            raise InvalidInput({"subject": f"「科目」里的“{name}”写了两次。"})


def _remove(gone: dict[int, str]) -> None:
    for number, name in gone.items():
        try:
            with db.savepoint() as session:
                session.execute(
                    delete(Subject).where(Subject.school_id == db.school_id(), Subject.id == number)
                )
        except IntegrityError as error:
            message = f"「科目」里的“{name}”已经有任课老师或课表，不能去掉；改名可以。"
            raise InvalidInput({"subject": message}) from error


def _write(lines: Sequence[Line]) -> None:
    """Names are unique in a school, so those that change make room first."""
    stay = [(line, at) for at, line in enumerate(lines, start=1) if line.id is not None]
    ids = [line.id for line, _ in stay if line.id is not None]
    update_rows(Subject, ids, {"name": [f"\x7f{number}" for number in ids]})
    update_rows(
        Subject,
        ids,
        {"name": [line.name for line, _ in stay], "position": [at for _, at in stay]},
    )
    new = [(line.name, at) for at, line in enumerate(lines, start=1) if line.id is None]
    add_rows(Subject, {"name": [name for name, _ in new], "position": [at for _, at in new]})
