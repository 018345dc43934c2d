"""The school as OneRoster 1.2, complete enough that reading it back changes nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from campus import clock, db
from campus.permissions import Role
from campus.schools.models import School
from campus.tables.cells import inert
from tenants.people.calendar import YEAR_STARTS_MONTH, school_year_of
from tenants.people.models import Guardian, SchoolYear, Term
from tenants.people.naming import entry_label
from tenants.people.surnames import split
from tenants.roster.cell_values import ClassKey
from tenants.roster.oneroster.spec import (
    ABSENT,
    BULK,
    EXTENSIONS,
    HEADERS,
    NAME,
    OTHERS,
    REGISTER,
    RELATIONS,
    SEAT,
    TITLE,
)
from tenants.roster.pupil_numbers import opened_numbers
from tenants.roster.state import HeldPupil, HeldStaff, State, load_state

ROLES = {Role.ADMIN: "siteAdministrator", Role.HEAD: "principal", Role.TEACHER: "teacher"}
SEXES = {0: "unspecified", 1: "male", 2: "female"}
WHOLE_YEAR = "term-year"
Row = Mapping[str, Any]


def oneroster_files() -> dict[str, bytes]:
    """Every file of the entered school by name."""
    state = load_state(clock.today())
    school = db.session().get_one(School, db.school_id())
    rows: dict[str, Iterable[Row]] = {
        "orgs": [{"sourcedId": "org", "name": school.name, "type": "school"}],
        "academicSessions": _sessions(),
        "courses": _courses(state),
        "classes": _classes(state),
        "users": _users(state),
        "roles": _roles(state),
        "enrollments": _enrollments(state),
        "demographics": _demographics(state),
    }
    found = {f"{name}.csv": _file(name, of) for name, of in rows.items()}
    return {"manifest.csv": _manifest(school.slug), **found}


def oneroster_zip() -> bytes:
    """The files in one archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in oneroster_files().items():
            archive.writestr(name, content)
    return out.getvalue()


def _manifest(slug: str) -> bytes:
    kinds = dict.fromkeys(HEADERS, BULK) | dict.fromkeys(OTHERS, ABSENT)
    pairs = [("manifest.version", "1.0"), ("oneroster.version", "1.2")]
    pairs += [(f"file.{name}", kinds[name]) for name in sorted(kinds)]
    pairs += [("source.systemName", "campus"), ("source.systemCode", slug)]
    return _csv(["propertyName", "value"], [{"propertyName": a, "value": b} for a, b in pairs])


def _file(name: str, rows: Iterable[Row]) -> bytes:
    return _csv([*HEADERS[name], *EXTENSIONS.get(name, [])], rows)


