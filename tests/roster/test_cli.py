"""The commands: JSON other programs rely on, exit codes, one sentence for what went wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from campus import db
from campus.cli import Commands
from campus.embedded.postgres import Postgres
from campus.identity import passwords
from campus.identity.cli import commands as account
from campus.identity.models import Account
from campus.schools.cli import commands as school
from tenants.people.models import Pupil
from tenants.roster.cli import commands as roster
from tests.roster.oneroster.small_set import packed, spoilt
from tests.roster.oneroster.variant import Variant
from tests.roster.oneroster.variants import VARIANTS

GOOD = ("三年级2班", "1", "周宁", "女", "2017-11-03", "陈静", "妈妈", "12000000104")
COUNTS = ("rows", "new", "changed", "unchanged", "refused", "conflicts")
BAD = ("三年级", "2", "何乐", "男")


@pytest.fixture
def shell(server: Postgres, blank: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """shell("roster", "import", …) as a shell would."""
    monkeypatch.setenv("DATABASE_URL", server.url("web", blank))
    group = Commands(commands={**roster.commands, "school": school, "account": account})

    def invoke(*words: str, text: str = "") -> Result:
        return CliRunner().invoke(group, words, input=text)

    return invoke


def test_import_prints_the_agreed_json_and_tells_by_exit_code(
    shell: Any, school_id: int, roster_file: Any
) -> None:
    path = str(roster_file([GOOD, BAD]))
    preview = shell("roster", "import", path, "--school", "fenglin", "--json", "--dry-run")
    assert preview.exit_code == 1
    said = json.loads(preview.stdout)
    assert {key: said[key] for key in COUNTS} == {
        "rows": 2,
        "new": 1,
        "changed": 0,
        "unchanged": 0,
        "refused": 1,
        "conflicts": 0,
    }
    assert said["problems"] == [
        {
            "sheet": "学生",
            "row": 4,
            "column": "班级",
            "value": "三年级",
            "code": "class-wrong",
            "message": "「学生」第 4 行「班级」：班级应像“三年级2班”或“2024级2班”。",
        }
    ]
    pupils = said["sheets"][0]
    assert (pupils["lines"], pupils["read"], pupils["skipped"], pupils["refused"]) == (4, 1, 2, 1)
    assert [one["row"] for one in pupils["refused_lines"]] == [4]
    (child,) = said["children"]
    assert child["guardians"] == [{"name": "陈静", "relation": "妈妈", "phone": "12000000104"}]
    assert (child["name"], child["class"], child["sex"], child["birthday"]) == (
        "周宁",
        "三年级（2）班",
        "女",
        "2017-11-03",
    )
    assert shell("roster", "import", path, "--school", "fenglin").exit_code == 1
    clean = shell("roster", "import", str(roster_file([GOOD])), "--school", "fenglin", "--json")
    assert (clean.exit_code, json.loads(clean.stdout)["unchanged"]) == (0, 1)
    with db.transaction(school_id=school_id) as session:
        assert session.scalar(select(func.count()).select_from(Pupil)) == 1


@pytest.mark.parametrize(("slug", "words"), [("fenglin", "打不开文件"), ("nowhere", "没有网址为")])
@pytest.mark.usefixtures("school_id")
def test_what_cannot_be_read_is_one_sentence_and_exit_code_2(
    slug: str, words: str, shell: Any, tmp_path: Path
) -> None:
    answer = shell("roster", "import", str(tmp_path / "missing.xlsx"), "--school", slug, "--json")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert words in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_database_that_is_away_is_one_sentence(shell: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/none")
    answer = shell("school", "list")
    assert (answer.exit_code, len(answer.stderr.splitlines())) == (2, 1)
    assert "连不上数据库" in answer.stderr


def test_opening_a_school_and_giving_its_admin_a_password(shell: Any) -> None:
    words = ("--slug", "dahu", "--admin-name", "何文", "--admin-phone", "12000000101")
    opened = shell("school", "open", "大湖小学", *words)
    assert opened.exit_code == 0, opened.output
    assert "/s/dahu/" in opened.stdout
    assert shell("school", "open", "大湖小学", "--slug", "dahu").exit_code == 2
    assert shell("school", "open", "大湖小学", "--slug", "Da Hu").exit_code == 2
    assert "大湖小学" in shell("school", "list").stdout
    weak = shell("account", "password", "12000000101", text="12345678\n")
    assert weak.exit_code == 2
    assert shell("account", "password", "12000000101", text="湖边的一棵大樟树\n").exit_code == 0
    with db.transaction() as session:
        (stored,) = session.scalars(select(Account.password_hash)).all()
    assert passwords.matches(stored, "湖边的一棵大樟树")


def test_an_operator_is_made_and_unmade(shell: Any) -> None:
    assert shell("account", "operator", "12000000110").exit_code == 0
    with db.transaction() as session:
        assert session.scalars(select(Account.operator)).all() == [True]
    assert shell("account", "operator", "12000000110", "--revoke").exit_code == 0
    assert shell("account", "operator", "1200").exit_code == 2
    assert shell("account", "password", "12000000999", text="x\n").exit_code == 2
    with db.transaction() as session:
        assert session.scalars(select(Account.operator)).all() == [False]


def test_the_template_command_writes_a_file(shell: Any, tmp_path: Path) -> None:
    path = tmp_path / "名册.xlsx"
    assert shell("roster", "template", str(path)).exit_code == 0
    assert path.read_bytes().startswith(b"PK")
    assert shell("roster", "template", str(tmp_path / "no" / "where.xlsx")).exit_code == 2


def test_unknown_failures_keep_their_traceback() -> None:
    @click.command()
    def broken() -> None:
        raise ZeroDivisionError

    answer = CliRunner().invoke(Commands(commands={"broken": broken}), ["broken"])
    assert isinstance(answer.exception, ZeroDivisionError)


@pytest.mark.usefixtures("school_id")
def test_faults_of_a_oneroster_set_come_as_json(shell: Any, tmp_path: Path) -> None:
    """From the zip over the reading child to the exit code."""
    path = tmp_path / "set.zip"
    for name, code, new in (
        ("a class of no fault", 0, 3),
        ("a file in capitals", 0, 3),
        ("a list without quotes", 1, 2),
        ("a row that is too short", 0, 3),
        ("changes alone", 1, 0),
    ):
        variant = VARIANTS.get(name, Variant(lambda _: None, ()))
        path.write_bytes(packed(spoilt(variant.change)))
        words = ("roster", "import", str(path), "--school", "fenglin", "--dry-run", "--json")
        answer = shell(*words)
        told = json.loads(answer.stdout)
        assert (name, answer.exit_code, told["new"]) == (name, code, new)
        places = tuple((one["sheet"], one["row"], one["column"]) for one in told["problems"])
        assert places == variant.told, name


@pytest.mark.usefixtures("school_id")
def test_a_workbook_of_wps_is_read_by_what_is_in_it(shell: Any, roster_file: Any) -> None:
    """WPS saves ``.et`` with the bytes of xlsx or of xls."""
    path = roster_file([GOOD])
    path = path.rename(path.with_suffix(".et"))
    words = ("--school", "fenglin", "--dry-run", "--json")
    answer = shell("roster", "import", str(path), *words)
    assert (answer.exit_code, json.loads(answer.stdout)["new"]) == (0, 1)
