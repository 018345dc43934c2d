"""Staff's page of one child's guardians, and what is done on it."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from campus import audit, forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.families import (
    codes,
    guardians,
    invite,
    queries,
    reset,
    schemas,
    sheets,
)
from tenants.families.permissions import Families
from tenants.families.routes import blueprint, join_address, paper, secret
from tenants.people.queries import place_of

ONE = "/families/pupils/<int:pupil_id>"
SHEET_AGAIN = "号码改好了，请重新发一张入校单"
SIGN_IN_BY_NEW = "号码改好了，家长现在用新号码和原来的密码登录；忘了密码再给一个重设码"
GUARDIAN = f"{ONE}/guardians/<int:guardian_id>"


@blueprint.get(ONE)
@requires(Families.INVITE)
def pupil(pupil_id: int) -> Any:
    child = queries.pupil(g.actor, pupil_id)
    audit.looked_at(g.actor, "pupil", pupil_id)
    return _page(child, {}, 200)


def _page(child: queries.ChildLine, errors: dict[str, str], status: int, wrong: int = 0) -> Any:
    place = place_of(child.id)
    return pages.page(
        "families/pupil.html",
        status,
        child=child,
        class_id=place.class_id if place else None,
        codes=queries.living_codes(child.id),
        errors=errors,
        values=forms.typed(),
        wrong=wrong,
    )


def _back(pupil_id: int, words: str) -> Response:
    flash(words)
    return redirect(url_for("families.pupil", pupil_id=pupil_id), 303)


@blueprint.post(f"{ONE}/invitations")
@requires(Families.INVITE)
def invite_one(pupil_id: int) -> Any:
    data = forms.load(schemas.Invite)
    place = invite.Place(pupil_id, data["guardian_id"])
    [issued] = invite.issue_codes(g.actor, places=[place], secret=secret())
    return render_template(
        "families/code.html",
        issued=issued,
        short=codes.spaced(issued.short),
        address=join_address(issued.token),
        qr=sheets.qr_data(join_address(issued.token)),
        child=queries.pupil(g.actor, pupil_id),
    )


@blueprint.post(f"{ONE}/sheets")
@requires(Families.INVITE)
def pupil_sheets(pupil_id: int) -> Any:
    forms.load(schemas.Nothing)
    child = queries.pupil(g.actor, pupil_id)
    missing = [
        invite.Place(pupil_id, one.guardian_id)
        for one in child.guardians
        if not one.ended and one.state != queries.JOINED
    ]
    places = (missing or [invite.Place(pupil_id)])[: invite.MOST_ALIVE]
    return paper(invite.issue_codes(g.actor, places=places, secret=secret()), "入校单")


@blueprint.post("/families/invitations/<int:invitation_id>/revocation")
@requires(Families.INVITE)
def revoke_code(invitation_id: int) -> Response:
    forms.load(schemas.Nothing)
    pupil_id = invite.revoke_code(g.actor, invitation_id=invitation_id)
    return _back(pupil_id, "这个码作废了")


@blueprint.post(GUARDIAN)
@requires(Families.INVITE)
def change_details(pupil_id: int, guardian_id: int) -> Any:
    try:
        data = forms.load(schemas.Details)
    except InvalidInput as error:
        wrong = pages.refused(error)
        return _page(queries.pupil(g.actor, pupil_id), wrong, error.status, guardian_id)
    guardians.change_details(g.actor, pupil_id=pupil_id, guardian_id=guardian_id, **data)
    return _back(pupil_id, "已保存，需要时可以点“撤销上次修改”")


@blueprint.post(f"{GUARDIAN}/undo")
@requires(Families.INVITE)
def undo_details(pupil_id: int, guardian_id: int) -> Response:
    forms.load(schemas.Nothing)
    guardians.undo_details(g.actor, pupil_id=pupil_id, guardian_id=guardian_id)
    return _back(pupil_id, "改回来了")


@blueprint.post(f"{GUARDIAN}/end")
@requires(Families.INVITE)
def unlink(pupil_id: int, guardian_id: int) -> Response:
    forms.load(schemas.Nothing)
    guardians.unlink(g.actor, pupil_id=pupil_id, guardian_id=guardian_id)
    return _back(pupil_id, "已解除，对方马上看不到这个孩子；在下面可以恢复")


@blueprint.post(f"{GUARDIAN}/restoration")
@requires(Families.INVITE)
def link_again(pupil_id: int, guardian_id: int) -> Response:
    forms.load(schemas.Nothing)
    guardians.link_again(g.actor, pupil_id=pupil_id, guardian_id=guardian_id)
    return _back(pupil_id, "已恢复")


@blueprint.post(f"{GUARDIAN}/wrong-number")
@requires(Families.INVITE)
def wrong_number(pupil_id: int, guardian_id: int) -> Response:
    wrong = forms.load(schemas.WrongNumber)["wrong"]
    guardians.mark_wrong_number(g.actor, pupil_id=pupil_id, guardian_id=guardian_id, wrong=wrong)
    return _back(pupil_id, "已标为号码不对，请问到新号码后改正" if wrong else "已取消标记")


@blueprint.post(f"{GUARDIAN}/phone")
@requires(Families.INVITE, step_up=True)
def correct_phone(pupil_id: int, guardian_id: int) -> Any:
    try:
        data = forms.load(schemas.Phone)
        joined = guardians.correct_phone(
            g.actor, pupil_id=pupil_id, guardian_id=guardian_id, phone=data["phone"]
        )
    except InvalidInput as error:
        wrong = pages.refused(error)
        return _page(queries.pupil(g.actor, pupil_id), wrong, error.status, guardian_id)
    return _back(pupil_id, SIGN_IN_BY_NEW if joined else SHEET_AGAIN)


@blueprint.post(f"{GUARDIAN}/phone/undo")
@requires(Families.INVITE, step_up=True)
def undo_phone(pupil_id: int, guardian_id: int) -> Response:
    forms.load(schemas.Nothing)
    guardians.undo_phone(g.actor, pupil_id=pupil_id, guardian_id=guardian_id)
    return _back(pupil_id, "号码改回来了")


@blueprint.post(f"{GUARDIAN}/reset-code")
@requires(Families.INVITE, step_up=True)
def reset_code(pupil_id: int, guardian_id: int) -> Any:
    forms.load(schemas.Nothing)
    short, until = reset.issue_reset(
        g.actor, pupil_id=pupil_id, guardian_id=guardian_id, secret=secret()
    )
    return render_template(
        "families/reset_code.html",
        whom="家长",
        back=url_for(".pupil", pupil_id=pupil_id),
        short=codes.spaced(short),
        until=until,
        address=url_for("families.reset", _external=True),
    )
