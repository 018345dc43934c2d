"""Export → import → export says the same; what was touched, hostile or here already is refused."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat
from sqlalchemy import func, select

from campus import db
from campus.pictures.redraw import redrawn
from tenants.growth.models import GrowthRecord
from tenants.people.models import Enrollment, Pupil
from tenants.privacy import actions
from tenants.privacy.models import TakeawayTask
from tests.factories import picture
from tests.privacy.conftest import Zip, stored, task_of
from tests.privacy.test_pupil import taken
from tests.support.client import PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
Work = Callable[[int, int], None]


@pytest.fixture
def parcel(seed: Seed, fresh: str, objects_of_seed: MemoryStore, work: Work) -> Zip:
    """The book of A's child, as its family got it."""
    return taken(seed, work)


def send(browser: PageClient, data: bytes, status: int = 303) -> str:
    """Upload a zip; the preview's address, or the page's words."""
    form = {"file": (io.BytesIO(data), "成长册.zip")}
    answer = browser.post("/takeaway/coming", form, status)
    return answer.headers.get("Location") or answer.get_data(as_text=True)


def brought(browser: PageClient, seed: Seed, data: bytes, work: Work) -> int:
    """Let the child into B's class; the new pupil's id."""
    school = seed.schools["b"]
    browser.foreign = []  # the zip is A's on purpose
    address = send(browser, data)
    browser.post(f"{address}/application", {"class_id": school.ids["class"]})
    task_id = int(address.rsplit("/", 1)[1])
    work(school.id, task_id)
    found = task_of(school.id, task_id)
    assert found.state == "done", found.problem
    return int(found.subject_id)


def pixels(data: bytes) -> str:
    """The SHA-256 of what is seen."""
    with Image.open(io.BytesIO(data)) as image:
        return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def again(seed: Seed, pupil_id: int, work: Work) -> Zip:
    """The office of B takes the same child's book away."""
    school = seed.schools["b"]
    with db.transaction(school_id=school.id):
        task_id = actions.ask_pupil(seed.actor("admin_b"), pupil_id=pupil_id, reason="transfer")
    work(school.id, task_id)
    return stored(school.id, task_id)


def test_there_and_back_says_the_same(
    parcel: Zip, client_of: ClientOf, seed: Seed, work: Work
) -> None:
    """Records, words, authors, times; and every photo shows what redrawing it shows."""
    pupil_id = brought(client_of("admin_b"), seed, parcel.data, work)
    back = again(seed, pupil_id, work)
    assert back.json["records"] == parcel.json["records"]
    assert back.json["pupil"] == parcel.json["pupil"]
    assert back.json["records"][0]["author"].startswith("甲山小学 ")
    for one in parcel.json["photos"]:
        before, after = parcel.read(one["file"]), back.read(one["file"])
        assert pixels(redrawn(before).data) == pixels(after)
        assert difference(before, after) < 2.0


def difference(one: bytes, other: bytes) -> float:
    """Mean difference of two pictures, 0 to 255."""
    with Image.open(io.BytesIO(one)) as first, Image.open(io.BytesIO(other)) as second:
        found = ImageStat.Stat(ImageChops.difference(first.convert("RGB"), second.convert("RGB")))
    return max(found.mean)


def test_the_preview_writes_nothing(parcel: Zip, client_of: ClientOf, seed: Seed) -> None:
    browser = client_of("admin_b")
    browser.foreign = []
    before = counts(seed)
    page = browser.page(send(browser, parcel.data)).get_text()
    assert "来自" in page
    assert "1 条" in page
    assert "甲山小学" in page
    assert counts(seed) == before


def counts(seed: Seed) -> tuple[int, ...]:
    with db.transaction(school_id=seed.schools["b"].id) as session:
        return tuple(
            session.scalars(select(func.count()).select_from(model)).one()
            for model in (Pupil, Enrollment, GrowthRecord)
        )


