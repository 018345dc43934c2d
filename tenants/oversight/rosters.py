"""The whole roster out through the browser: asked, agreed to by a second person, fetched, logged.

The same file as `roster export` writes: importing it again changes nothing. Excel for the office,
OneRoster for other programs. Each kind is a question of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, g, redirect, render_template
from marshmallow import validate
from sqlalchemy import func, select
from werkzeug.wrappers import Response as BaseResponse

from campus import audit, clock, db, fields, forms
from campus.actor import Actor
from campus.permissions import requires
from tenants.oversight import approval, listing
from tenants.oversight.models import Approval
from tenants.oversight.sheets import XLSX
from tenants.roster.export import roster_book
from tenants.roster.oneroster.writing import oneroster_zip
from tenants.roster.permissions import Rosters

blueprint = Blueprint("exports", __name__, url_prefix="/exports")
KIND = "roster"
BACK = "/exports"


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file: its words on the page, its name's end, its type, what makes it."""

    title: str
    hint: str
    ending: str
    content_type: str
    made: Callable[[], bytes]


FORMATS = {
    "xlsx": Format(
        "Excel 名册",
        "学生、家长、教职工各一行，含学籍号、身份证号；改好以后可以原样导入。",
        "xlsx",
        XLSX,
        roster_book,
    ),
    "oneroster": Format(
        "OneRoster 1.2",
        "给别的系统读的压缩包：班级、人员、任课、选课关系。",
        "zip",
        "application/zip",
        oneroster_zip,
    ),
}


class Fetch(forms.Form):
    """Which file."""

    format = fields.String(
        required=True, validate=validate.OneOf(list(FORMATS), error="请选择一种格式。")
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """One kind of file with how far this person's own question about it has come."""

    name: str
    format: Format
    state: str
    until: datetime | None

    @property
    def ready(self) -> bool:
        """Whether pressing fetches the file rather than asking first."""
        return self.state == listing.GRANTED

    @property
    def waits(self) -> bool:
        """Whether somebody has yet to decide."""
        return self.state == listing.OPEN


def offers(actor: Actor) -> list[Offer]:
    """Every kind, with the newest question the actor asked about it."""
    actor.check(Rosters.IMPORT)
    newest = (
        select(func.max(Approval.id))
        .where(
            Approval.school_id == db.school_id(),
            Approval.requested_by == actor.account_id,
            Approval.kind == KIND,
        )
        .group_by(Approval.fingerprint)
    )
    rows = db.session().scalars(
        select(Approval).where(Approval.school_id == db.school_id(), Approval.id.in_(newest))
    )
    asked = {one.fingerprint: one for one in rows}
    return [_offer(name, asked.get(name)) for name in FORMATS]


def _offer(name: str, one: Approval | None) -> Offer:
    state = listing.state_of(one) if one else ""
    until = one.expires_at if one and state == listing.GRANTED else None
    return Offer(name, FORMATS[name], state, until)


@blueprint.get("")
@requires(Rosters.IMPORT)
def index() -> str:
    return render_template("oversight/exports.html", offers=offers(g.actor))


@blueprint.post("/roster")
@requires(Rosters.IMPORT, step_up=True)
def roster() -> BaseResponse:
    name = forms.load(Fetch)["format"]
    wanted = FORMATS[name]
    asked = approval.Asked(KIND, name, f"全校名册（{wanted.title}）", BACK)
    wait = approval.asked_first(g.actor, asked)
    if wait is not None:
        audit.record(g.actor, "access.wish", "school", None, kind=KIND, format=name)
        return redirect(wait, 303)
    number = approval.require_approval(g.actor, KIND, name)
    data = wanted.made()
    approval.note_use(g.actor, number, bytes=len(data))
    file = f"roster-{clock.today():%Y%m%d}.{wanted.ending}"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return Response(data, content_type=wanted.content_type, headers=headers)
