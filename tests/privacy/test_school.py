"""The whole school in one zip: two people, everything of it, nothing of another, bounded memory."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, insert, select

from campus import clock, db, storage
from campus.audit import AuditEntry
from tenants.media.models import Photo
from tenants.privacy import school, tasks
from tenants.privacy.box import Box
from tests.privacy.conftest import Zip, stored
from tests.privacy.test_erase import second_admin
from tests.privacy.test_suspend import commands
from tests.rules import catalogue
from tests.support.canary import assert_clean
from tests.support.client import PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
Work = Callable[[int, int], None]
__all__ = ["commands", "second_admin"]  # fixtures of the neighbours


def packed(school_id: int) -> Zip:
    """The school's zip as the worker packs it."""
    out = io.BytesIO()
    with db.transaction(school_id=school_id), Box(out, clock.now()) as box:
        school.fill(box, school_id=school_id, at=clock.now(), step=tasks.silent)
    return Zip(out.getvalue())


def test_two_people_then_a_file(
    client_of: ClientOf,
    seed: Seed,
    second_admin: str,
    objects_of_seed: MemoryStore,
    work: Work,
) -> None:
    """The first try asks the other administrator; once agreed the same press begins the work."""
    browser, wish = client_of("admin"), {"reason": "archive"}
    asking = browser.post("/takeaway/school", wish).headers["Location"]
    assert "/approvals/ask" in asking
    token = browser.page(asking).find("input", attrs={"name": "token"})["value"]
    browser.post("/approvals/ask", {"token": token, "reason": "学校换平台"})
    assert "/approvals/ask" in browser.post("/takeaway/school", wish).headers["Location"]
    with db.transaction(school_id=seed.schools["a"].id) as session:
        approvals = catalogue.Base.metadata.tables["approval"]
        number = session.scalars(
            select(approvals.c.id).where(approvals.c.kind == "takeaway-school")
        ).one()
    client_of(second_admin).post(f"/approvals/{number}/decision", {"answer": "yes"})
    address = browser.post("/takeaway/school", wish).headers["Location"]
    task_id = int(address.rsplit("/", 1)[1])
    work(seed.schools["a"].id, task_id)
    assert "下载" in browser.page(address).get_text()
    assert "pupil.json" in " ".join(stored(seed.schools["a"].id, task_id).names)
    client_of(second_admin).get(f"{address}/file", 404)


@pytest.mark.parametrize("key", ["a", "b"])
def test_nothing_of_another_school(
    key: str, seed: Seed, fresh: str, objects_of_seed: MemoryStore
) -> None:
    """Every byte, unpacked; and every own canary is there."""
    other = seed.schools["b" if key == "a" else "a"]
    content = packed(seed.schools[key].id).every_byte()
    assert_clean("the zip", content, other.marks)
    for mark in (seed.schools[key].canary, *seed.schools[key].private.values()):
        assert mark.encode() in content


def test_every_table_goes_along_or_has_a_reason(seed: Seed, database: str) -> None:
    """A table added later is in the zip by itself, or on the list of what is left out."""
    here = {table.name for table in school.exported()}
    assert here | school.left_out().keys() >= catalogue.mapped()
    assert not here & school.left_out().keys()


def test_rows_are_all_there(seed: Seed, fresh: str, objects_of_seed: MemoryStore) -> None:
    found = packed(seed.schools["a"].id)
    with db.transaction(school_id=seed.schools["a"].id) as session:
        for table in school.exported():
            count = session.scalar(
                select(func.count())
                .select_from(table)
                .where(table.c.school_id == seed.schools["a"].id)
            )
            assert len(json.loads(found.read(f"json/{table.name}.json"))) == count, table.name


def test_no_secret_and_no_letter_of_others_goes_along(
    seed: Seed, fresh: str, objects_of_seed: MemoryStore
) -> None:
    found = packed(seed.schools["a"].id)
    assert not {"json/notification.json", "json/inbox.json", "json/reset_code.json"} & set(
        found.names
    )
    for name in found.names:
        if name.startswith("json/"):
            rows: list[dict[str, Any]] = json.loads(found.read(name))
            hidden = [key for row in rows[:1] for key in row if school.SECRET.search(key)]
            assert hidden == [], name


def test_lists_and_oneroster(seed: Seed, fresh: str, objects_of_seed: MemoryStore) -> None:
    found = packed(seed.schools["a"].id)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(found.read("lists.xlsx")))
    assert {"学生", "教职工"} <= set(sheets.sheet_names)
    users = list(csv.DictReader(io.StringIO(found.text("oneroster/users.csv").lstrip("\ufeff"))))
    assert len(users) >= 3
    assert found.text("oneroster/manifest.csv").lstrip("\ufeff").startswith("propertyName,value")
    assert f"photos/{seed.schools['a'].ids['photo']}.jpg" in found.names


def test_a_school_of_photos_costs_no_memory(
    seed: Seed, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 photos of half a megabyte: the peak stays below a few of them."""
    memory, a = MemoryStore(), seed.schools["a"]
    monkeypatch.setattr(storage, "_configured", [memory])
    data = bytes(range(256)) * 2048
    keys = [f"s/{a.id}/{number:032x}" for number in range(200)]
    monkeypatch.setattr(memory, "get", lambda school_id, key: data[:])
    row = {"sha256": b"x", "size": len(data), "width": 1, "height": 1, "school_id": a.id}
    with db.transaction(school_id=a.id) as session:
        session.execute(insert(Photo), [row | {"key": key} for key in keys])
    steps: list[tuple[int, int]] = []
    with Path("/dev/null").open("wb") as file, db.transaction(school_id=a.id):
        with Box(Sink(file), clock.now()) as box:  # type: ignore[arg-type]
            tracemalloc.start()
            school.fill(box, school_id=a.id, at=clock.now(), step=lambda *at: steps.append(at))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    assert steps[-1][0] == steps[-1][1] > 200
    assert peak < 12 * 2**20


class Sink:
    """A file that forgets what is written and knows where it is."""

    def __init__(self, file: Any) -> None:
        self._file, self._at = file, 0

    def write(self, data: bytes) -> int:
        self._at += len(data)
        return self._file.write(data)  # type: ignore[no-any-return]

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._file.flush()

    def seekable(self) -> bool:
        return False


def test_from_a_shell(
    commands: Any, seed: Seed, objects_of_seed: MemoryStore, tmp_path: Path
) -> None:
    out = tmp_path / "school.zip"
    done = commands("school", "export", "jiaxiao", str(out))
    assert done.exit_code == 0, done.output
    assert out.stat().st_mode & 0o077 == 0
    assert "index.html" in zipfile.ZipFile(out).namelist()
    assert commands("school", "export", "nowhere", str(out)).exit_code == 2


def test_the_log_goes_along(seed: Seed, fresh: str, objects_of_seed: MemoryStore) -> None:
    """The school's own record of who did what, in numbers."""
    found = json.loads(packed(seed.schools["a"].id).read(f"json/{AuditEntry.__tablename__}.json"))
    assert {"schools.open", "classes.praise"} <= {line["action"] for line in found}