def test_the_record_names_school_and_teacher(
    parcel: Zip, client_of: ClientOf, seed: Seed, work: Work
) -> None:
    browser = client_of("admin_b")
    pupil_id = brought(browser, seed, parcel.data, work)
    page = browser.page(f"/pupils/{pupil_id}").get_text()
    assert "甲山小学 " in page
    with db.transaction(school_id=seed.schools["b"].id) as session:
        record = session.scalars(select(GrowthRecord).filter_by(pupil_id=pupil_id)).one()
        assert (record.source_kind, record.staff_id) == ("brought", None)


def test_not_twice(parcel: Zip, client_of: ClientOf, seed: Seed, work: Work) -> None:
    browser = client_of("admin_b")
    brought(browser, seed, parcel.data, work)
    before = counts(seed)
    assert "已经带入过" in send(browser, parcel.data, 409)
    assert counts(seed) == before


def test_the_same_preview_is_found_again_and_can_be_thrown_away(
    parcel: Zip, client_of: ClientOf, seed: Seed
) -> None:
    browser = client_of("admin_b")
    browser.foreign = []
    address = send(browser, parcel.data)
    assert send(browser, parcel.data) == address
    browser.post(f"{address}/discard")
    assert send(browser, parcel.data) != address
    with db.transaction(school_id=seed.schools["b"].id) as session:
        gone = session.scalars(select(TakeawayTask).filter_by(state="cancelled")).one()
        assert (gone.key, gone.detail) == (None, {})


def rezipped(parcel: Zip, *, honest: bool = True, **changed: bytes | None) -> bytes:
    """The same zip with parts changed (None removes one); honest sums unless told."""
    parts = {name: parcel.read(name) for name in parcel.names if name != "SHA256SUMS"}
    for name, data in changed.items():
        key = name.replace("__", "/").replace("_dot_", ".")
        if data is None:
            parts.pop(key, None)
        else:
            parts[key] = data
    source = (
        parts if honest else {name: parcel.read(name) for name in parts if name in parcel.names}
    )
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in source.items())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
        made.writestr("SHA256SUMS", sums)
    return out.getvalue()


def with_data(parcel: Zip, change: Callable[[dict[str, Any]], object]) -> bytes:
    """An honest zip whose data.json says something else."""
    data = parcel.json
    change(data)
    return rezipped(parcel, data_dot_json=json.dumps(data).encode())


