"""Which guardian a column belongs to: by what its heading names, else by where it stands.

A heading that names somebody (母亲电话, 家长2, 监护人姓名) belongs to that guardian. One that names
nobody (关系, 电话, a second 姓名) belongs to the nearest guardian before it; a repeat starts the
next. Where that is not certain, as with one phone behind two parents, the column is left to
nobody in particular (`LONE_PHONE`) and each row tells what can be told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tenants.roster.titles import (
    GUARDIAN_SLOTS,
    LONE_PHONE,
    NAME,
    OTHER,
    PHONE,
    RELATION,
    Title,
)

OF_GUARDIAN = "监护人的这一项系统不用。"
FOURTH = "监护人最多三位，这是第四位或更后面的，没有导入。"
SPARE_PHONE = "每位监护人只记一个手机号，这是备用的，没有导入。"
PUPILS_OWN = "这是学生自己的电话，不是监护人的，没有导入。"
SECOND = "同一位监护人的这一项已经有一列了，没有导入。"
WHOSE = "不知道是哪一位监护人的关系，没有导入。"
# Columns that may hold somebody's only number: told, not merely listed.
WORTH_TELLING = frozenset({FOURTH, SPARE_PHONE, PUPILS_OWN, SECOND, WHOSE})


@dataclass(slots=True)
class Guardian:
    """The columns of one guardian; ``key`` is what headings call them, empty for nobody's name."""

    key: str
    number: int = 0
    relation: str = ""
    places: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Found:
    """Field → position, relations that headings tell, and columns left out with the reason."""

    places: dict[str, int] = field(default_factory=dict)
    relations: dict[str, str] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)


def guardian_columns(titles: Sequence[tuple[int, Title]]) -> Found:
    """Settle the columns whose headings speak of guardians, in the order they stand."""
    return _Grouping(titles).found()


class _Grouping:
    """Guardians as they come up from left to right."""

    def __init__(self, titles: Sequence[tuple[int, Title]]) -> None:
        self.titles = [(at, one) for at, one in titles]
        self.guardians: list[Guardian] = []
        self.left: dict[int, str] = {}
        self.lone: list[int] = []
        self._phones: list[int] = []  # a run of phones that name nobody
        self._waiting: int | None = None  # a 关系 that stands before its guardian
        self._named = {one.anybody for _, one in titles if one.what == NAME and not one.related}
        self._with_phone = {_key(one) for _, one in titles if one.what == PHONE and not one.bare}

    def found(self) -> Found:
        for at, one in self.titles:
            if one.pupil:
                self.left[at] = PUPILS_OWN
            elif one.what == OTHER:
                self.left[at] = OF_GUARDIAN
            elif one.what == PHONE and one.spare:
                self.left[at] = SPARE_PHONE
            else:
                self._take(at, one)
        self._settle_phones()
        self._settle_lone()
        return self._slotted()

    def _take(self, at: int, one: Title) -> None:
        if one.what == PHONE and one.bare:
            self._phones.append(at)
            return
        if one.what == NAME or not one.bare:
            self._settle_phones()
        guardian = self._whose(one)
        if guardian is None:
            if one.what == RELATION:
                self._waiting = at
            elif one.what == PHONE:
                self.lone.append(at)
        elif one.what in guardian.places:
            self.left[at] = SECOND
        else:
            guardian.places[one.what] = at

    def _whose(self, one: Title) -> Guardian | None:
        if one.related or one.number:
            return self._called(one)
        if one.anybody:
            return self._anybody(one)
        last = self.guardians[-1] if self.guardians else None
        if one.what == NAME:
            return self._begin("")
        return None if last is None or one.what in last.places else last

    def _called(self, one: Title) -> Guardian:
        key = _key(one)
        same = [held for held in self.guardians if held.key == key]
        if one.number and not one.related:
            if not same and not one.anybody:
                nth = self.guardians[one.number - 1 : one.number]
                if nth and not nth[0].number and one.what not in nth[0].places:
                    return nth[0]
            if same and one.what in same[-1].places and one.what == NAME:
                same = []  # 监护人1 and 联系人1 are two people
        return same[-1] if same else self._begin(key, one)

    def _anybody(self, one: Title) -> Guardian | None:
        same = [held for held in self.guardians if held.key == one.anybody]
        free = [held for held in same if one.what not in held.places]
        if free:
            return free[0]
        if one.what != NAME and one.anybody not in self._named:
            last = self.guardians[-1] if self.guardians else None
            if last is not None and one.what not in last.places:
                return None if one.what == PHONE and self._other_phone(last) else last
            if last is not None and one.what == PHONE and not same:
                return None
        return self._begin(one.anybody, one)

    def _other_phone(self, guardian: Guardian) -> bool:
        """Whether another heading holds this guardian's phone, or others wait for one too."""
        if guardian.key in self._with_phone:
            return True
        return sum(PHONE not in one.places for one in self.guardians) > 1

    def _begin(self, key: str, one: Title = Title()) -> Guardian:  # noqa: B008 - immutable
        guardian = Guardian(key, 0 if one.related else one.number, one.related)
        if self._waiting is not None and one.what != RELATION:
            guardian.places[RELATION] = self._waiting
            self._waiting = None
        self.guardians.append(guardian)
        return guardian

    def _settle_phones(self) -> None:
        """Give a run of phones to the guardians before it who have none, if that is certain."""
        run, self._phones = self._phones, []
        open_ones = [
            one
            for one in self.guardians
            if PHONE not in one.places and (not one.key or one.key not in self._with_phone)
        ]
        if not run:
            return
        if open_ones and len(run) >= len(open_ones):
            for guardian, at in zip(open_ones, run, strict=False):
                guardian.places[PHONE] = at
            run = run[len(open_ones) :]
        self.lone += run

    def _settle_lone(self) -> None:
        """Phones of nobody: guardians by themselves where a file knows no other."""
        lone = sorted(self.lone)
        if not self.guardians:
            for at in lone:
                self._begin("").places[PHONE] = at
            lone = []
        elif len(self.guardians) == 1 and lone and PHONE not in self.guardians[0].places:
            self.guardians[0].places[PHONE] = lone.pop(0)
        if self._waiting is not None:
            self.left[self._waiting] = WHOSE
        self.lone = lone[:1]
        for at in lone[1:]:
            self.left[at] = SPARE_PHONE

    def _slotted(self) -> Found:
        found = Found(left=self.left)
        if self.lone:
            found.places[LONE_PHONE] = self.lone[0]
        for slot, guardian in self._slots():
            for what, at in guardian.places.items():
                if slot is None:
                    found.left[at] = FOURTH
                else:
                    found.places[f"监护人{slot}{what}"] = at
            if slot is not None and guardian.relation:
                found.relations[f"监护人{slot}关系"] = guardian.relation
        return found

    def _slots(self) -> Iterator[tuple[int | None, Guardian]]:
        """By the number a heading gives, the others in their order."""
        free = list(GUARDIAN_SLOTS)
        later = []
        for one in self.guardians:
            if not one.places:
                continue
            if one.number in free:
                free.remove(one.number)
                yield one.number, one
            else:
                later.append(one)
        for one in later:
            yield (free.pop(0) if free else None), one


def _key(one: Title) -> str:
    return one.related or (str(one.number) if one.number else one.anybody)
