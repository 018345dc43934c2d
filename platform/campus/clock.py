"""Time as the school lives it: Asia/Shanghai on screens, UTC in rows; one place to ask for now."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"
# A day or a zone can be added to any moment of these without leaving what a date can be.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
BEYOND = "日期应在 1900 年到 2199 年之间。"


def now() -> datetime:
    """The current moment, in Shanghai."""
    return datetime.now(SHANGHAI)


def today() -> date:
    """The school's calendar day."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The school's calendar day that a moment falls on: rows carry whatever zone the server has."""
    return moment.astimezone(SHANGHAI).date()


def begins(value: date) -> datetime:
    """The moment in which a day of the school begins, to compare moments with."""
    return datetime.combine(value, time(), SHANGHAI)


def believable(day: date) -> bool:
    """Whether a day or a moment that somebody wrote is in the years we reckon with."""
    return FIRST_DAY.year <= day.year <= LAST_DAY.year


def day_in(text: str) -> date | None:
    """The day a text says (``2026-09-01``); None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if believable(day) else None


def moment_in(text: str) -> datetime | None:
    """The moment a text says, in Shanghai if it names no zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not believable(moment):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def hm(moment: datetime) -> str:
    """``08:02``."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.hour:02}:{local.minute:02}"


def date_words(value: date) -> str:
    """``11月23日``."""
    if isinstance(value, datetime):
        value = day_of(value)
    return f"{value.month}月{value.day}日"


def day(value: date) -> str:
    """``11月23日 星期一``."""
    if isinstance(value, datetime):
        value = day_of(value)
    return f"{date_words(value)} 星期{WEEKDAYS[value.weekday()]}"


def ago(moment: datetime, at: datetime | None = None) -> str:
    """``刚刚``, ``12分钟前``, ``今天 14:35``, ``昨天 10:12``, ``11月20日``, ``2025年9月1日``."""
    local, current = moment.astimezone(SHANGHAI), (at or now()).astimezone(SHANGHAI)
    seconds = (current - local).total_seconds()
    if 0 <= seconds < 60:
        return "刚刚"
    if 0 <= seconds < 3600:
        return f"{int(seconds // 60)}分钟前"
    if local.date() == current.date():
        return f"今天 {hm(local)}"
    if local.date() == current.date() - timedelta(days=1):
        return f"昨天 {hm(local)}"
    if local.year == current.year:
        return date_words(local)
    return f"{local.year}年{date_words(local)}"
