"""The go-live list: what must be there, what may follow, and why, in plain words.

Red (must) holds the school back: without it pages would be wrong or the law broken. Yellow (later)
is carried along, knowingly, and stays on the list and in the settings until it is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from campus.schools.models import School
from tenants.setup.queries import Figures, answers_of_all, figures
from tenants.setup.schemas import FILINGS
from tenants.setup.steps import BY_KEY

# ICP and 等保 are prerequisites of the filings, 提供者备案 comes before use; the school's own
# 使用者备案 names the app in use and may follow. 教技厅〔2019〕3号.
REQUIRED_FILINGS = frozenset({"icp", "security", "provider"})
LAW = "教技厅〔2019〕3 号"
OFFICER = "儿童个人信息保护负责人与规则"
CHILDREN = "儿童个人信息网络保护规定第 8–10 条"


class Level(StrEnum):
    """How an item stands."""

    OK = "ok"
    LATER = "later"
    MUST = "must"


TITLES = {Level.OK: "好了", Level.LATER: "待补", Level.MUST: "还差"}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list; ``step`` is where it is put right, ``why`` which rule asks for it."""

    key: str
    step: str
    title: str
    level: Level
    words: str
    why: str = ""

    @property
    def state(self) -> str:
        """好了, 待补 or 还差."""
        return TITLES[self.level]


Answers = Mapping[str, Mapping[str, Any]]


def checklist(school: School) -> list[Item]:
    """The list of the entered school, in the order of the steps."""
    answers, counted = answers_of_all(), figures()
    return [
        *_said(answers),
        *_calendar(counted),
        _look(school),
        *_privacy(answers.get("privacy", {})),
        *_people(counted),
    ]


def _required(good: bool) -> Level:
    return Level.OK if good else Level.MUST


def _said(answers: Answers) -> Iterator[Item]:
    for key in ("identity", "stages"):
        said = key in answers
        yield Item(key, key, BY_KEY[key].title, _required(said), "已填写" if said else "还没有填写")


def _calendar(counted: Figures) -> Iterator[Item]:
    words = "本学年或下学年的学期已排好" if counted.terms else "还没有设今天以后的学期"
    yield Item("calendar", "calendar", "学年与学期", _required(counted.terms > 0), words)
    words = f"{counted.subjects} 门" if counted.subjects else "还没有科目"
    yield Item("subjects", "subjects", "科目", _required(counted.subjects > 0), words)


def _look(school: School) -> Item:
    words = "已上传校徽" if school.logo_key else "没有校徽，先用校名的第一个字"
    return Item("look", "look", "标志与颜色", Level.OK, words)


def _privacy(said: Mapping[str, Any]) -> Iterator[Item]:
    officer = bool(said.get("officer"))
    words = "负责人已公布，规则已发布" if officer else "还没有指定负责人"
    yield Item("officer", "privacy", OFFICER, _required(officer), words, CHILDREN)
    for key, title in FILINGS.items():
        number = said.get(key, "")
        level = Level.MUST if key in REQUIRED_FILINGS else Level.LATER
        if number:
            level = Level.OK
        missing = said.get(f"{key}_reason") or "还没有填写"
        yield Item(key, "privacy", title, level, number or f"暂时没有：{missing}", LAW)


def _people(counted: Figures) -> Iterator[Item]:
    words = f"{counted.pupils} 名学生，{counted.classes} 个班" if counted.pupils else "还没有学生"
    yield Item("roster", "roster", "名册", _required(counted.pupils > 0), words)
    words = f"{counted.staff} 位教职工" if counted.staff else "还没有教职工"
    yield Item("staff", "staff", "教职工", _required(counted.staff > 0), words)
    bare = counted.headless
    yield Item(
        "homeroom",
        "staff",
        "班主任",
        Level.LATER if bare else Level.OK,
        f"{bare} 个班还没有班主任" if bare else "每个班都有班主任",
    )
    words = f"{counted.joined} 位家长已加入，上线以后可以继续邀请"
    yield Item("families", "families", "邀请家长", Level.OK, words)


def worst(items: list[Item]) -> Level:
    """How a step stands as a whole: by its worst line."""
    levels = {item.level for item in items}
    return next((one for one in (Level.MUST, Level.LATER) if one in levels), Level.OK)
