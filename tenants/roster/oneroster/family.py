"""Whose guardian somebody is: the agents of a child, in the order they are listed."""

from __future__ import annotations

from collections.abc import Iterator

from tenants.roster import cell_values
from tenants.roster.cell_values import BadCell
from tenants.roster.oneroster.book import Book, full_name
from tenants.roster.oneroster.records import Record
from tenants.roster.oneroster.spec import PARENTS, RELATIONS, STUDENT, listed
from tenants.roster.rows import GuardianCells

MOST_GUARDIANS = 3
WITHOUT = "这位监护人没有导入，孩子照常导入。"


def written_with_parents(book: Book) -> dict[str, list[Record]]:
    """Children by id with the parents in whose row they are listed: the wrong way round."""
    found: dict[str, list[Record]] = {}
    for one in book.files["users"]:
        if one.gone or not book.roles[one.id] & PARENTS:
            continue
        for aim in listed(one["agentSourcedIds"]):
            if STUDENT not in book.roles.get(aim, ()):
                continue
            found.setdefault(aim, []).append(one)
            reason = (
                "这里写的是学生：监护人应写在学生那一行。这里倒过来读了，"
                f"把{full_name(one)}记作{full_name(book.users[aim])}的监护人。"
            )
            book.faults.note(one.problem("agentSourcedIds", "agent-child", reason), by=aim)
    return found


def guardians_of(
    book: Book, one: Record, turned: dict[str, list[Record]]
) -> tuple[GuardianCells, ...]:
    """A child's guardians, three at most; who cannot be called is told and left out."""
    found: list[GuardianCells] = []
    for agent, word in _agents(book, one, turned):
        phone = _phone(book, agent)
        if not phone:
            continue
        if any(phone == other.phone for other in found):
            reason = f"{full_name(agent)}的手机号与前一位监护人相同：只导入前一位。"
            book.faults.note(one.problem("agentSourcedIds", "phone-twice", reason))
        elif len(found) == MOST_GUARDIANS:
            reason = f"监护人超过 {MOST_GUARDIANS} 位，只导入前 {MOST_GUARDIANS} 位。"
            book.faults.note(one.problem("agentSourcedIds", "guardians-many", reason))
            break
        else:
            name, relation = cell_values.name(full_name(agent)), _relation(book, one, word)
            found.append(GuardianCells(len(found) + 1, name, relation, phone))
    return tuple(found)


def _agents(
    book: Book, one: Record, turned: dict[str, list[Record]]
) -> Iterator[tuple[Record, str]]:
    """The people a child's row lists, each with the word for the relation."""
    relations = one[RELATIONS].split(",") if one[RELATIONS] else []
    seen = set()
    for at, aim in enumerate(listed(one["agentSourcedIds"])):
        agent = book.users.get(aim)
        if agent is None or agent.gone or aim in seen:
            continue
        if aim == one.id or STUDENT in book.roles[aim]:
            reason = f"“{aim[:40]}”（{full_name(agent)}）是学生，不能是监护人：没有导入这一项。"
            book.faults.note(one.problem("agentSourcedIds", "agent-student", reason), by=aim)
            continue
        seen.add(aim)
        yield agent, relations[at] if at < len(relations) else ""
    yield from ((agent, "") for agent in turned.get(one.id, ()) if agent.id not in seen)


def _phone(book: Book, agent: Record) -> str:
    """The number of a guardian, or nothing: said once, however many children they have."""
    column = "sms" if agent["sms"] else "phone"
    for title, parse, text in (
        ("familyName", cell_values.name, full_name(agent)),
        (column, cell_values.phone, agent[column]),
    ):
        try:
            read = parse(text)
        except BadCell as error:
            reason = f"{error.reason}{WITHOUT}"
            agent.gone = book.faults.note(agent.problem(title, error.code, reason))
            return ""
    return read


def _relation(book: Book, one: Record, word: str) -> str:
    try:
        return cell_values.relation(word)
    except BadCell as error:
        reason = f"{error.reason}这里记作监护人。"
        book.faults.note(one.problem(RELATIONS, error.code, reason))
        return cell_values.relation("")


def tell_unmet(book: Book, turned: dict[str, list[Record]]) -> None:
    """Parents whom no child's row lists come in with nobody; they are counted, not dropped."""
    met = book.agents | {one.id for parents in turned.values() for one in parents}
    for one in book.files["users"]:
        roles = book.roles[one.id]
        if roles and roles <= PARENTS and one.id not in met and not one.gone:
            reason = "没有学生把这个人写作监护人（agentSourcedIds）：没有导入。"
            book.faults.note(one.problem("sourcedId", "parent-alone", reason), by="")
