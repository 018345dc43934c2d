"""Saving a step, keeping a draft of it, going live.

A step is claimed first: its row is locked and its version compared with the one the form was drawn
with, so of two administrators the second is told instead of overwriting the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from campus import audit, clock, db
from campus.actor import Actor
from campus.errors import Conflict, InvalidInput
from campus.identity.models import Account
from campus.schools.models import OPEN, PREPARING, School
from tenants.setup.golive import Level, checklist
from tenants.setup.models import SetupStep
from tenants.setup.permissions import Setup
from tenants.setup.presets import presets
from tenants.setup.steps import BY_KEY

LONGEST = 2000
MOST_VALUES = 200
NOT_PREPARING = "学校已经在使用了，不用再上线。"
NOT_GREEN = "清单里还有必须先完成的项目：{titles}。"
NOT_KNOWING = "「我知道还缺什么」请先勾选：清单里还有待补的项目。"


class StepMoved(Conflict):
    """Somebody else saved the step in between; ``version`` is the one that stands now."""

    def __init__(self, title: str, who: str, version: int) -> None:
        super().__init__(
            f"「{title}」刚刚由{who}保存过。您填写的内容还在下面，请对照一下；再按一次保存，就以您的为准。"
        )
        self.version = version


def claim(actor: Actor, key: str, version: int) -> SetupStep:
    """Lock a step for saving. Raises StepMoved when ``version`` is no longer the newest."""
    actor.check(Setup.CHANGE)
    session = db.session()
    here = {"school_id": db.school_id(), "step": BY_KEY[key].key}
    session.execute(insert(SetupStep).values(**here).on_conflict_do_nothing())
    step = session.execute(
        select(SetupStep).filter_by(**here).with_for_update(),
        execution_options={"populate_existing": True},
    ).scalar_one()
    if step.version != version:
        who = session.scalar(select(Account.name).where(Account.id == step.saved_by))
        raise StepMoved(BY_KEY[key].title, who or "别人", step.version)
    return step


def finish(actor: Actor, step: SetupStep, answers: Mapping[str, Any]) -> None:
    """Write a claimed step's answers; the audit line names the fields that changed, not values."""
    before = step.answers or {}
    changed = sorted(name for name, value in answers.items() if before.get(name) != value)
    step.answers, step.draft = dict(answers), None
    step.done_at = step.done_at or clock.now()
    _touched(actor, step)
    audit.record(actor, "onboarding.setup", "setup", None, step=step.step, changed=changed)


def _touched(actor: Actor, step: SetupStep) -> None:
    step.version += 1
    step.saved_at, step.saved_by = clock.now(), actor.account_id
    db.session().flush()


def keep_draft(actor: Actor, *, step: str, version: int, typed: Mapping[str, Any]) -> None:
    """Keep what was typed as it is, to go on later; what stands does not change.

    Raises StepMoved, and InvalidInput for more than a form can hold.
    """
    row = claim(actor, step, version)
    texts = [one for value in typed.values() for one in _each(value)]
    if len(texts) > MOST_VALUES or any(len(one) > LONGEST for one in texts):
        raise InvalidInput({"form": "填写的内容太长了，请缩短以后再存。"})
    row.draft = {name: value for name, value in typed.items() if name != "version"}
    _touched(actor, row)


def _each(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def describe_school(
    actor: Actor, *, version: int, name: str, short_name: str, **codes: str
) -> None:
    """Say who the school is; its name is the new one on every page at once."""
    row = claim(actor, "identity", version)
    set_school(name=name, short_name=short_name)
    finish(actor, row, {"name": name, "short_name": short_name, **codes})


def set_stages(
    actor: Actor,
    *,
    version: int,
    preset: str,
    naming: str,
    first_grade: int | None = None,
    last_grade: int | None = None,
) -> None:
    """Say what kind of school it is, what its classes are called, and which grades there are
    where they differ from the usual. Names, turn of the year and imports follow at once.

    Raises InvalidInput when the highest grade lies below the lowest.
    """
    row = claim(actor, "stages", version)
    usual = presets()[preset]
    first, last = first_grade or usual.first_grade, last_grade or usual.last_grade
    if last < first:
        raise InvalidInput({"last_grade": "「最高年级」不能低于「最低年级」。"})
    said = {"first_grade": first, "last_grade": last}
    set_school(class_naming=naming, **said)
    finish(actor, row, {"preset": preset, "naming": naming, **said})


def set_school(**values: Any) -> None:
    """Change the entered school's row in the registry."""
    db.session().execute(update(School).where(School.id == db.school_id()).values(**values))
    db.unit().school = None  # whoever asks again in this transaction reads the new row


def open_doors(actor: Actor, *, knowing: bool = False) -> None:
    """The school goes live: families may come in.

    Raises Conflict when it already has, InvalidInput while the list is red, or while it is yellow
    and the administrator has not said that they know what is missing.
    """
    actor.check(Setup.CHANGE)
    school = (
        db.session()
        .execute(select(School).where(School.id == db.school_id()).with_for_update())
        .scalar_one()
    )
    if school.status != PREPARING:
        raise Conflict(NOT_PREPARING)
    items = checklist(school)
    red = [item.title for item in items if item.level is Level.MUST]
    yellow = [item.key for item in items if item.level is Level.LATER]
    if red:
        raise InvalidInput({"form": NOT_GREEN.format(titles="、".join(red))})
    if yellow and not knowing:
        raise InvalidInput({"knowing": NOT_KNOWING})
    school.status = OPEN
    db.session().flush()
    audit.record(actor, "onboarding.open-doors", "school", school.id, later=yellow)
