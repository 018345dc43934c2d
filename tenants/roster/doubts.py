"""What a list leaves open about its children, beside what the school knows: asked or told.

Nobody is enrolled, left out or tied to a phone by a guess (questions.py has the words).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from campus import clock
from tenants.people.naming import class_label
from tenants.roster import questions
from tenants.roster.cell_values import ClassKey
from tenants.roster.questions import BRING, LEAVE_OUT, Takes
from tenants.roster.report import Place, Problem, Question, Report, problem
from tenants.roster.rows import PupilRow
from tenants.roster.state import HeldPupil, State

Pair = tuple[PupilRow, HeldPupil | None]
MOST_NAMED = 12
MANY, MANY_IN_CLASS, STRANGERS = 6, 4, 3
MOST_NAMESAKES = 20
MOST_ALIKE = 50  # of one mark: a list of ten thousand namesakes must end too
STAYS = "系统里这个孩子还在班里：没有改动。如果确实离开了，请在“异动”里办理。"
ABSENT = "{room}有 {many} 个孩子不在这份名单里：{names}。没有改动。"
NAMESAKE = "{room}也有一个{name}，表里没有出生日期和监护人，分不清是不是同一个孩子：当作两个孩子。"


def without_shared_phones(
    rows: list[PupilRow], state: State, report: Report, takes: Takes
) -> list[PupilRow]:
    """The rows without phones that stand beside many unrelated children and were not confirmed."""
    often = Counter([one.phone for row in rows for one in row.guardians])
    shared = {phone for phone, many in often.items() if many >= STRANGERS}
    by_phone: dict[str, list[PupilRow]] = defaultdict(list)
    for row in rows if shared else ():
        for one in row.guardians:
            if one.phone in shared:
                by_phone[one.phone].append(row)
    asked = {phone for phone, children in by_phone.items() if _strangers(children)}
    if not asked:
        return rows
    before = _tied_before(state, asked)
    out = {
        phone
        for phone in asked
        if len(before[phone]) < STRANGERS and not _confirmed(phone, by_phone[phone], report, takes)
    }
    if not out:
        return rows
    return [_without(row, out) for row in rows]


def _strangers(children: list[PupilRow]) -> bool:
    """Many children at all, many in one class, or of several family names: hardly one family."""
    if len(children) >= MANY or len({row.name[:1] for row in children}) >= STRANGERS:
        return True
    rooms: dict[ClassKey, int] = defaultdict(int)
    for row in children:
        rooms[row.class_key] += 1
    return max(rooms.values()) >= MANY_IN_CLASS


def _tied_before(state: State, phones: set[str]) -> dict[str, list[int]]:
    """Children who have such a phone already: somebody confirmed it once."""
    found: dict[str, list[int]] = defaultdict(list)
    for held in state.pupils:
        for phone in phones & held.ties.keys():
            if not held.ties[phone].ended:
                found[phone].append(held.id)
    return found


def _confirmed(phone: str, children: list[PupilRow], report: Report, takes: Takes) -> bool:
    first = children[0]
    place, names = (first.sheet, first.row), _listed(row.name for row in children)
    question = questions.shared_phone(place, phone[-4:], len(children), names)
    answer = takes.get((*place, question.column), "")
    if not answer:
        report.ask(question, f"…{phone[-4:]}")
    return answer == BRING


def _without(row: PupilRow, phones: set[str]) -> PupilRow:
    kept = tuple(one for one in row.guardians if one.phone not in phones)
    return row if len(kept) == len(row.guardians) else row._replace(guardians=kept)


def without_leavers(pairs: list[Pair], report: Report, takes: Takes) -> list[Pair]:
    """The rows without new children who may have left, unless somebody said to bring them."""
    kept = []
    for row, held in pairs:
        if not row.leaving and not row.hidden:
            kept.append((row, held))
            continue
        place = row.sheet, row.row
        if held is not None:
            if row.leaving:
                reason = f"表里写着“{row.leaving[:30]}”，{STAYS}"
                report.problems.append(row.problem("状态", row.leaving[:60], "maybe-left", reason))
            kept.append((row, held))
            continue
        by_mark = bool(row.leaving)
        question = questions.leaving(place, row.leaving) if by_mark else questions.hidden(place)
        if brought(question, report, takes, value=row.leaving[:60]):
            kept.append((row, held))
    return kept


def settle_namesakes(
    rows: list[PupilRow], held: list[HeldPupil], report: Report, takes: Takes
) -> list[Pair]:
    """Which of several children of one name and class a row means: nobody but a person knows."""
    free = {questions.one_of_ours(one.id): one for one in held}
    names = [(one.id, _told(one)) for one in held]
    pairs: list[Pair] = []
    for row in rows:
        question = questions.namesakes((row.sheet, row.row), row.name, names)
        answer = takes.get((*question.place, question.column), "")
        if answer in free:
            pairs.append((row, free.pop(answer)))
        elif brought(question, report, takes, value=row.name):
            pairs.append((row, None))
    return pairs


def _told(one: HeldPupil) -> str:
    seat = f"{one.seat_no} 号的" if one.seat_no else "没有座号的"
    born = f"（{one.birthday:%Y-%m-%d} 生）" if one.birthday else ""
    return f"{seat}{one.name}{born}"


def without_moved(pairs: list[Pair], state: State, report: Report, takes: Takes) -> list[Pair]:
    """The rows without new children who have name and birthday of one in another class: most likely
    they have moved, unless somebody says that it is another child."""
    met = {held.id for _, held in pairs if held is not None}
    elsewhere = {
        (held.name, held.birthday): held
        for held in state.pupils
        if held.birthday and held.id not in met
    }
    kept = []
    for row, held in pairs:
        born = row.birthday if held is None else None
        other = elsewhere.get((row.name, born)) if born else None
        if other is not None:
            room = class_label(*other.class_key, clock.today())
            question = questions.maybe_moved((row.sheet, row.row), room)
            if not brought(question, report, takes, value=row.name):
                continue
        kept.append((row, held))
    return kept


def brought(question: Question, report: Report, takes: Takes, value: str = "") -> bool:
    """Whether the row goes on; without an answer it waits."""
    answer = takes.get((*question.place, question.column), "")
    if answer == LEAVE_OUT:
        report.leave_out(question.place, "您选择了不导入这一行。")
    elif answer != BRING:
        report.ask(question, value)
    return answer == BRING


def without_doubles(pairs: list[Pair], report: Report, takes: Takes) -> list[Pair]:
    """The rows without new children who seem to stand in two classes, until somebody says which."""
    often = Counter([row.name for row, _ in pairs])
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs if len(often) < len(pairs) else ():
        if often[pair[0].name] > 1:
            groups[pair[0].name].append(pair)
    out: set[Place] = set()
    namesakes = 0
    for group in groups.values():
        if len({row.class_key for row, _ in group}) < 2:
            continue
        alike = _by_mark(row for row, _ in group)
        for row, held in group:
            same = _elsewhere(row, alike) if held is None else []
            if same:
                question = questions.in_two_classes((row.sheet, row.row), row.name, _rooms(same))
                if not brought(question, report, takes):
                    out.add((row.sheet, row.row))
        namesakes += _tell_namesake(group, report) if namesakes < MOST_NAMESAKES else 0
    if not out:
        return pairs
    return [pair for pair in pairs if (pair[0].sheet, pair[0].row) not in out]


def _marks(row: PupilRow) -> Iterator[object]:
    """What one child has the same of in two rows: numbers, the birthday, a guardian's phone."""
    yield from filter(None, (row.id_number, row.register_number, row.birthday))
    for one in row.guardians:
        yield one.phone


