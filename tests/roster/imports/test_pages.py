"""The pages: upload, columns, preview, choices, apply; nothing is written before, once after."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, literal, select, update

from campus import clock, crypto, db, jobs, storage
from campus.config import Config
from campus.tables.model import WEB
from campus.tables.parent import read_bytes
from tenants.media.jobs import sweep
from tenants.people.models import Enrollment, Pupil
from tenants.roster import apply
from tenants.roster.imports import jobs as import_jobs
from tenants.roster.imports.jobs import apply_import, forget_imports, preview_import
from tenants.roster.imports.models import ImportLine, ImportRun
from tests.support.memory_store import MemoryStore

ROSTER = "/onboarding/roster"
HEAD = [
    "序号",
    "学生姓名",
    "所在班级",
    "性别",
    "生日",
    "家长姓名",
    "与学生关系",
    "联系电话",
    "星座",
]
GOOD = ["1", "周小宁", "一年级7班", "女", "2019-11-03", "陈小静", "母亲", "12000007104", "天蝎"]
BAD = ["2", "何小乐", "一年级", "男", "2019-11-04", "", "", "", ""]
ODD = ["3", "赵小可", "一年级7班", "公", "2019-11-05", "赵大", "父亲", "12000007105", ""]


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    """Objects in memory; keys of ours for numbers."""
    held = MemoryStore()
    monkeypatch.setattr(storage, "_configured", [held])
    crypto.configure(Config(secret_key="test-secret-test-secret-test-secret-32"))
    return held


@pytest.fixture(autouse=True)
def today() -> None:
    """These pages live in the seed's own year."""


@pytest.fixture
def admin(fresh: str, client_of: Any) -> Any:
    """The administrator of school A, with a database of this test's own."""
    return client_of("admin")


