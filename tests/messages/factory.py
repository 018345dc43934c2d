"""What the seed holds of messages: a notice to a class."""

from __future__ import annotations

from tenants.messages.actions import announce
from tests.support.planting import Planting


def plant(planting: Planting) -> None:
    """The class teacher tells the families of a class."""
    announce(
        planting.actor("class_teacher"),
        class_ids=[planting.school.ids["class"]],
        title=planting.text("通知"),
        body=planting.text("请带书"),
    )
