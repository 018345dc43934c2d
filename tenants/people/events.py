"""What happens to the people of a school, told inside the transaction; those above listen.

A listener must hold when the transaction commits, or is deferred by it as a job (campus.jobs):
taking photos down is done at once, since a withdrawn consent must not be seen one second longer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from blinker import Namespace

from campus.actor import Actor

_signals = Namespace()
consent_changed = _signals.signal("people.consent-changed")
custody_changed = _signals.signal("people.custody-changed")


@dataclass(frozen=True, slots=True)
class ConsentChanged:
    """A guardian answered about a child: yes or no to each purpose that is in ``answers``."""

    actor: Actor
    guardian_id: int
    pupil_id: int
    answers: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class CustodyChanged:
    """What an account may know of a child is another than before, or nothing any more."""

    pupil_id: int
    account_id: int
