"""The calendar as the tables have it: the years, their terms, the days unlike others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select

from campus import clock, db
from campus.errors import NotFound
from tenants.people.calendar import school_year_of
from tenants.people.days import specials
from tenants.people.models import CalendarDay, SchoolYear, Term
from tenants.setup.special import rows_of

TERMS_A_YEAR = 2


def held_year(year: int) -> SchoolYear | None:
    """The year that began in this calendar year, whenever its first day was."""
    return db.session().scalar(
        select(SchoolYear).where(
            SchoolYear.school_id == db.school_id(),
            SchoolYear.starts_on.between(date(year, 8, 1), date(year + 1, 7, 31)),
        )
    )


def terms_of(year_id: int) -> Sequence[Term]:
    """A year's terms in their order."""
    return (
        db.session()
        .scalars(
            select(Term)
            .where(Term.school_id == db.school_id(), Term.year_id == year_id)
            .order_by(Term.starts_on)
        )
        .all()
    )


def year_began(year: SchoolYear) -> int:
    """The calendar year a school year is called by; it may begin in the last days of August."""
    return year.starts_on.year if year.starts_on.month >= 8 else school_year_of(year.starts_on)


def reach_term(term_id: int) -> tuple[Term, SchoolYear]:
    """A term of the entered school and its year. Raises NotFound."""
    within = db.on(Term, SchoolYear, "year_id")
    found = (
        db.session()
        .execute(
            select(Term, SchoolYear)
            .join(SchoolYear, within)
            .where(Term.school_id == db.school_id(), Term.id == term_id)
        )
        .one_or_none()
    )
    if found is None:
        raise NotFound
    return found[0], found[1]


def shown_year() -> SchoolYear | None:
    """The year the form shows: the one that runs, else the next, else the last."""
    over = SchoolYear.ends_on < clock.today()
    return db.session().scalar(
        select(SchoolYear)
        .where(SchoolYear.school_id == db.school_id())
        .order_by(over, func.abs(SchoolYear.starts_on - clock.today()))
        .limit(1)
    )


def year_values(year: SchoolYear) -> dict[str, Any] | None:
    """A year as the form has it; None for one that has not the usual two terms."""
    terms = terms_of(year.id)
    if len(terms) != TERMS_A_YEAR:
        return None
    first, second = terms
    return {
        "year": str(year_began(year)),
        "first_starts": first.starts_on.isoformat(),
        "first_ends": first.ends_on.isoformat(),
        "second_starts": second.starts_on.isoformat(),
        "second_ends": second.ends_on.isoformat(),
        **rows_of(specials(first.starts_on, second.ends_on)),
    }


def term_values(term: Term) -> dict[str, Any]:
    """A term as its form has it."""
    return {
        "starts": term.starts_on.isoformat(),
        "ends": term.ends_on.isoformat(),
        **rows_of(specials(term.starts_on, term.ends_on)),
    }


@dataclass(frozen=True, slots=True)
class TermLine:
    """A term in the list; how many days it has off and made up."""

    id: int
    title: str
    starts_on: date
    ends_on: date
    off: int
    made_up: int


def term_lines() -> list[TermLine]:
    """Every term of the school, the newest year first."""
    rows = db.rows(
        select(
            Term.id,
            SchoolYear.name + " " + Term.name,
            Term.starts_on,
            Term.ends_on,
            func.count(CalendarDay.day) - func.count(CalendarDay.weekday),
            func.count(CalendarDay.weekday),
        )
        .join(SchoolYear, db.on(Term, SchoolYear, "year_id"))
        .outerjoin(
            CalendarDay,
            and_(
                CalendarDay.school_id == Term.school_id,
                CalendarDay.day.between(Term.starts_on, Term.ends_on),
            ),
        )
        .where(Term.school_id == db.school_id())
        .group_by(
            Term.id, SchoolYear.name, SchoolYear.starts_on, Term.name, Term.starts_on, Term.ends_on
        )
        .order_by(SchoolYear.starts_on.desc(), Term.starts_on)
    )
    return [TermLine(*row) for row in rows]
