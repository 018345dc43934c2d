"""Moments and days in SQL: a column of moments refuses a date, and the other way round.

PostgreSQL would take the date for midnight in the zone of the session, which is not the school's:
at half past seven in the morning ``created_at >= current_date`` still means yesterday. So a
comparison says which of the two it means: ``Praise.created_at >= begins(DAY)`` or
``day_of(Praise.created_at) == DAY``. The same in Python is `campus.clock`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Function, cast, func

from campus.clock import SHANGHAI

REFUSED = "a moment compared with a day: use campus.moments.begins(day) or day_of(moment)"


class _Apart:
    """A comparator that refuses the other kind while the statement is put together."""

    def operate(self, op: Any, *other: Any, **options: Any) -> Any:
        """``column <op> other``."""
        for one in other:
            for value in one if isinstance(one, list | tuple | set) else (one,):
                self._check(value)
        return super().operate(op, *other, **options)  # type: ignore[misc]

    def reverse_operate(self, op: Any, other: Any, **options: Any) -> Any:
        """``other <op> column``."""
        self._check(other)
        return super().reverse_operate(op, other, **options)  # type: ignore[misc]

    def _check(self, value: Any) -> None:
        mine, kind = isinstance(self.type, DateTime), getattr(value, "type", None)  # type: ignore[attr-defined]
        if isinstance(value, date):
            other = isinstance(value, datetime) != mine
        else:
            other = isinstance(kind, Date if mine else DateTime)
        if other:
            raise TypeError(REFUSED)


class Moment(DateTime):
    """A point in time, with its zone. Raises TypeError when it is compared with a day."""

    class Comparator(_Apart, DateTime.Comparator[datetime]):
        """Refuses days."""

    comparator_factory = Comparator

    def __init__(self, timezone: bool = True) -> None:
        super().__init__(timezone=timezone)


class Day(Date):
    """A date of the calendar. Raises TypeError when it is compared with a moment."""

    class Comparator(_Apart, Date.Comparator[date]):
        """Refuses moments."""

    comparator_factory = Comparator


def begins(day: Any) -> Function[datetime]:
    """The moment in which ``day`` (a column or parameter of dates) begins in the school."""
    # Cast first: PostgreSQL would otherwise read the date in the session's zone.
    midnight = cast(day, DateTime(timezone=False))
    return func.timezone(SHANGHAI.key, midnight, type_=Moment())


def day_of(moment: Any) -> Any:
    """The school's day that ``moment`` (a column of moments) falls on."""
    return cast(func.timezone(SHANGHAI.key, moment), Day)
