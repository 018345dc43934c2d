"""Names that stand outside the rows about a person: uploads, previews, memories, plans, journals.

None of them refers to the person by a foreign key, so each is looked for by what was written: the
name, the phone. What is found goes whole; a preview or a draft is quickly made again. Uploads wait
for nobody at most seven days, and nobody can say without reading them whom they name: they go all.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, delete, func, or_, select, update

from campus import db, storage
from tenants.people.models import FormerPhone, Guardian, Guardianship, Pupil
from tenants.rollover.models import Turn, TurnChange, TurnChoice, TurnPlan
from tenants.roster.imports.models import ImportLine, ImportMemory, ImportRun, PupilMerge

FILES = "files"
Counts = Counter[str]
BEFORE_DONE = ("columns", "working", "ready")
SAID = "有一个人的资料按要求删除了，还没导入的文件也一起删除。请重新上传。"


def merged_into(pupil_id: int) -> list[int]:
    """Rows of the same child that were merged into this one: they still hold the name."""
    found = select(PupilMerge.gone_id).where(
        PupilMerge.school_id == db.school_id(),
        PupilMerge.kept_id == pupil_id,
        PupilMerge.undone_at.is_(None),
    )
    return list(db.session().scalars(found))


def erase_pupil_traces(counts: Counts, pupil_id: int) -> None:
    """Everything that names this pupil without pointing at the pupil's row, which still stands."""
    found = select(Pupil.name).where(Pupil.school_id == db.school_id(), Pupil.id == pupil_id)
    name = db.session().scalar(found) or ""
    _journals(counts, "pupil", pupil_id)
    _memories(counts, [pupil_id])
    _uploads(counts, [name])
    _plans(counts, pupil_id, name)


def erase_guardian_traces(counts: Counts, guardian_id: int) -> None:
    """The same for a guardian, in what was remembered of the children too."""
    found = select(Guardian.name, Guardian.phone, Guardian.previous_phone).where(
        Guardian.school_id == db.school_id(), Guardian.id == guardian_id
    )
    former = select(FormerPhone.phone).where(
        FormerPhone.school_id == db.school_id(), FormerPhone.guardian_id == guardian_id
    )
    words = [word for row in (*db.rows(found), *db.rows(former)) for word in row if word]
    children = select(Guardianship.pupil_id).where(
        Guardianship.school_id == db.school_id(), Guardianship.guardian_id == guardian_id
    )
    _journals(counts, "guardian", guardian_id)
    _memories(counts, list(db.session().scalars(children)))
    _uploads(counts, words)


def _journals(counts: Counts, kind: str, number: int) -> None:
    """Whole rows kept so that a turn can be undone, before and after."""
    said: list[ColumnElement[bool]] = [
        or_(
            side[f"{kind}_id"].astext == str(number),
            and_(TurnChange.table_name == kind, side["id"].astext == str(number)),
        )
        for side in (TurnChange.before, TurnChange.after)
    ]
    if kind == "pupil":
        moves = select(Turn.id).where(Turn.school_id == db.school_id(), Turn.pupil_id == number)
        said.append(TurnChange.turn_id.in_(moves))
    _delete(counts, TurnChange, or_(*said))


def _memories(counts: Counts, pupils: list[int]) -> None:
    """What the last import left of these pupils, their guardians' names and numbers among it."""
    theirs = and_(ImportMemory.kind == "pupil", ImportMemory.object_id.in_(pupils))
    _delete(counts, ImportMemory, theirs)


def _uploads(counts: Counts, words: list[str]) -> None:
    """Files not imported yet with all that was read of them; of done ones the lines that name."""
    mine = ImportRun.school_id == db.school_id()
    read = func.jsonb_typeof(ImportRun.sheets) == "array"  # nothing read is null, or a JSON null
    held = and_(mine, or_(ImportRun.key.is_not(None), read))
    runs = db.rows(select(ImportRun.id, ImportRun.key).where(held))
    keys = [key for _, key in runs if key]
    if keys:
        storage.store().delete_many(db.school_id(), keys)
        counts[FILES] += len(keys)
    numbers = [row[0] for row in runs]
    open_still = ImportRun.state.in_(BEFORE_DONE)
    db.session().execute(
        update(ImportRun)
        .where(mine, ImportRun.id.in_(numbers))
        .values(
            key=None,
            sheets=None,
            chosen=None,
            takes={},
            state=case((open_still, "cancelled"), else_=ImportRun.state),
            message=case((open_still, SAID), else_=ImportRun.message),
        ),
        execution_options={"synchronize_session": False},
    )
    naming = [
        or_(ImportLine.name == word[:60], ImportLine.detail.contains(word, autoescape=True))
        for word in words
    ]
    _delete(counts, ImportLine, or_(ImportLine.run_id.in_(numbers), *naming))


def _plans(counts: Counts, pupil_id: int, name: str) -> None:
    """New pupils written into a year's plan, and the exception made for this one."""
    for plan in db.session().scalars(select(TurnPlan).where(TurnPlan.school_id == db.school_id())):
        left = [one for one in plan.newcomers if one[1] != name]
        if left != plan.newcomers:
            counts[TurnPlan.__tablename__] += len(plan.newcomers) - len(left)
            plan.newcomers = left
    repeats = and_(TurnChoice.kind == "repeat", TurnChoice.object_id == pupil_id)
    _delete(counts, TurnChoice, repeats)


def _delete(counts: Counts, model: Any, condition: ColumnElement[bool]) -> None:
    table: Table = model.__table__
    gone = db.session().execute(
        delete(model).where(model.school_id == db.school_id(), condition),
        execution_options={"synchronize_session": False},
    )
    if gone.rowcount:  # type: ignore[attr-defined]
        counts[table.name] += gone.rowcount  # type: ignore[attr-defined]
