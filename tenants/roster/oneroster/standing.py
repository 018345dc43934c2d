"""What of a sound set is about this school and about now; for the rest, why not.

A district exports all its schools in one set, a system keeps last year's classes, a disabled user
keeps their row. None of that is enrolled, and each is told once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from tenants.people.calendar import school_year_of
from tenants.roster.oneroster.faults import Cause, Faults
from tenants.roster.oneroster.records import Record
from tenants.roster.oneroster.spec import FALSE, listed
from tenants.roster.oneroster.values import Files, day_of
from tenants.roster.report import problem

MOST_OF_IT = 3 / 4  # of the people: a set without our name in it is still clearly one school's


@dataclass(slots=True)
class Standing:
    """Which rows count on ``today`` for this school.

    ``schools`` are the organisations that are this school, None when there is only one anyway.
    """

    files: Files
    faults: Faults
    today: date
    schools: set[str] | None = None
    named: dict[str, str] = field(default_factory=dict)
    how: str = ""
    years: dict[str, int] = field(default_factory=dict)

    def elsewhere(self, one: Record, column: str, org: str) -> Cause | None:
        """Why a row is another school's, or None when it is ours."""
        if self.schools is None or not org or org in self.schools:
            return None
        told = f"“{self.named.get(org) or org}”不是本校{self.how}：那里的人没有导入。"
        return self.faults.note_once(one.problem(column, "school-other", told), about=org)

    def over(self, one: Record, what: str) -> Cause | None:
        """Why a row that had its time no longer counts."""
        ends, begins = day_of(one["endDate"]), day_of(one["beginDate"])
        if ends is not None and ends < self.today:
            told = f"{what}到 {ends} 已经结束：没有导入。"
            return self.faults.note(one.problem("endDate", "date-over", told), by="")
        if begins is not None and begins > self.today:
            told = f"{what}从 {begins} 才开始：现在就按在校读了。"
            self.faults.note(one.problem("beginDate", "date-ahead", told), by="")
        return None

    def disabled(self, one: Record) -> Cause | None:
        """Why a user who may not sign in where they come from is not let in here."""
        if one["enabledUser"] != FALSE:
            return None
        told = "标为停用（enabledUser 是 false）：这个人没有导入。仍在校的请改为 true。"
        return self.faults.refuse(one.problem("enabledUser", "user-disabled", told))

    def year_of(self, klass: Record) -> int | None:
        """The school year a class belongs to, by the newest of its terms."""
        found = [self.years[one] for one in listed(klass["termSourcedIds"]) if one in self.years]
        return max(found, default=None)


def standing(files: Files, names: Collection[str], today: date, faults: Faults) -> Standing:
    """Find out which school the set is read for, and when its terms are."""
    found = Standing(files, faults, today, named={one.id: one["name"] for one in files["orgs"]})
    found.years = {one.id: year for one in files["academicSessions"] if (year := _year(one))}
    schools = [one for one in files["orgs"] if one["type"] == "school" and one.gone is None]
    if len(schools) < 2:
        return found
    ours = [one for one in schools if {one["name"], one["identifier"]} & set(names) - {""}]
    if not ours:
        ours = _by_people(schools, files)
        found.how = f"（没有一所与本校同名，按人最多的“{ours[0]['name']}”读）" if ours else ""
    if len(ours) == 1:
        found.schools = set(_below(ours[0].id, files["orgs"]))
        return found
    listing = "、".join(one["name"] for one in schools[:5])
    told = f"这里有 {len(schools)} 所学校（{listing}），分不出哪一所是本校：请改成本校的全称。"
    faults.breaks(problem(schools[0].place, "name", "", "school-unclear", told))
    return found


def _by_people(schools: list[Record], files: Files) -> list[Record]:
    """The school that nearly everybody in the set belongs to, if there is one."""
    counts = Counter(org for org in _orgs(files) if org in {one.id for one in schools})
    if not counts:
        return []
    org, most = counts.most_common(1)[0]
    return [one for one in schools if one.id == org and most >= MOST_OF_IT * counts.total()]


def _orgs(files: Files) -> Iterator[str]:
    for one in files["roles"]:
        yield one["orgSourcedId"]
    for one in files["users"]:
        yield from listed(one["orgSourcedIds"])


def _below(org: str, orgs: list[Record]) -> Iterator[str]:
    """An organisation and all beneath it; circles are refused before."""
    beneath = defaultdict(list)
    for one in orgs:
        beneath[one["parentSourcedId"]].append(one.id)
    waiting = [org]
    while waiting:
        now = waiting.pop()
        yield now
        waiting += beneath[now] if now else []


def _year(session: Record) -> int | None:
    """The school year that holds the middle of a session; some begin in the last days of August."""
    begins, ends = day_of(session["startDate"]), day_of(session["endDate"])
    if begins is not None and ends is not None:
        return school_year_of(begins + timedelta(days=(ends - begins).days // 2))
    return int(session["schoolYear"]) - 1 if session["schoolYear"] else None
