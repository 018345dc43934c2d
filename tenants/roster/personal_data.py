"""What the roster keeps of people: sealed numbers, merged twins, and imports on their way.

An import names people without pointing at them, so they are looked for by what was written: the
name, the phone. What is found goes whole; a preview is quickly made again. Files wait for nobody
more than seven days, and nobody can say without reading them whom they name: they go all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import and_, case, func, or_, select, update

from campus import db
from campus.erasure import Erasure, Subject
from campus.personal_data import Kept, PersonalData, Rule
from tenants.roster.imports import files
from tenants.roster.imports.models import ImportLine, ImportMemory, ImportRun, PupilMerge
from tenants.roster.oneroster.writing import oneroster_files

BEFORE_DONE = ("columns", "working", "ready")
SAID = "有一个人的资料按要求删除了，还没导入的文件也一起删除。请重新上传。"
ON_THE_WAY = "导入的过程，结果都在别的表里"


def _same_child(pupil_id: int) -> Iterable[int]:
    """Rows of the same child that were merged into this one: they still hold the name."""
    return db.session().scalars(
        select(PupilMerge.gone_id).where(
            PupilMerge.school_id == db.school_id(),
            PupilMerge.kept_id == pupil_id,
            PupilMerge.undone_at.is_(None),
        )
    )


def _erase_traces(erasure: Erasure, who: Subject) -> None:
    remembered = and_(ImportMemory.kind == "pupil", ImportMemory.object_id.in_(who.pupils))
    erasure.delete(ImportMemory, remembered)
    runs = _empty_runs(erasure)
    naming = [
        or_(ImportLine.name == word[:60], ImportLine.detail.contains(word, autoescape=True))
        for word in who.words
    ]
    erasure.delete(ImportLine, or_(ImportLine.run_id.in_(runs), *naming))


def _empty_runs(erasure: Erasure) -> list[int]:
    """Take files and what was read of them from every import that still holds some."""
    mine = ImportRun.school_id == db.school_id()
    read = func.jsonb_typeof(ImportRun.sheets) == "array"  # nothing read is null, or a JSON null
    runs = db.rows(
        select(ImportRun.id, ImportRun.key).where(mine, or_(ImportRun.key.is_not(None), read))
    )
    erasure.delete_objects(key for _, key in runs if key)
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
    return numbers


def _school_parts() -> Mapping[str, bytes]:
    return {f"oneroster/{name}": content for name, content in oneroster_files().items()}


PERSONAL_DATA = PersonalData(
    tables={
        "pupil_number": Rule(Kept.DUTY, "学籍号、身份证号（加密）"),
        "pupil_merge": Rule(Kept.DUTY, "重复学生的合并"),
        "import_habit": Rule(Kept.HOUSE, "导入时认得的表头", left_out="导入时认得的表头"),
        "import_run": Rule(Kept.SHORT, "一次导入", left_out=ON_THE_WAY),
        "import_line": Rule(Kept.SHORT, "导入的行", left_out=ON_THE_WAY),
        "import_memory": Rule(Kept.SHORT, "导入时见过的值", left_out=ON_THE_WAY),
    },
    erase_traces=_erase_traces,
    same_child=_same_child,
    standing_files=files.standing,
    school_parts=_school_parts,
)
