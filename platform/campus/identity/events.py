"""What happens to an account, told inside the transaction, once in each school it belongs to.

The platform never learns who listens: a school's own lists of guardians and staff follow.
"""

from __future__ import annotations

from dataclasses import dataclass

from blinker import Namespace

from campus.actor import Actor

_signals = Namespace()
phone_changed = _signals.signal("identity.phone-changed")


@dataclass(frozen=True, slots=True)
class PhoneChanged:
    """A person signs in with another number from now on. A listener that cannot follow raises."""

    actor: Actor
    account_id: int
    old: str
    new: str