def workbook(*rows: list[str]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("一年级花名册")
        sheet.merge_range(0, 0, 0, 5, "枫林小学 2026 年秋季花名册")
        for number, row in enumerate((HEAD, *rows), 1):
            for at, cell in enumerate(row):
                sheet.write_string(number, at, cell)
    return out.getvalue()


@pytest.fixture
def school(seed: Any) -> int:
    return int(seed.schools["a"].id)


@pytest.fixture
def started(admin: Any) -> Callable[..., int]:
    """started(row, …) uploads a file; the run's number."""

    def run(*rows: list[str]) -> int:
        data = {"file": (io.BytesIO(workbook(*rows)), "花名册.xlsx")}
        answer = admin.post(ROSTER, data)
        return int(answer.headers["Location"].rsplit("/", 1)[1])

    return run


def work(job: Any, school: int, run: int) -> None:
    jobs.perform(job, {"school_id": school, "run_id": run})


def shown(page: Any) -> dict[str, list[str]]:
    return {
        "kind": [one.find("option", selected=True)["value"] for one in page.select("[name=kind]")],
        "column": [
            (one.find("option", selected=True) or one.find("option"))["value"]
            for one in page.select("[name=column]")
        ],
    }


def count(school: int, model: Any) -> int:
    with db.transaction(school_id=school, read_only=True) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def state(school: int, run: int) -> Any:
    with db.transaction(school_id=school, read_only=True) as session:
        return session.get_one(ImportRun, (school, run))


@pytest.fixture
def previewed(admin: Any, started: Any, school: int) -> Callable[..., int]:
    """As far as the preview, with the columns as guessed."""

    def run(*rows: list[str]) -> int:
        number = started(*rows)
        form = shown(admin.page(f"{ROSTER}/{number}"))
        admin.post(f"{ROSTER}/{number}/columns", form)
        work(preview_import, school, number)
        return number

    return run


def test_the_guess_is_shown_under_the_schools_own_headings(admin: Any, started: Any) -> None:
    page = admin.page(f"{ROSTER}/{started(GOOD)}")
    assert shown(page) == {
        "kind": ["0:学生"],
        "column": [
            "0:0:",
            "0:1:姓名",
            "0:2:班级",
            "0:3:性别",
            "0:4:出生日期",
            "0:5:监护人1姓名",
            "0:6:监护人1关系",
            "0:7:监护人1手机",
            "0:8:",
        ],
    }


def test_from_upload_to_done(admin: Any, previewed: Any, school: int, memory: MemoryStore) -> None:
    before = count(school, Pupil)
    run = previewed(GOOD, BAD)
    assert count(school, Pupil) == before
    page = admin.page(f"{ROSTER}/{run}")
    assert "确认导入 1 行" in page.get_text()
    assert "「一年级花名册」第 4 行「班级」：班级应像“三年级2班”或“2024级2班”。" in page.get_text()
    assert "4 行 = 读了 1 + 跳过 2 + 没有导入 1" in page.get_text()
    assert admin.post(f"{ROSTER}/{run}/apply").status_code == 303
    assert "正在处理" in admin.page(f"{ROSTER}/{run}").get_text()
    work(apply_import, school, run)
    work(apply_import, school, run)
    assert count(school, Pupil) == before + 1
    assert "导入完成" in admin.page(f"{ROSTER}/{run}").get_text()
    assert state(school, run).key is None
    assert "周小宁" in admin.page(f"{ROSTER}/{run}?only=new").get_text()
    again = previewed(GOOD)
    assert state(school, again).counts["unchanged"] == 1


def test_a_new_class_is_named_before_it_is_made(admin: Any, previewed: Any, school: int) -> None:
    """A slip in a class's name would otherwise be a class."""
    run = previewed(GOOD)
    assert "会新开 1 个班：一年级（7）班。" in admin.page(f"{ROSTER}/{run}").get_text()
    admin.post(f"{ROSTER}/{run}/apply")
    work(apply_import, school, run)
    assert "会新开" not in admin.page(f"{ROSTER}/{previewed(GOOD)}").get_text()


def test_a_choice_of_columns_is_remembered(admin: Any, started: Any, school: int) -> None:
    run = started(GOOD)
    form = shown(admin.page(f"{ROSTER}/{run}"))
    form["column"][0] = "0:0:座号"
    admin.post(f"{ROSTER}/{run}/columns", form)
    assert shown(admin.page(f"{ROSTER}/{started(GOOD)}"))["column"][0] == "0:0:座号"


@pytest.mark.parametrize(
    ("at", "value", "words"),
    [
        (1, "0:1:", "还没有选哪一列是姓名"),
        (3, "0:3:姓名", "有两列都选了“姓名”"),
        (3, "0:3:职务", "没有“职务”这一列"),
    ],
)
def test_columns_that_cannot_be_are_told(
    at: int, value: str, words: str, admin: Any, started: Any
) -> None:
    run = started(GOOD)
    form = shown(admin.page(f"{ROSTER}/{run}"))
    form["column"][at] = value
    answer = admin.post(f"{ROSTER}/{run}/columns", form, status=422)
    assert words in answer.get_data(as_text=True)


def test_a_conflict_is_chosen_on_the_page(admin: Any, previewed: Any, school: int) -> None:
    run = previewed(GOOD)
    admin.post(f"{ROSTER}/{run}/apply")
    work(apply_import, school, run)
    with db.transaction(school_id=school) as session:
        session.execute(update(Pupil).where(Pupil.name == "周小宁").values(sex=1))
    run = previewed(GOOD)
    page = admin.page(f"{ROSTER}/{run}?only=conflicts")
    assert "保留系统里的" in page.get_text()
    place = page.select_one("[name=place]")["value"]
    admin.post(f"{ROSTER}/{run}/answers", {"place": place, "column": "性别", "take": "theirs"})
    work(preview_import, school, run)
    assert state(school, run).counts["changed"] == 1
    admin.post(f"{ROSTER}/{run}/apply")
    work(apply_import, school, run)
    with db.transaction(school_id=school) as session:
        assert session.scalar(select(Pupil.sex).where(Pupil.name == "周小宁")) == 2


def test_a_paste_from_excel(admin: Any, school: int) -> None:
    pasted = "姓名\t班级\t学号\n周小宁\t一7班\t3\n"
    answer = admin.post(ROSTER, {"pasted": pasted})
    run = int(answer.headers["Location"].rsplit("/", 1)[1])
    admin.post(f"{ROSTER}/{run}/columns", shown(admin.page(f"{ROSTER}/{run}")))
    work(preview_import, school, run)
    assert state(school, run).counts["new"] == 1


def test_what_cannot_be_read_is_one_sentence_on_the_page(admin: Any) -> None:
    data = {"file": (io.BytesIO(b"\x89PNG\r\n\x1a\n"), "a.xlsx")}
    assert "这是图片文件" in admin.post(ROSTER, data, status=422).get_data(as_text=True)
    assert "请选一个文件" in admin.post(ROSTER, {}, status=422).get_data(as_text=True)


def test_cancelling_stops_the_work_and_deletes_the_file(
    admin: Any, previewed: Any, school: int, memory: MemoryStore
) -> None:
    run = previewed(GOOD)
    before = count(school, Pupil)
    admin.post(f"{ROSTER}/{run}/apply")
    admin.post(f"{ROSTER}/{run}/cancel")
    work(apply_import, school, run)
    assert count(school, Pupil) == before
    assert "这次没有导入" in admin.page(f"{ROSTER}/{run}").get_text()


@pytest.mark.parametrize("told", ["写入学生", "写入家长", "记住这次的内容", "写入教职工"])
def test_cancelling_while_it_is_written_undoes_everything(
    admin: Any,
    previewed: Any,
    school: int,
    monkeypatch: pytest.MonkeyPatch,
    told: str,
) -> None:
    """The administrator's press is a request beside the worker's transaction, which sees it."""
    run = previewed(GOOD)
    before = count(school, Pupil), count(school, Enrollment)
    admin.post(f"{ROSTER}/{run}/apply")
    go_on, heard = import_jobs._go_on, list[str]()

    def cancel(run_id: int, step: str) -> None:
        heard.append(step)
        if step == told:
            Context().run(admin.post, f"{ROSTER}/{run}/cancel")
        go_on(run_id, step)

    monkeypatch.setattr(import_jobs, "_go_on", cancel)
    work(apply_import, school, run)
    assert heard[-1] == told
    assert (count(school, Pupil), count(school, Enrollment)) == before
    assert state(school, run).state == "cancelled"


def test_what_the_server_refuses_late_undoes_everything(
    previewed: Any, admin: Any, school: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writes are sent without waiting: a refusal arrives when the last is on its way."""
    run = previewed(GOOD)
    before = count(school, Pupil), count(school, Enrollment)
    admin.post(f"{ROSTER}/{run}/apply")
    impossible = select(literal(1) / (func.length("x") - 1))
    monkeypatch.setattr(apply, "remember", lambda *_, **__: db.send(impossible))
    work(apply_import, school, run)
    assert (count(school, Pupil), count(school, Enrollment)) == before
    assert state(school, run).state == "failed"
    assert "什么都没有写入" in admin.page(f"{ROSTER}/{run}").get_text()


def test_the_file_comes_back_with_red_cells_and_reasons(admin: Any, previewed: Any) -> None:
    run = previewed(GOOD, BAD, ODD)
    answer = admin.get(f"{ROSTER}/{run}/marked.xlsx")
    (sheet,) = read_bytes(answer.get_data(), WEB).sheets
    assert sheet.rows[1][-1] == "原因"
    assert "班级应像" in str(sheet.rows[3][-1])
    assert "性别只填男或女" in str(sheet.rows[4][-1])
    assert len(sheet.rows[2]) == len(GOOD)


def test_a_new_child_is_shown_with_its_guardians(admin: Any, previewed: Any) -> None:
    page = admin.page(f"{ROSTER}/{previewed(GOOD)}").get_text()
    assert "女　2019-11-03 出生；妈妈 陈小静　120****7104" in page


def test_searching_leaves_no_name_in_the_address(admin: Any, previewed: Any) -> None:
    run = previewed(GOOD, BAD)
    found = admin.post(f"{ROSTER}/{run}/find", {"words": "周小"}, status=200)
    assert "周小宁" in found.get_data(as_text=True)
    assert "何小乐" not in found.get_data(as_text=True)


def test_two_thousand_rows_are_paged(admin: Any, previewed: Any, school: int) -> None:
    letters = "甲乙丙丁戊己庚辛壬癸"
    rows = [
        [str(n), "周" + "".join(letters[int(d)] for d in f"{n:04}"), f"一年级{n // 50 + 1}班"]
        for n in range(2000)
    ]
    run = previewed(*rows)
    page = admin.page(f"{ROSTER}/{run}?page=40")
    assert "第 40 / 40 页" in page.get_text()
    assert len(page.select(".import-rows > li")) == 50
    assert len(admin.page(f"{ROSTER}/{run}?page=99").select(".import-rows > li")) == 50


def test_after_seven_days_nothing_of_an_upload_is_left(
    previewed: Any, school: int, memory: MemoryStore
) -> None:
    run = previewed(GOOD)
    with db.transaction(school_id=school) as session:
        old = clock.now() - timedelta(days=8)
        session.execute(update(ImportRun).where(ImportRun.id == run).values(created_at=old))
    jobs.perform(forget_imports, {"school_id": school})
    held = state(school, run)
    assert (held.key, held.sheets) == (None, None)
    with db.transaction(school_id=school, read_only=True) as session:
        lines = select(func.count()).where(ImportLine.run_id == run)
        assert session.scalar(lines) == 0


def test_twins_are_merged_and_parted_again(admin: Any, previewed: Any, school: int) -> None:
    run = previewed(GOOD, ["2", "周小宁", "一年级8班", "女", "2019-11-03"])
    assert "像是同一个孩子" in admin.page(f"{ROSTER}/{run}").get_text()
    for row in (3, 4):
        admin.post(
            f"{ROSTER}/{run}/answers",
            {"place": f"一年级花名册|{row}", "column": "去留", "take": "bring"},
        )
        work(preview_import, school, run)
    admin.post(f"{ROSTER}/{run}/apply")
    work(apply_import, school, run)
    page = admin.page(f"{ROSTER}/twins")
    assert "周小宁" in page.get_text()
    form = page.find("form", action=re.compile("/twins/"))
    admin.post(form["action"])
    page = admin.page(f"{ROSTER}/twins")
    assert "没有重复的学生" in page.get_text()
    admin.post(page.find("form", action=re.compile("/undo$"))["action"])
    page = admin.page(f"{ROSTER}/twins")
    assert page.find("form", action=re.compile("/twins/"))


def test_the_sweep_leaves_a_waiting_file_alone(previewed: Any, school: int) -> None:
    run = previewed(GOOD)
    key = state(school, run).key
    storage.store().get(school, key)
    jobs.perform(sweep, {"school_id": school})
    assert storage.store().get(school, key)
