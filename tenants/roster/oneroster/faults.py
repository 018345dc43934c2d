"""One fault is told once, with all that it cost.

A class that cannot be read costs forty children: that is one sentence at the class, which names
them, and not forty. A word written wrong in every row is one sentence with a count.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tenants.roster.report import Outcome, Place, Problem, Report

MOST_NAMED = 5


@dataclass(slots=True)
class Cause:
    """A fault, how many more rows have the same, and who was left out because of it."""

    problem: Problem
    more: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.problem.sheet, self.problem.row

    def told(self) -> Problem:
        """The problem with everything it brought about."""
        words = self.problem.message
        if self.more:
            words += f"同样的还有 {self.more} 行。"
        if self.lost:
            named = "、".join(self.lost[:MOST_NAMED])
            most = f"等 {len(self.lost)} 人" if len(self.lost) > MOST_NAMED else ""
            words += f"因此没有导入：{named}{most}。"
        return replace(self.problem, message=words)


@dataclass(slots=True)
class Faults:
    """Gathers faults; ``settle`` tells them in the report, in the order they were met."""

    report: Report
    broken: bool = False
    _told: list[Cause] = field(default_factory=list)
    _same: dict[tuple[str, str, str, str], Cause] = field(default_factory=dict)

    def note(self, found: Problem, *, by: str | None = None) -> Cause:
        """Something to tell that costs no row; the same in other rows is counted, not repeated.

        ``by`` is what makes two of them the same; otherwise it is the value.
        """
        key = found.sheet, found.column, found.code, found.value if by is None else by
        held = self._same.get(key)
        if held is None:
            held = self._same[key] = Cause(found)
            self._told.append(held)
        else:
            held.more += 1
        return held

    def note_once(self, found: Problem, *, about: str = "") -> Cause:
        """As ``note``, counted over all files: a habit of whoever wrote them."""
        key = "", "", found.code, about
        if key not in self._same:
            self._same[key] = self.note(found, by=about)
        else:
            self._same[key].more += 1
        return self._same[key]

    def refuse(self, found: Problem, outcome: Outcome = Outcome.REFUSED) -> Cause:
        """A fault that costs its row."""
        cause = Cause(found)
        self._told.append(cause)
        self.report.outcomes[cause.place] = outcome
        return cause

    def breaks(self, found: Problem) -> None:
        """A fault of structure: the rest cannot be trusted, nothing is imported."""
        self.refuse(found)
        self.broken = True

    def costs(
        self, cause: Cause, place: Place, name: str, outcome: Outcome = Outcome.REFUSED
    ) -> None:
        """Somebody is left out because of a fault elsewhere."""
        self.report.outcomes[place] = outcome
        if place != cause.place:
            self.report.because[place] = cause.place
            cause.lost.append(name or "没有姓名的人")

    def settle(self) -> None:
        """Tell everything gathered."""
        self.report.problems += [cause.told() for cause in self._told]
