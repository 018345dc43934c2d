"""What pages, jobs and commands alike know of the capabilities: create_app and the command line."""

from __future__ import annotations

from collections.abc import Iterable

from campus import outbox, own_data, permissions, personal_data
from campus.capability import Capability


def join(capabilities: Iterable[Capability]) -> None:
    """Let their permissions, events, listeners and personal data stand; twice changes nothing."""
    personal_data.register("platform", own_data.PERSONAL_DATA)
    for capability in capabilities:
        permissions.register(capability.permissions)
        outbox.register(capability.events)
        personal_data.register(capability.name, capability.personal_data)
        if capability.listen is not None:
            capability.listen()
