"""The pages of the staff: list, add, offices, deputies, leaving, and the list as xlsx."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for

from campus import clock, forms, pages
from campus.errors import CampusError, Conflict, InvalidInput
from campus.permissions import Role, requires
from tenants.families import codes, first, reset
from tenants.families import sheets as slips
from tenants.families.routes import PDF, download, secret
from tenants.oversight import approval, colleagues, schemas, sheets
from tenants.oversight.blueprint import again, blueprint
from tenants.people import roles
from tenants.people.employ import NewStaff, employ_staff
from tenants.people.permissions import People

KIND = "staff-list"
NOBODY_NEW = "老师们都设过密码了，没有要打印的。"
COLUMNS = (("姓名", 12), ("职称", 12), ("手机（后四位）", 16), ("职务", 60), ("在职", 8))
DAYS = {"starts_on": "starts", "ends_on": "ends"}
PERSON, NEW = "oversight/colleague.html", "oversight/new_colleague.html"


@blueprint.get("/staff")
@requires(People.STAFF)
def staff() -> Any:
    q, role = request.args.get("q", "").strip()[:40], request.args.get("role", "")[:10]
    found = colleagues.colleagues(g.actor, q=q, role=role)
    can_change = g.actor.can(People.OFFICES)
    new = first.newcomers(g.actor) if can_change and not (q or role) else []
    return render_template(
        "oversight/staff.html",
        found=found,
        q=q,
        role=role,
        kinds=roles.KINDS.values(),
        can_change=can_change,
        newcomers=len(new),
        unprintable=slips.unprintable((None, one.name) for one in new),
    )


@blueprint.post("/staff/slips")
@requires(People.OFFICES, step_up=True)
def first_slips() -> Any:
    issued, until = first.issue_first_codes(g.actor, secret=secret())
    if not issued:
        flash(NOBODY_NEW)
        return redirect(url_for(".staff"), 303)
    url = url_for("families.reset", _external=True)
    made = slips.staff_paper(issued, school=g.school.name, url=url, until=until)
    return download(made, PDF, f"首次登录单-{clock.today():%Y%m%d}.pdf")


@blueprint.get("/staff/list.xlsx")
@requires(People.STAFF, step_up=True)
def staff_list() -> Any:
    asked = approval.Asked(
        KIND, "all", "全校教职工名单", url_for(".staff_list")[len(request.script_root) :]
    )
    wait = approval.asked_first(g.actor, asked)
    if wait is not None:
        return redirect(wait)
    number = approval.require_approval(g.actor, KIND, "all")
    found = colleagues.colleagues(g.actor)
    approval.note_use(g.actor, number, rows=len(found))
    rows = (
        (one.name, one.title, one.phone, one.offices, "是" if one.here else "否") for one in found
    )
    return sheets.download(
        sheets.workbook("教职工", COLUMNS, rows), f"staff-{clock.today():%Y%m%d}"
    )


@blueprint.get("/staff/new")
@requires(People.OFFICES)
def new_colleague() -> Any:
    return render_template(NEW, errors={}, values={})


@blueprint.post("/staff")
@requires(People.OFFICES)
def employ() -> Any:
    try:
        data = forms.load(schemas.NewColleague)
        new = NewStaff(data["name"], data["phone"], frozenset({Role.TEACHER}), data["title"])
        number = employ_staff(g.actor, [new], met=data["met"])[new.phone]
    except InvalidInput as error:
        return again(NEW, error)
    flash("已添加。请安排职务，再给一个重设码，老师就能自己设密码登录。")
    return redirect(url_for(".show_colleague", staff_id=number), 303)


@blueprint.get("/staff/<int:staff_id>")
@requires(People.STAFF)
def show_colleague(staff_id: int) -> Any:
    return _person(staff_id, {}, {})


def _person(
    staff_id: int,
    errors: dict[str, str],
    values: Mapping[str, str],
    status: int = 200,
    form: str = "office",
) -> Any:
    return pages.page(
        PERSON,
        status,
        person=colleagues.colleague(g.actor, staff_id),
        choices=colleagues.choices(staff_id),
        kinds=roles.KINDS,
        today=clock.today(),
        can_change=g.actor.can(People.OFFICES),
        errors=errors,
        values=values,
        form=form,
    )


def _refused(staff_id: int, error: CampusError, form: str = "office") -> Any:
    """The person's page once more, saying what was wrong where it was typed.

    Two forms of the page ask for days; ``form`` says which of them was sent.
    """
    fields = pages.refused(error)
    for name, place in DAYS.items():
        if name in fields:
            fields[f"{form}-{place}"] = fields.pop(name)
    return _person(staff_id, fields, forms.typed(), error.status, form)


@blueprint.post("/staff/<int:staff_id>/offices")
@requires(People.OFFICES, step_up=True)
def give_office(staff_id: int) -> Any:
    roles.reach_staff(staff_id)
    try:
        data = forms.load(schemas.NewDuty)
        roles.give_office(g.actor, staff_id=staff_id, office=roles.Office(**data))
    except InvalidInput as error:
        return _refused(staff_id, error)
    flash("职务已安排。")
    return redirect(url_for(".show_colleague", staff_id=staff_id), 303)


@blueprint.post("/staff/<int:staff_id>/offices/<int:duty_id>/end")
@requires(People.OFFICES, step_up=True)
def end_office(staff_id: int, duty_id: int) -> Any:
    return _ended(staff_id, lambda: roles.end_office(g.actor, staff_id=staff_id, duty_id=duty_id))


@blueprint.post("/staff/<int:staff_id>/lessons/<int:assignment_id>/end")
@requires(People.OFFICES)
def end_lessons(staff_id: int, assignment_id: int) -> Any:
    return _ended(
        staff_id,
        lambda: roles.end_assignment(g.actor, staff_id=staff_id, assignment_id=assignment_id),
    )


@blueprint.post("/staff/<int:staff_id>/roles/end")
@requires(People.OFFICES, step_up=True)
def end_role(staff_id: int) -> Any:
    roles.reach_staff(staff_id)
    role = Role(forms.load(schemas.HeldRole)["held"])
    return _ended(staff_id, lambda: roles.end_role(g.actor, staff_id=staff_id, role=role))


def _ended(staff_id: int, end: Any) -> Any:
    try:
        end()
    except Conflict as error:
        return _refused(staff_id, error)
    flash("已结束，马上生效。")
    return redirect(url_for(".show_colleague", staff_id=staff_id), 303)


@blueprint.post("/staff/<int:staff_id>/deputies")
@requires(People.OFFICES, step_up=True)
def deputise(staff_id: int) -> Any:
    roles.reach_staff(staff_id)
    try:
        data = forms.load(schemas.NewDeputy)
        data["deputy_id"] = data["deputy_id"][0]
        roles.deputise(g.actor, staff_id=staff_id, **data)
    except InvalidInput as error:
        return _refused(staff_id, error, "deputy")
    flash("代理已安排，到期自动结束。")
    return redirect(url_for(".show_colleague", staff_id=data["deputy_id"]), 303)


@blueprint.post("/staff/<int:staff_id>/reset-code")
@requires(People.OFFICES, step_up=True)
def staff_code(staff_id: int) -> Any:
    try:
        short, until = reset.issue_for_staff(g.actor, staff_id=staff_id, secret=secret())
    except Conflict as error:
        return _refused(staff_id, error)
    return render_template(
        "families/reset_code.html",
        whom="老师",
        back=url_for(".show_colleague", staff_id=staff_id),
        short=codes.spaced(short),
        until=until,
        address=url_for("families.reset", _external=True),
    )


@blueprint.post("/staff/<int:staff_id>/leaving")
@requires(People.OFFICES, step_up=True)
def leave_school(staff_id: int) -> Any:
    return _ended(staff_id, lambda: roles.leave_school(g.actor, staff_id=staff_id))