HOSTILE: dict[str, tuple[Callable[[Zip], bytes], str]] = {
    "no zip": (lambda _: b"PK no zip", "打不开"),
    "empty": (lambda _: b"", "打不开"),
    "half": (lambda p: p.data[: len(p.data) // 2], "打不开"),
    "another zip": (lambda _: zipped({"a.txt": b"x"}), "不是成长册"),
    "a path": (lambda p: rezipped(p, **{"..__evil_dot_jpg": b"x"}), "不是成长册"),
    "a script": (lambda p: rezipped(p, evil_dot_js=b"x"), "不是成长册"),
    "a text was changed": (lambda p: rezipped(p, honest=False, data_dot_json=b"{}"), "对不上"),
    "a part too much": (lambda p: rezipped(p, honest=False, photos__9999_dot_jpg=b"x"), "对不上"),
    "a bomb": (lambda p: rezipped(p, index_dot_html=b"0" * 30_000_000), "太大"),
    "a ratio": (lambda p: rezipped(p, index_dot_html=b"0" * 9_000_000), "太大"),
    "no json": (lambda p: rezipped(p, data_dot_json=b"{"), "不合格式"),
    "deep json": (lambda p: rezipped(p, data_dot_json=b"[" * 9_000), "不合格式"),
    "a list": (lambda p: rezipped(p, data_dot_json=b"[]"), "不是成长册"),
    "version 2": (lambda p: with_data(p, lambda d: d.update(version=2)), "版本是 2"),
    "a new field": (lambda p: with_data(p, lambda d: d.update(school_id=2)), "不合格式"),
    "a wrong area": (
        lambda p: with_data(p, lambda d: d["records"][0].update(area="rank")),
        "不合格式",
    ),
    "a NUL": (lambda p: with_data(p, lambda d: d["records"][0].update(text="a\0b")), "不合格式"),
    "a long text": (
        lambda p: with_data(p, lambda d: d["records"][0].update(text="长" * 2001)),
        "不合格式",
    ),
    "no zone": (
        lambda p: with_data(p, lambda d: d["records"][0].update(at="2026-01-01")),
        "不合格式",
    ),
    "half a character": (
        lambda p: with_data(p, lambda d: d["pupil"].update(name="李\ud800")),
        "（学生）",
    ),
    "half a character of a field's name": (
        lambda p: with_data(p, lambda d: d["pupil"].update({"\ud800": 1})),
        "（学生）",
    ),
    "the first year": (
        lambda p: with_data(p, lambda d: d["records"][0].update(at="0001-01-01T00:00:00+14:00")),
        "（成长记录第 1 条）",
    ),
    "the last day": (
        lambda p: with_data(p, lambda d: d.update(made_at="9999-12-31T23:59:59-12:00")),
        "（整理时间）",
    ),
    "born on the last day": (
        lambda p: with_data(p, lambda d: d["pupil"].update(birthday="9999-12-31")),
        "（学生）",
    ),
    "a class of the first year": (
        lambda p: with_data(p, lambda d: d["classes"][0].update(starts_on="0001-01-01")),
        "（所在班级第 1 条）",
    ),
    "no number": (lambda p: rezipped(p, data_dot_json=b'{"version": NaN}'), "（data.json）"),
    "a photo that is not there": (lambda p: rezipped(p, photos__0001_dot_jpg=None), "不合格式"),
}


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_not_right_is_refused_in_one_sentence(
    what: str, parcel: Zip, client_of: ClientOf, seed: Seed
) -> None:
    make, words = HOSTILE[what]
    browser = client_of("admin_b")
    browser.foreign = []
    assert words in send(browser, make(parcel), 422)


def test_an_encrypted_zip_is_refused(parcel: Zip, client_of: ClientOf) -> None:
    data = bytearray(parcel.data)
    at = data.rindex(b"PK\x01\x02")
    data[at + 8] |= 1
    assert "不是成长册" in send(client_of("admin_b"), bytes(data), 422)


def test_a_picture_that_is_none_stops_everything(
    parcel: Zip, client_of: ClientOf, seed: Seed, work: Work
) -> None:
    """Honest sums over a wrong picture: no pupil, no record, one sentence."""
    school, browser = seed.schools["b"], client_of("admin_b")
    browser.foreign = []
    data = parcel.json
    data["photos"][0]["sha256"] = hashlib.sha256(b"no picture").hexdigest()
    evil = rezipped(
        parcel, photos__0001_dot_jpg=b"no picture", data_dot_json=json.dumps(data).encode()
    )
    address, before = send(browser, evil), counts(seed)
    browser.post(f"{address}/application", {"class_id": school.ids["class"]})
    work(school.id, int(address.rsplit("/", 1)[1]))
    assert counts(seed) == before
    assert "不是能用的照片" in browser.page(address).get_text()


def test_a_polyglot_picture_is_drawn_anew(
    parcel: Zip, client_of: ClientOf, seed: Seed, work: Work
) -> None:
    evil = picture() + b"<script>alert(1)</script>"
    data = parcel.json
    data["photos"][0]["sha256"] = hashlib.sha256(evil).hexdigest()
    made = rezipped(parcel, photos__0001_dot_jpg=evil, data_dot_json=json.dumps(data).encode())
    pupil_id = brought(client_of("admin_b"), seed, made, work)
    assert b"<script>" not in again(seed, pupil_id, work).read("photos/0001.jpg")


def test_a_class_of_elsewhere_is_none(parcel: Zip, client_of: ClientOf, seed: Seed) -> None:
    browser = client_of("admin_b")
    browser.foreign = []
    address = send(browser, parcel.data)
    foreign = seed.schools["a"].ids["class"]
    browser.post(f"{address}/application", {"class_id": foreign}, 422)
    client_of("admin").get(address.replace("yixiao", "jiaxiao"), 404)
