"""Staff's pages: the classes, one class, its paper, its list."""

from __future__ import annotations

import io
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    send_file,
    url_for,
)

from campus import clock, forms
from campus.permissions import requires
from tenants.families import invite, lists, queries, schemas, sheets
from tenants.families.permissions import Families

blueprint = Blueprint("families", __name__)
PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALL_JOINED = "这个班的家长都已加入，没有要打印的入校单。"


def secret() -> str:
    """The server's secret, which keys short codes."""
    return str(current_app.config["CAMPUS"].secret_key)


def join_address(token: str) -> str:
    """The whole address a QR opens."""
    return url_for("families.join", token=token, _external=True)


@blueprint.get("/families")
@requires(Families.LIST)
def index() -> Any:
    return render_template("families/index.html", classes=queries.classes(g.actor))


@blueprint.get("/families/classes/<int:class_id>")
@requires(Families.LIST)
def show_class(class_id: int) -> Any:
    pupils = queries.pupils_of_class(g.actor, class_id)
    return render_template(
        "families/class.html",
        klass=queries.class_line(g.actor, class_id),
        children=(),
        pupils=pupils,
        unprintable=sheets.unprintable((one.seat_no, one.name) for one in pupils),
        can_invite=g.actor.can(Families.INVITE),
    )


@blueprint.post("/families/classes/<int:class_id>/sheets")
@requires(Families.INVITE)
def class_sheets(class_id: int) -> Any:
    data = forms.load(schemas.Paper)
    places = invite.missing_places(g.actor, class_id=class_id, one_each=data["which"] == "each")
    if not places:
        flash(ALL_JOINED)
        return redirect(url_for("families.show_class", class_id=class_id), 303)
    issued = invite.issue_codes(g.actor, places=places, secret=secret())
    return paper(issued, f"入校单-{class_id}")


def paper(issued: list[invite.Issued], name: str) -> Response:
    """The slips as a download; the file's name says no child's."""
    made = sheets.class_paper(
        issued,
        school=g.school.name,
        join_url=url_for("families.code", _external=True),
        url_of=join_address,
    )
    return download(made, PDF, f"{name}-{clock.today():%Y%m%d}.pdf")


def download(data: bytes, kind: str, name: str) -> Response:
    """A file to keep."""
    return send_file(io.BytesIO(data), mimetype=kind, as_attachment=True, download_name=name)


@blueprint.post("/families/classes/<int:class_id>/list")
@requires(Families.LIST)
def class_list(class_id: int) -> Any:
    forms.load(schemas.Nothing)
    made = lists.export_class(g.actor, class_id=class_id)
    return download(made, XLSX, f"家长加入情况-{class_id}-{clock.today():%Y%m%d}.xlsx")
