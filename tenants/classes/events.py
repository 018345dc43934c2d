"""What happens in a class, told inside the transaction; the capabilities above listen.

`classes` never learns who listens: growth makes a record of praise, messages make news of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from blinker import Namespace

from campus.actor import Actor

# What open pages are hinted at (see campus.outbox); those above hear the signals below.
ATTENDANCE_CHANGED = "attendance.changed"
PRAISE_CHANGED = "praise.changed"

_signals = Namespace()
praise_awarded = _signals.signal("classes.praise-awarded")
praise_retracted = _signals.signal("classes.praise-retracted")


class PraisedPupil(NamedTuple):
    """One of the children, and the accounts of the guardians who have joined."""

    id: int
    name: str
    families: list[int]


@dataclass(frozen=True, slots=True)
class PraiseAwarded:
    """A teacher praised one or several children."""

    actor: Actor
    praise_id: int
    class_id: int
    pupils: tuple[PraisedPupil, ...]
    staff_id: int
    teacher: str
    area: str
    kind: str
    text: str
    photo_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class PraiseRetracted:
    """The teacher took a praise back."""

    actor: Actor
    praise_id: int
    pupil_ids: tuple[int, ...]
