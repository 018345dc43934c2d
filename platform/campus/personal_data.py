"""What each part of the house keeps of people, as that part says in its `personal_data.py`.

    PERSONAL_DATA = PersonalData({"honour": Rule(Kept.CONSENT, "荣誉")}, collect=_honours)

Taking away, erasing and retention (`tenants/privacy`) ask this registry and know no other part's
tables. `create_app` and the command line register every capability, so pages, jobs and commands
see the same. Rows that point at a pupil or a guardian by foreign key are erased without a word
more; what no key leads to is said here. docs/retention.md explains the classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import Any

from campus import db
from campus.erasure import Attachment, Erasure, Subject


class Kept(StrEnum):
    """The retention class of a table: why it is kept, and what ends that."""

    CONSENT = "consent"
    DUTY = "duty"
    PERSON = "person"
    HOUSE = "house"
    LOG = "log"
    SHORT = "short"


PERIODS = {
    Kept.CONSENT: "在校期间；撤回同意或离校后按申请删除",
    Kept.DUTY: "按学籍和档案规定；离校后按申请删除",
    Kept.PERSON: "有这个身份期间",
    Kept.HOUSE: "学校使用期间",
    Kept.LOG: "至少六个月；删除学校时换成去掉姓名的封存行",
    Kept.SHORT: "几分钟到几天",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One table of a school: its class, what it is in words, how long it stays.

    ``account`` names the column with the account whose rows go when that account leaves the
    school. ``left_out`` is the reason why the table is not in the zip of a whole school.
    """

    kept: Kept
    title: str
    how_long: str = ""
    account: str = ""
    left_out: str = ""

    @property
    def period(self) -> str:
        """How long, in words."""
        return self.how_long or PERIODS[self.kept]


@dataclass(frozen=True, slots=True)
class AccountRule:
    """A table without a school: what happens to it when a person's last school is gone.

    ``own`` says in words what it holds when all of it is one person's own and goes with them.
    """

    fate: str
    own: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a child's book is made; by itself, for the school.

    Without ``health`` days of illness are days of leave. ``guardians`` are the rows of guardians
    the reader may know of, None means all.
    """

    health: bool = True
    guardians: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the book: a sheet of pupil.xlsx and, without a template, of the page too."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An object of the store under the name it has in a zip."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A capability's part of a child's book (docs/takeaway.md).

    ``template`` draws it, with ``context`` as ``chapter``; without one the sheets are drawn.
    ``data`` becomes ``chapters/NAME/data.json`` beside the ``files``, which keep to short ASCII
    names. ``fields`` is only for the capabilities whose fields stand in data.json, version 1: it
    gets the sum of every file written, and then files are named from the root of the zip.
    """

    sheets: tuple[Sheet, ...] = ()
    files: tuple[StoredFile, ...] = ()
    data: Any = None
    template: str = ""
    context: Any = None
    fields: Callable[[Mapping[str, str]], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Everything one capability keeps of people; every callable is asked in the school entered.

    ``accounts``         its tables without a school
    ``collect``          its chapter in the book of a pupil, or None
    ``erase_consented``  erases of a pupil what rests on consent and no foreign key leads to
    ``erase_account``    erases what an account leaves behind when it leaves the school
    ``erase_traces``     erases what names a person without pointing at their row
    ``same_child``       other rows of the same child that were merged into this one
    ``attachment``       its table of files that other tables point at
    ``standing_files``   keys of objects that the sweep of the store leaves alone
    ``school_files``     objects that go along with a whole school
    ``school_parts``     parts made for the zip of a whole school
    """

    tables: Mapping[str, Rule] = field(default_factory=dict)
    accounts: Mapping[str, AccountRule] = field(default_factory=dict)
    collect: Callable[[int, Reader], Chapter | None] | None = None
    erase_consented: Callable[[Erasure, int], None] | None = None
    erase_account: Callable[[Erasure, int], None] | None = None
    erase_traces: Callable[[Erasure, Subject], None] | None = None
    same_child: Callable[[int], Iterable[int]] | None = None
    attachment: Attachment | None = None
    standing_files: Callable[[], db.AnySelect] | None = None
    school_files: Callable[[], Iterable[StoredFile]] | None = None
    school_parts: Callable[[], Mapping[str, str | bytes]] | None = None


DECLARED: dict[str, PersonalData] = {}


def register(name: str, data: PersonalData) -> None:
    """Let a capability's declaration stand. Raises ValueError for a table that two declare."""
    here = data.tables.keys() | data.accounts.keys()
    for other, said in DECLARED.items():
        if other != name and (twice := here & (said.tables.keys() | said.accounts.keys())):
            raise ValueError(f"{name} and {other} both declare {', '.join(sorted(twice))}")
    DECLARED[name] = data


def rules() -> dict[str, Rule]:
    """The rule of every table of a school."""
    return {name: rule for data in DECLARED.values() for name, rule in data.tables.items()}


def account_rules() -> dict[str, AccountRule]:
    """The rule of every table without a school."""
    return {name: rule for data in DECLARED.values() for name, rule in data.accounts.items()}


def own_tables() -> dict[str, str]:
    """Tables without a school that hold only one person's own things, in words."""
    return {name: rule.own for name, rule in account_rules().items() if rule.own}


def title(table: str) -> str:
    """A table of a school in words; empty for one that nobody declared."""
    rule = rules().get(table)
    return rule.title if rule else ""


def attachments() -> Iterator[Attachment]:
    """Every table of files that others point at."""
    for data in DECLARED.values():
        if data.attachment is not None:
            yield data.attachment


def children_first() -> Iterator[PersonalData]:
    """Every declaration in the order in which rows can be erased, as foreign keys demand."""
    owner = {table: name for name, data in DECLARED.items() for table in data.tables}
    graph: dict[str, set[str]] = {name: set() for name in DECLARED}
    for table in db.Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            child, parent = owner.get(table.name), owner.get(key.column.table.name)
            if child and parent and child != parent:
                graph[parent].add(child)
    for name in TopologicalSorter(graph).static_order():
        yield DECLARED[name]
