"""What stands in the cells: status, required values, words, dates, lists, ids and references."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from campus import clock
from tenants.roster.oneroster.faults import Faults
from tenants.roster.oneroster.package import Package
from tenants.roster.oneroster.records import Record
from tenants.roster.oneroster.spec import (
    ACTIVE,
    DATES,
    DELETED,
    DELTA,
    ENUMS,
    HOLDING,
    REFERENCES,
    VITAL,
    listed,
    required,
)

MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ]00:00.*)?")
EXTENSION = "ext:"
Files = dict[str, list[Record]]


def written(rows: Iterable[Record], column: str) -> set[str]:
    """What stands in a column. A sound column is seen so at a glance, whatever its length."""
    return {one.cells.get(column, "") for one in rows}


def check_values(name: str, rows: list[Record], package: Package, faults: Faults) -> None:
    """Judge every cell the standard has a rule for; rows that cannot be read get a cause."""
    delta = package.mode(name) == DELTA
    for one in rows:
        if one.gone is None:
            _check_status(one, faults, delta=delta)
    left = [one for one in rows if one.gone is None]
    _check_required(name, left, package, faults)
    _check_ids(left, faults)
    for (file, column), words in ENUMS.items():
        if file == name:
            _check_words(name, column, words, left, faults)
    for column in DATES.get(name, ()):
        _check_days(column, left, faults)
    if name in DATES and name != "demographics":
        _check_spans(name, left, faults)
    if name in {"courses", "classes"}:
        _check_pairs(left, faults)
    if name == "academicSessions":
        _check_years(left, faults)


def _check_status(one: Record, faults: Faults, *, delta: bool) -> None:
    """Whole files leave the status empty; of changes it says whether the row stands or goes."""
    status, moment = one["status"], one["dateLastModified"]
    if status.lower() in {ACTIVE, DELETED} and status not in {ACTIVE, DELETED}:
        reason = f"应写作 {status.lower()}，大小写要一样。这里按它读了。"
        faults.note(one.problem("status", "enum-case", reason))
    if status.lower() == DELETED:
        reason = "标为 tobedeleted：这一行没有导入，这里已有的也不会因此删除。"
        if one.sheet.lower() == "users.csv":
            reason = (
                "标为 tobedeleted：这个人没有导入，这里已有的也不会因此删除；"
                "学生离校请在学生自己的页面里办理转出。"
            )
        one.gone = faults.refuse(one.problem("status", "status-deleted", reason))
    elif status and status.lower() != ACTIVE:
        reason = f"只能是 active 或 tobedeleted，不是“{status[:20]}”：这一行没有导入。"
        one.gone = faults.refuse(one.problem("status", "status-wrong", reason))
    elif delta and not status:
        reason = "增量（delta）里每一行都要写 active 或 tobedeleted：空着的按 active 读了。"
        faults.note_once(one.problem("status", "status-empty", reason))
    elif status and not delta:
        reason = "整份（bulk）里 status 应当留空：写了 active 的照样读了。"
        faults.note_once(one.problem("status", "status-bulk", reason))
    if moment and not MOMENT.fullmatch(moment):
        reason = "时间应像 2026-09-01T08:00:00.000Z 这样。"
        faults.note(one.problem("dateLastModified", "date-wrong", reason), by="")


def _check_required(name: str, rows: list[Record], package: Package, faults: Faults) -> None:
    for column in required(name, old=package.old):
        vital = column in VITAL[name] or (package.old and name == "users" and column == "role")
        for one in rows if "" in written(rows, column) else ():
            if one[column]:
                continue
            if vital:
                found = one.problem(column, "cell-missing", "这一格必须填写：这一行没有导入。")
                one.gone = faults.refuse(found)
            else:
                reason = "这一格必须填写。别的格照样读了。"
                faults.note(one.problem(column, "cell-missing", reason))


def _check_ids(rows: list[Record], faults: Faults) -> None:
    seen: dict[str, Record] = {}
    for one in rows if len(written(rows, "sourcedId")) < len(rows) else ():
        first = seen.setdefault(one.id, one) if one.id else one
        if first is not one and one.gone is None:
            reason = f"这个编号第 {first.row} 行已经用过：这一行没有导入。"
            one.gone = faults.refuse(one.problem("sourcedId", "id-twice", reason))


def _check_words(
    name: str, column: str, words: tuple[str, ...], rows: list[Record], faults: Faults
) -> None:
    right, lower = {"", *words}, {word.lower(): word for word in words}
    for one in rows if written(rows, column) - right else ():
        value = one[column]
        if value in right:
            continue
        meant = lower.get(value.lower())
        if meant:
            reason = f"应写作 {meant}，大小写要一样。这里按它读了。"
            faults.note(one.problem(column, "enum-case", reason))
            one.cells[column] = meant
            continue
        vital = column in VITAL[name] or (name == "users" and column == "role")
        told = f"只能是 {'、'.join(words)}，不是“{value[:30]}”"
        if value.startswith(EXTENSION):
            told = f"“{value[:30]}”是别处扩展的值，这里不认识"
        if vital and one.gone is None:
            found = one.problem(column, "enum-wrong", f"{told}：这一行没有导入。")
            one.gone = faults.refuse(found)
        elif not vital and not value.startswith(EXTENSION):
            faults.note(one.problem(column, "enum-wrong", f"{told}：这一格当作空的读了。"))
            one.cells[column] = ""


def day_of(text: str) -> date | None:
    """A day as OneRoster writes it, or nearly so; None for anything else, as for 9999-12-31."""
    match = DAY.fullmatch(text)
    return clock.day_in(f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}") if match else None


def _check_days(column: str, rows: list[Record], faults: Faults) -> None:
    days = {text: day_of(text) for text in written(rows, column) - {""}}
    wrong = {text for text, day in days.items() if day is None or text != day.isoformat()}
    for one in rows if wrong else ():
        text = one[column]
        if text not in wrong:
            continue
        day = days[text]
        if day is None:
            reason = f"日期应像 2026-09-01 这样，不是“{text[:20]}”：这一格当作空的读了。"
            code = "birthday-wrong" if column == "birthDate" else "date-wrong"
            faults.note(one.problem(column, code, reason))
            one.cells[column] = ""
        else:
            reason = f"日期应写作 {day.isoformat()}。这里按它读了。"
            faults.note(one.problem(column, "date-form", reason), by="")
            one.cells[column] = day.isoformat()


def _check_spans(name: str, rows: list[Record], faults: Faults) -> None:
    first, last = DATES[name]
    for one in rows:
        begins, ends = one[first], one[last]
        if not (begins and ends and ends < begins) or one.gone:
            continue
        if name == "academicSessions":
            reason = f"结束（{ends}）早于开始（{begins}）：没有按这个学期的日期判断。"
            faults.note(one.problem(last, "date-order", reason))
            one.cells[first] = one.cells[last] = ""
        else:
            reason = f"结束（{ends}）早于开始（{begins}）：这一行没有导入。"
            one.gone = faults.refuse(one.problem(last, "date-order", reason))


def _check_years(rows: list[Record], faults: Faults) -> None:
    for one in rows:
        year = one["schoolYear"]
        if year and not (re.fullmatch(r"[0-9]{4}", year) and clock.day_in(f"{year}-09-01")):
            reason = "学年应是四位数字，写学年结束的那一年。"
            faults.note(one.problem("schoolYear", "year-wrong", reason))
            one.cells["schoolYear"] = ""


def _check_pairs(rows: list[Record], faults: Faults) -> None:
    for one in rows:
        names, codes = listed(one["subjects"]), listed(one["subjectCodes"])
        if len(names) != len(codes):
            reason = (
                f"subjects 有 {len(names)} 项，subjectCodes 有 {len(codes)} 项：应当一样多。"
                "科目按 subjects 读了。"
            )
            faults.note(one.problem("subjectCodes", "list-length", reason))


def check_references(files: Files, faults: Faults) -> None:
    """Every row that is spoken of is there, sound or not."""
    ids = {name: written(rows, "sourcedId") for name, rows in files.items()}
    for name, column, to in REFERENCES:
        if name not in files or to not in files:
            continue
        holding, many = (name, column) in HOLDING, column.endswith("Ids")
        said = written(files[name], column)
        if not many and said <= ids[to] | {""}:
            continue
        for one in files[name]:
            if not one[column] or one.gone:
                continue
            for aim in listed(one[column]) if many else (one[column],):
                if aim not in ids[to]:
                    _missing(one, column, (aim, to), faults, holding=holding)


def _missing(
    one: Record, column: str, aim: tuple[str, str], faults: Faults, *, holding: bool
) -> None:
    told = f"{aim[1]}.csv 里没有“{aim[0][:40]}”"
    if holding and one.gone is None:
        found = one.problem(column, "reference-missing", f"{told}：这一行没有导入。")
        one.gone = faults.refuse(found)
    elif not holding:
        found = one.problem(column, "reference-missing", f"{told}。别的格照样读了。")
        faults.note(found, by=aim[0])


def circles(rows: list[Record], faults: Faults) -> None:
    """Rows that are, over their parents, their own parents: told once for the whole circle."""
    parents = {one.id: one["parentSourcedId"] for one in rows}
    told: set[str] = set()
    for one in rows:
        seen, at = set[str](), one.id
        while at and at not in seen:
            seen.add(at)
            at = parents.get(at, "")
        if at and at == one.id and not told & seen:
            told |= seen
            reason = "上级关系成了一个圈，请核对。"
            faults.breaks(one.problem("parentSourcedId", "circle", reason))
