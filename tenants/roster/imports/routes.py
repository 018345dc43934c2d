"""The pages of bringing a roster in."""

from __future__ import annotations

import io
import uuid
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, send_file, url_for

from campus import forms, pages, texts
from campus.capability import MenuItem
from campus.errors import Conflict, InvalidInput
from campus.permissions import requires
from tenants.roster.imports import actions, merges, queries, schemas
from tenants.roster.imports.marked import marked_workbook
from tenants.roster.permissions import Rosters
from tenants.roster.table import UnreadableFile
from tenants.roster.template import template_bytes
from tenants.roster.titles import FIELDS

blueprint = Blueprint("roster", __name__, url_prefix="/onboarding/roster")
MENU = (MenuItem("导入名册", "roster.index", "growth", Rosters.IMPORT, group="学校", order=60),)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GONE = "原来的文件已经删除，请重新上传。"


@blueprint.get("")
@requires(Rosters.IMPORT)
def index() -> Any:
    return _index({})


def _index(errors: dict[str, str], status: int = 200) -> Any:
    page = render_template(
        "roster/index.html",
        errors=errors,
        runs=queries.recent_runs(g.actor),
        twins=merges.count_twins(g.actor),
        key=uuid.uuid4().hex,
    )
    return page, status


@blueprint.post("")
@requires(Rosters.IMPORT)
def upload() -> Any:
    data = forms.load(schemas.Upload)
    sent = request.files.get("file")
    content = sent.read() if sent and sent.filename else data["pasted"].encode()
    if not content.strip():
        return _index({"file": "请选一个文件，或把表格粘贴到下面。"}, 422)
    try:
        run_id = actions.start_import(g.actor, data=content, key=data["idempotency_key"])
    except UnreadableFile as error:
        return _index(pages.refused(error, "file"), 422)
    return redirect(url_for("roster.show", run_id=run_id), 303)


@blueprint.get("/template.xlsx")
@requires(Rosters.IMPORT)
def template() -> Any:
    return _sent(template_bytes(), "名册模板.xlsx")


def _sent(content: bytes, name: str) -> Any:
    answer = send_file(io.BytesIO(content), mimetype=XLSX, as_attachment=True, download_name=name)
    del answer.headers["Cache-Control"]  # the house's own (no-store, Vary) comes after the view
    return answer


@blueprint.get("/<int:run_id>")
@requires(Rosters.IMPORT)
def show(run_id: int) -> Any:
    page = request.args.get("page", "1")
    number = texts.number(page, 5)
    return _show(run_id, outcome=request.args.get("only", ""), page=1 if number is None else number)


@blueprint.post("/<int:run_id>/find")
@requires(Rosters.IMPORT)
def find(run_id: int) -> Any:
    return _show(run_id, outcome="", page=1, words=forms.load(schemas.Find)["words"])


def _show(
    run_id: int, *, outcome: str, page: int, words: str = "", error: str = "", status: int = 200
) -> Any:
    run = queries.run_of(g.actor, run_id)
    listed = run.state in {"ready", "done"}
    answer = render_template(
        f"roster/{run.state}.html",
        run=run,
        error=error,
        fields=FIELDS,
        counts=queries.counts_of(run),
        only=outcome,
        words=words,
        rows=queries.preview(g.actor, run, outcome=outcome, page=page, words=words)
        if listed
        else None,
        conflicts=len(queries.open_conflicts(run)) if run.state == "ready" else 0,
        account=run.account or {},
    )
    return answer, status


def _back(run_id: int) -> Any:
    return redirect(url_for("roster.show", run_id=run_id), 303)


@blueprint.post("/<int:run_id>/columns")
@requires(Rosters.IMPORT)
def columns(run_id: int) -> Any:
    kinds, places, rooms = schemas.split_columns(forms.load(schemas.Columns))
    try:
        actions.choose_columns(g.actor, run_id=run_id, kinds=kinds, places=places, rooms=rooms)
    except InvalidInput as error:
        wrong = next(iter(pages.refused(error).values()))
        return _show(run_id, outcome="", page=1, error=wrong, status=422)
    return _back(run_id)


@blueprint.post("/<int:run_id>/again")
@requires(Rosters.IMPORT)
def again(run_id: int) -> Any:
    actions.reopen_columns(g.actor, run_id=run_id)
    return _back(run_id)


@blueprint.post("/<int:run_id>/answers")
@requires(Rosters.IMPORT)
def answer(run_id: int) -> Any:
    data = forms.load(schemas.Answer)
    every = queries.open_conflicts(queries.run_of(g.actor, run_id)) if data.pop("every") else ()
    actions.answer_conflict(g.actor, run_id=run_id, every=every, **data)
    return _back(run_id)


@blueprint.post("/<int:run_id>/apply")
@requires(Rosters.IMPORT, step_up=True)
def apply(run_id: int) -> Any:
    actions.apply_run(g.actor, run_id=run_id)
    return _back(run_id)


@blueprint.post("/<int:run_id>/cancel")
@requires(Rosters.IMPORT)
def cancel(run_id: int) -> Any:
    actions.cancel_run(g.actor, run_id=run_id)
    return _back(run_id)


@blueprint.get("/<int:run_id>/marked.xlsx")
@requires(Rosters.IMPORT)
def marked(run_id: int) -> Any:
    run = queries.run_of(g.actor, run_id)
    if run.key is None or run.state != "ready":
        raise Conflict(GONE)
    return _sent(marked_workbook(run, queries.marks_of(run)), "名册-要改的地方.xlsx")


@blueprint.get("/twins")
@requires(Rosters.IMPORT)
def twins() -> Any:
    return render_template(
        "roster/twins.html",
        pairs=merges.twins(g.actor),
        merged=merges.recent_merges(g.actor),
    )


@blueprint.post("/twins/<int:kept_id>/<int:gone_id>")
@requires(Rosters.IMPORT)
def merge(kept_id: int, gone_id: int) -> Any:
    merges.merge_pupils(g.actor, kept_id=kept_id, gone_id=gone_id)
    return redirect(url_for("roster.twins"), 303)


@blueprint.post("/merges/<int:merge_id>/undo")
@requires(Rosters.IMPORT)
def undo_merge(merge_id: int) -> Any:
    merges.undo_merge(g.actor, merge_id=merge_id)
    return redirect(url_for("roster.twins"), 303)