def _csv(headers: list[str], rows: Iterable[Row]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, headers, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: inert(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode()


def _sessions() -> Iterator[Row]:
    own = SchoolYear.school_id == db.school_id()
    for year in db.session().scalars(select(SchoolYear).where(own).order_by(SchoolYear.id)):
        yield _session(f"year-{year.id}", year.name, "schoolYear", (year.starts_on, year.ends_on))
    terms = _terms()
    for term in terms:
        days = term.starts_on, term.ends_on
        parent = f"year-{term.year_id}"
        yield _session(f"term-{term.id}", term.name, "term", days, parentSourcedId=parent)
    if not terms:
        yield _year_without_terms()


def _terms() -> Sequence[Term]:
    own = Term.school_id == db.school_id()
    return db.session().scalars(select(Term).where(own).order_by(Term.id)).all()


def _year_without_terms() -> Row:
    """A class must be of some term: where the school has written none, the whole school year."""
    began = school_year_of(clock.today())
    days = (
        date(began, YEAR_STARTS_MONTH, 1),
        date(began + 1, YEAR_STARTS_MONTH, 1) - timedelta(days=1),
    )
    return _session(WHOLE_YEAR, f"{began}—{began + 1} 学年", "term", days)


def _session(
    number: str, title: str, kind: str, days: tuple[date, date], **more: str
) -> dict[str, Any]:
    return {
        "sourcedId": number,
        "title": title,
        "type": kind,
        "startDate": days[0],
        "endDate": days[1],
        "schoolYear": days[1].year,
        **more,
    }


def _courses(state: State) -> Iterator[Row]:
    yield {"sourcedId": "homeroom", "title": "行政班", "orgSourcedId": "org"}
    for subject in _subjects(state):
        yield {
            "sourcedId": f"course-{subject}",
            "title": subject,
            "orgSourcedId": "org",
            "subjects": subject,
            "subjectCodes": subject,
        }


def _subjects(state: State) -> list[str]:
    return sorted({subject for one in state.staff.values() for _, subject in one.teaching})


def _class_id(key: ClassKey) -> str:
    return f"class-{key[0]}-{key[1]}"


def _lesson_id(key: ClassKey, subject: str) -> str:
    return f"{_class_id(key)}-{subject}"


def _classes(state: State) -> Iterator[Row]:
    terms = [f"term-{one.id}" for one in _terms()] or [WHOLE_YEAR]
    common = {"schoolSourcedId": "org", "termSourcedIds": ",".join(terms)}
    for key in sorted(state.classes):
        yield {
            **common,
            "sourcedId": _class_id(key),
            "title": entry_label(*key),
            "courseSourcedId": "homeroom",
            "classType": "homeroom",
        }
    taught = {item for one in state.staff.values() for item in one.teaching}
    for key, subject in sorted(taught):
        yield {
            **common,
            "sourcedId": _lesson_id(key, subject),
            "title": f"{entry_label(*key)} {subject}",
            "courseSourcedId": f"course-{subject}",
            "classType": "scheduled",
            "subjects": subject,
            "subjectCodes": subject,
        }


def _user(number: str, name: str, **more: Any) -> Row:
    family, given = split(name)
    return {
        "sourcedId": number,
        "enabledUser": "true",
        "username": number,
        "givenName": given,
        "familyName": family,
        "primaryOrgSourcedId": "org",
        NAME: name,
        **more,
    }


def _users(state: State) -> Iterator[Row]:
    numbers = opened_numbers()
    ids = _guardian_ids()
    for pupil in state.pupils:
        ties = _ties(pupil)
        yield _user(
            f"pupil-{pupil.id}",
            pupil.name,
            agentSourcedIds=",".join(ids[phone] for phone, _ in ties),
            **{
                RELATIONS: ",".join(relation for _, relation in ties),
                REGISTER: numbers.get((pupil.id, "学籍号"), ""),
            },
        )
    for phone in _guardians(state):
        yield _user(ids[phone], state.guardians[phone], sms=phone)
    for one in state.here():
        yield _user(f"staff-{one.id}", one.name, sms=one.phone, **{TITLE: one.title})


def _guardian_ids() -> dict[str, str]:
    """What a guardian is called in the files, by phone: an id, since ids go to many hands."""
    query = select(Guardian.phone, Guardian.id).where(Guardian.school_id == db.school_id())
    return {row[0]: f"guardian-{row[1]}" for row in db.rows(query)}


def _guardians(state: State) -> list[str]:
    """Phones of those who are somebody's guardian now; who no longer is goes into no file."""
    return sorted({phone for pupil in state.pupils for phone, _ in _ties(pupil)})


def _ties(pupil: HeldPupil) -> list[tuple[str, str]]:
    """(phone, relation) in the order of calling, three at most, as import takes them."""
    held = sorted(pupil.ties.items(), key=lambda item: item[1].contact_order)
    return [(phone, tie.relation) for phone, tie in held if not tie.ended][:3]


def _roles(state: State) -> Iterator[Row]:
    for pupil in state.pupils:
        yield _role(f"pupil-{pupil.id}", "student")
    ids = _guardian_ids()
    for phone in _guardians(state):
        yield _role(ids[phone], "guardian")
    for one in state.here():
        for at, role in enumerate(_staff_roles(one)):
            yield _role(f"staff-{one.id}", role, "secondary" if at else "primary")


def _staff_roles(one: HeldStaff) -> list[str]:
    """Of the roles OneRoster knows; it has none for a 校医 or a 教导主任 who does not teach."""
    return [word for role, word in ROLES.items() if role in one.roles] or ["aide"]


def _role(number: str, role: str, kind: str = "primary") -> Row:
    return {
        "sourcedId": f"{number}-{role}",
        "userSourcedId": number,
        "roleType": kind,
        "role": role,
        "orgSourcedId": "org",
    }


def _enrollments(state: State) -> Iterator[Row]:
    for pupil in state.pupils:
        number = f"pupil-{pupil.id}"
        yield _seat(number, _class_id(pupil.class_key), "student", **{SEAT: pupil.seat_no or ""})
    for one in state.here():
        for key in sorted(one.homerooms):
            yield _seat(f"staff-{one.id}", _class_id(key), "teacher")
        for key, subject in sorted(one.teaching):
            yield _seat(f"staff-{one.id}", _lesson_id(key, subject), "teacher")


def _seat(number: str, class_id: str, role: str, **more: Any) -> Row:
    return {
        "sourcedId": f"{number}-{class_id}",
        "classSourcedId": class_id,
        "schoolSourcedId": "org",
        "userSourcedId": number,
        "role": role,
        "primary": "true",
        **more,
    }


def _demographics(state: State) -> Iterator[Row]:
    for pupil in state.pupils:
        yield {
            "sourcedId": f"pupil-{pupil.id}",
            "birthDate": pupil.birthday or "",
            "sex": SEXES[pupil.sex],
        }
