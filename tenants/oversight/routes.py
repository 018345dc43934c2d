"""Revealing a phone, the records of access, questions to a second person."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for

from campus import clock, forms, pages
from campus.errors import InvalidInput
from campus.permissions import requires
from tenants.oversight import approval, listing, records, reveal, schemas, sheets
from tenants.oversight.blueprint import again, blueprint, filtered
from tenants.oversight.permissions import Access
from tenants.people.models import Pupil, Staff
from tenants.roster.permissions import Rosters

KIND = "access-records"
COLUMNS = (("时间", 18), ("谁", 12), ("职务", 12), ("做了什么", 18), ("学生", 12), ("原因", 40))
REVEAL = "oversight/reveal.html"


@blueprint.get("/access/pupils/<int:pupil_id>/guardians/<int:guardian_id>/phone")
@requires(Access.REVEAL)
def reveal_form(pupil_id: int, guardian_id: int) -> Any:
    line = reveal.reach_guardian(g.actor, pupil_id, guardian_id)
    return render_template(
        REVEAL, line=line, guardian_id=guardian_id, reasons=reveal.REASONS, errors={}, values={}
    )


@blueprint.post("/access/pupils/<int:pupil_id>/guardians/<int:guardian_id>/phone")
@requires(Access.REVEAL)
def reveal_phone(pupil_id: int, guardian_id: int) -> Any:
    line = reveal.reach_guardian(g.actor, pupil_id, guardian_id)
    try:
        data = forms.load(schemas.Reveal)
        line = reveal.reveal_phone(g.actor, pupil_id=pupil_id, guardian_id=guardian_id, **data)
    except InvalidInput as error:
        return again(REVEAL, error, line=line, guardian_id=guardian_id, reasons=reveal.REASONS)
    # The number stands in this one answer, never in an address or a second page.
    return render_template("oversight/revealed.html", line=line)


@blueprint.get("/access")
@requires(Access.RECORDS)
def index() -> Any:
    try:
        wanted, errors = records.Wanted(**filtered(schemas.Looks)), {}
    except InvalidInput as error:
        wanted, errors = records.Wanted(), pages.refused(error)
    found = records.looks(g.actor, wanted)
    return pages.page(
        "oversight/index.html",
        422 if errors else 200,
        looks=found,
        wanted=wanted,
        errors=errors,
        pupil=records.name_of(Pupil, wanted.pupil_id) if wanted.pupil_id else "",
        colleague=records.name_of(Staff, wanted.staff_id) if wanted.staff_id else "",
        more=found[-1].id if len(found) == records.PAGE else None,
        head=records.head(),
    )


@blueprint.get("/access/records.xlsx")
@requires(Access.RECORDS, step_up=True)
def export() -> Any:
    wanted = records.Wanted(**filtered(schemas.Looks))
    back = request.full_path.rstrip("?")
    asked = approval.Asked(KIND, wanted.fingerprint, f"“谁看过”的记录{_days(wanted)}", back)
    wait = approval.asked_first(g.actor, asked)
    if wait is not None:
        return redirect(wait)
    number = approval.require_approval(g.actor, KIND, wanted.fingerprint)
    found = records.looks(g.actor, wanted, records.MOST_EXPORTED)
    approval.note_use(g.actor, number, rows=len(found))
    rows = ((_time(one), one.who, one.title, one.what, one.pupil, one.reason) for one in found)
    data = sheets.workbook("谁看过", COLUMNS, rows)
    return sheets.download(data, f"access-{clock.today():%Y%m%d}")


def _time(one: records.Look) -> str:
    return f"{one.at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"


def _days(wanted: records.Wanted) -> str:
    parts = [
        f"从 {wanted.since}" if wanted.since else "",
        f"到 {wanted.until}" if wanted.until else "",
    ]
    parts += ["一个学生" if wanted.pupil_id else "", "一位老师" if wanted.staff_id else ""]
    said = "，".join(part for part in parts if part)
    return f"（{said}）" if said else "（全部）"


@blueprint.get("/children/<int:pupil_id>/access")
@requires(Access.OWN)
def own(pupil_id: int) -> Any:
    looks = records.family_looks(g.actor, pupil_id)
    return render_template("oversight/own.html", looks=looks, pupil_id=pupil_id)


@blueprint.get("/approvals")
@requires(Access.APPROVE)
def approvals() -> Any:
    return render_template(
        "oversight/approvals.html",
        lines=listing.approvals(g.actor),
        can_export=g.actor.can(Rosters.IMPORT),
    )


@blueprint.get("/approvals/ask")
@requires(Access.APPROVE)
def ask() -> Any:
    asked = approval.unsigned(request.args.get("token", ""))
    return render_template(
        "oversight/ask.html",
        asked=asked,
        who=listing.who_decides(g.actor),
        nobody=approval.NOBODY,
        errors={},
        values={"token": request.args["token"]},
    )


@blueprint.post("/approvals/ask")
@requires(Access.APPROVE)
def send_question() -> Any:
    token = request.form.get("token", "")
    asked = approval.unsigned(token)
    try:
        data = forms.load(schemas.Ask)
        approval.request_approval(g.actor, asked=asked, reason=data["reason"])
    except InvalidInput as error:
        return again("oversight/ask.html", error, asked=asked, who=listing.who_decides(g.actor))
    flash("申请已提出。对方同意后，在这里点“去导出”。")
    return redirect(url_for(".approvals"), 303)


@blueprint.post("/approvals/<int:approval_id>/decision")
@requires(Access.APPROVE, step_up=True)
def decide(approval_id: int) -> Any:
    data = forms.load(schemas.Decide)
    approval.decide(g.actor, approval_id=approval_id, granted=data["answer"] == "yes")
    flash("已同意，24 小时内有效。" if data["answer"] == "yes" else "已拒绝。")
    return redirect(url_for(".approvals"), 303)