def _by_mark(rows: Iterable[PupilRow]) -> dict[object, list[PupilRow]]:
    found: dict[object, list[PupilRow]] = defaultdict(list)
    for row in rows:
        for mark in _marks(row):
            if len(found[mark]) < MOST_ALIKE:
                found[mark].append(row)
    return found


def _elsewhere(row: PupilRow, alike: dict[object, list[PupilRow]]) -> list[PupilRow]:
    """Rows of the same name in other classes that seem to be the same child."""
    return [
        one
        for mark in _marks(row)
        for one in alike[mark]
        if one.class_key != row.class_key and _one_child(row, one)
    ]


def _one_child(one: PupilRow, other: PupilRow) -> bool:
    """Same name, another class: the same number, birthday or guardian makes it one child."""
    for first, second in (
        (one.id_number, other.id_number),
        (one.register_number, other.register_number),
        (one.birthday, other.birthday),
    ):
        if first and second:
            return first == second
    phones = {guardian.phone for guardian in one.guardians}
    return any(guardian.phone in phones for guardian in other.guardians)


def _tell_namesake(group: list[Pair], report: Report) -> int:
    """Say that two rows of a name cannot be told apart; how many were said."""
    bare = [
        row
        for row, held in group
        if held is None and not (row.birthday or row.guardians or row.id_number)
    ]
    if len(bare) < 2 or len({row.class_key for row in bare}) < 2:
        return 0
    first, second = bare[0], bare[-1]
    reason = NAMESAKE.format(room=_rooms([first]), name=first.name)
    report.problems.append(second.problem("姓名", second.name, "namesake-elsewhere", reason))
    return 1


def _rooms(rows: Iterable[PupilRow]) -> str:
    today = clock.today()
    return "、".join(dict.fromkeys(class_label(*row.class_key, today) for row in rows))


def tell_absent(rows: list[PupilRow], met: set[int], state: State, report: Report) -> None:
    """Say which children of a listed class the list does not have; nothing is done about them."""
    listed: dict[ClassKey, str] = {}
    named: set[tuple[ClassKey, str]] = set()
    for row in rows:
        listed.setdefault(row.class_key, row.sheet)
        named.add((row.class_key, row.name))
    absent: dict[ClassKey, list[str]] = defaultdict(list)
    for held in state.pupils:
        if held.id in met or (held.class_key, held.name) in named:
            continue
        if held.class_key in listed:
            absent[held.class_key].append(held.name)
    for key, names in absent.items():
        report.problems.append(_absent(listed[key], key, names))


def _absent(sheet: str, key: ClassKey, names: list[str]) -> Problem:
    room = class_label(*key, clock.today())
    reason = ABSENT.format(room=room, many=len(names), names=_listed(names))
    return problem((sheet, 1), "名单", "", "absent-from-list", reason)


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    return "、".join(every[:MOST_NAMED]) + ("等" if len(every) > MOST_NAMED else "")
