"""What each capability keeps of people is declared once, by itself; privacy only asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from campus import personal_data, storage
from campus.erasure import pointing_at
from campus.personal_data import Chapter, Kept, PersonalData, Reader, Rule, Sheet, StoredFile
from tenants.privacy import retention
from tests.privacy.conftest import Zip
from tests.privacy.test_bring import brought
from tests.privacy.test_pupil import taken
from tests.rules import catalogue
from tests.support.client import PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ROOT = Path(__file__).resolve().parents[2]
REMEDY = (
    'nobody says how long these are kept: add "{0}": Rule(Kept.…, "中文") to the tables of '
    "PERSONAL_DATA in the personal_data.py of the capability that owns it (docs/retention.md)"
)
ClientOf = Callable[[str], PageClient]
Work = Callable[[int, int], None]


def declared() -> set[str]:
    """Every table that some part of the house declares."""
    return personal_data.rules().keys() | personal_data.account_rules().keys()


def test_every_table_is_declared(app: Flask) -> None:
    """What nobody declares is erased by nobody and kept for ever."""
    there = catalogue.mapped() | catalogue.PLATFORM.keys() - {"alembic_version"}
    silent = sorted(there - declared())
    assert not silent, REMEDY.format('", "'.join(silent))


def test_every_declared_table_exists(app: Flask) -> None:
    there = set(catalogue.Base.metadata.tables)
    wrong = sorted(declared() - there)
    assert not wrong, f"declared in a personal_data.py, but no model has such a table: {wrong}"
    for name, rule in personal_data.rules().items():
        columns = catalogue.Base.metadata.tables[name].c
        assert not rule.account or rule.account in columns, f"{name} has no column {rule.account}"
    for one in personal_data.attachments():
        assert {"id", one.key} <= set(catalogue.Base.metadata.tables[one.table].c.keys()), one


def test_a_table_is_declared_once(app: Flask) -> None:
    again = PersonalData(tables={"pupil": Rule(Kept.HOUSE, "又一次")})
    with pytest.raises(ValueError, match="another and people both declare pupil"):
        personal_data.register("another", again)
    assert "another" not in personal_data.DECLARED


def test_what_is_an_account_s_own_goes_with_it(app: Flask) -> None:
    """A table of an account says what becomes of it, and `own` exactly where it is deleted."""
    rules = personal_data.account_rules()
    about = {table.name for table, _ in pointing_at("account") if "school_id" not in table.c}
    assert about <= rules.keys()
    gone = {name for name, rule in rules.items() if rule.fate.startswith("删除")}
    assert gone & about == personal_data.own_tables().keys()


def test_rows_go_before_what_they_point_at(app: Flask) -> None:
    """Whoever's table points at another capability's is asked first."""
    order = list(personal_data.children_first())
    place = {table: at for at, data in enumerate(order) for table in data.tables}
    assert len(order) == len(personal_data.DECLARED)
    for table in catalogue.Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table.name
            if table.name in place and parent in place:
                assert place[table.name] <= place[parent], f"{table.name} after {parent}"


def test_the_document_explains_exactly_the_classes() -> None:
    text = (ROOT / "docs/retention.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [str(one) for one in Kept]
    assert list(retention.CLASS_TITLES) == list(Kept)


def test_privacy_knows_no_other_s_tables() -> None:
    """Only those of people, whom it is about."""
    for path in sorted((ROOT / "tenants/privacy").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            module = getattr(node, "module", None) or "" if isinstance(node, ast.ImportFrom) else ""
            found = re.fullmatch(r"tenants\.(\w+)(?:\..*)?\.models", module)
            assert found is None or found[1] in ("people", "privacy"), f"{path.name}: {module}"


@pytest.fixture
def honours(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> bytes:
    """A small capability that gives every child a chapter; its picture."""
    key = seed.schools["a"].files[0]

    def chapter(pupil_id: int, reader: Reader) -> Chapter:
        said = "看得到" if reader.health else "看不到"
        return Chapter(
            sheets=(Sheet("荣誉", ("日期", "荣誉"), [("2026-06-01", f"<小画家> {said}")]),),
            files=(StoredFile("0001.jpg", key),),
            data=[{"pupil": pupil_id, "title": "小画家"}],
        )

    monkeypatch.setitem(personal_data.DECLARED, "honours", PersonalData(collect=chapter))
    return storage.store().get(seed.schools["a"].id, key)


def test_a_new_capability_adds_a_chapter(honours: bytes, seed: Seed, work: Work) -> None:
    """Page, table, data and file, and data.json as ever; privacy was not touched."""
    found = taken(seed, work)
    assert found.read("chapters/honours/0001.jpg") == honours
    assert '"title": "小画家"' in found.text("chapters/honours/data.json")
    page = found.text("index.html")
    assert "<h2>荣誉</h2>" in page
    assert "&lt;小画家&gt; 看得到" in page
    assert 'href="chapters/honours/0001.jpg"' in page
    assert "小画家" in found.every_byte().decode("utf-8", "replace")
    assert list(found.json) == [
        *("format", "version", "made_at", "school"),
        *("pupil", "guardians", "classes", "attendance", "records", "photos"),
    ]


def test_a_chapter_unknown_elsewhere_comes_in_and_is_left_aside(
    honours: bytes, client_of: ClientOf, seed: Seed, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next school may not have the capability: the rest comes in all the same."""
    parcel: Zip = taken(seed, work)
    monkeypatch.delitem(personal_data.DECLARED, "honours")
    assert brought(client_of("admin_b"), seed, parcel.data, work)
