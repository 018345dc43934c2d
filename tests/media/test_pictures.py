"""Pictures from strangers: only what we drew is kept; a dead store stops nothing else."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3
from PIL import Image
from sqlalchemy import func, select

from campus import db, jobs, storage
from campus.errors import InvalidInput
from campus.pictures import redraw
from campus.pictures.redraw import LONGEST_SIDE, redrawn, squared
from tenants.classes.models import Praise
from tenants.media.models import Photo
from tests.factories import picture
from tests.support.client import JSON, PageClient
from tests.support.memory_store import MemoryStore
from tests.support.seed import Seed

ClientOf = Callable[[str], PageClient]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MARK = b"<script>alert(1)</script>"


def bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A black PNG of one bit a pixel: 400 million of them in some kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(bytes(width // 8 + 1)) for _ in range(height)) + rows.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def located() -> bytes:
    """A JPEG that says where it was taken and with what."""
    exif = Image.Exif()
    exif[0x010F] = "CAMERA-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 7.0)
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif, comment=b"COMMENT-CANARY")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        b"%PDF-1.7 ...",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        picture()[:200],
        picture(kind="PNG")[:60],
        picture(kind="BMP"),
        picture(kind="TIFF"),
        bomb(),
    ],
    ids=["empty", "text", "pdf", "svg", "gif head", "half jpeg", "half png", "bmp", "tiff", "bomb"],
)
def test_what_is_no_picture_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        redrawn(data)
    assert set(caught.value.fields) == {"photo"}


@pytest.mark.parametrize(
    ("width", "height"), [(1, 40_000_000), (40_000_000, 1), (12_001, 1), (20_000, 20_000)]
)
def test_thin_and_vast_pictures_are_refused_by_their_header(
    width: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """78 kB asked for 500 MB; now a child with 48 MB of memory over the bare one's says no."""
    data = bomb(width, height)
    assert len(data) < 100_000
    monkeypatch.setattr(redraw, "BOUNDS", replace(redraw.BOUNDS, memory=96 * 2**20))
    with pytest.raises(InvalidInput, match="一边超过 12000 像素"):
        redrawn(data)


def test_the_largest_pictures_are_drawn() -> None:
    made = redrawn(bomb(12_000, 3_333))
    assert (made.width, made.height) == (LONGEST_SIDE, 444)


def test_this_process_reads_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child does, so nothing it reads can fall on the pages of others."""
    data = picture()
    monkeypatch.setattr(Image, "open", None)
    assert redrawn(data).data.startswith(b"\xff\xd8")
    assert squared(data, 64).startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_is_a_picture_becomes_our_jpeg(kind: str) -> None:
    made = redrawn(picture(3000, 1000, kind))
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.format == "JPEG"
        assert image.size == (made.width, made.height)
    assert max(made.width, made.height) <= LONGEST_SIDE


def test_place_camera_and_comments_are_gone() -> None:
    """A photo of a child tells nobody where the child was."""
    assert b"CAMERA-MAKER" in located()
    made = redrawn(located()).data
    with Image.open(io.BytesIO(made)) as image:
        assert not image.getexif()
    assert b"CAMERA-MAKER" not in made
    assert b"COMMENT-CANARY" not in made


def test_a_picture_that_is_also_a_page_is_only_a_picture() -> None:
    """The tail of a polyglot does not survive being drawn anew."""
    made = redrawn(picture() + MARK + b"PK\x03\x04").data
    assert MARK not in made
    assert b"PK\x03\x04" not in made


def test_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (80, 40)).save(out, "JPEG", exif=exif)
    made = redrawn(out.getvalue())
    assert (made.width, made.height) == (40, 80)


def send(browser: PageClient, seed: Seed, data: bytes | None, status: int, **more: Any) -> Any:
    ids = seed.schools["a"].ids
    form: dict[str, Any] = {"pupil_id": ids["child"], "area": "art", "comment": "画得真好"}
    if data is not None:
        form["photo"] = (io.BytesIO(data), "../../画.jpg")
    return browser.post(f"/classes/{ids['class']}/praise", form, status, **more)


def photos(seed: Seed) -> tuple[int, int]:
    with db.transaction(school_id=seed.schools["a"].id) as session:
        return (
            session.scalars(select(func.count()).select_from(Photo)).one(),
            session.scalars(select(func.count()).select_from(Praise)).one(),
        )


def test_a_photo_reaches_the_family(
    store: storage.Storage, client_of: ClientOf, seed: Seed, fresh: str
) -> None:
    """Through a link that shows a JPEG and nothing else; tampered with, it opens nothing."""
    send(client_of("class_teacher"), seed, located(), 303)
    page = client_of("guardian").page("/home")
    link = page.find("img", attrs={"alt": True}, src=lambda src: src and "X-Amz" in src)["src"]
    with urllib3.PoolManager(retries=False, timeout=3.0) as pool:
        answer = pool.request("GET", link)
        foreign = link.replace(f"s/{seed.schools['a'].id}/", f"s/{seed.schools['b'].id}/")
        assert pool.request("GET", foreign).status in (403, 404)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert b"CAMERA-MAKER" not in answer.data


def test_a_dead_store_loses_no_words(client_of: ClientOf, seed: Seed, fresh: str) -> None:
    """With the photo: 503, the words kept, nothing half done. Without it: done. Pages go on."""
    browser, before = client_of("class_teacher"), photos(seed)
    answer = send(browser, seed, picture(), 503, headers=JSON)
    assert int(answer.headers["Retry-After"]) > 0
    assert "去掉照片可以先发出点评" in answer.get_json()["detail"]
    assert photos(seed) == before
    send(browser, seed, None, 303)
    assert photos(seed) == (before[0], before[1] + 1)
    client_of("guardian").get("/home")
    health = browser.get("/healthz", at="").get_json()
    assert health["parts"]["objects"] == "down"
    assert health["parts"]["database"] == "ok"


def test_a_wrong_file_is_a_sentence(client_of: ClientOf, seed: Seed, fresh: str) -> None:
    answer = send(client_of("class_teacher"), seed, b"no picture", 422, headers=JSON)
    assert "不是能用的照片" in answer.get_json()["errors"]["photo"]


def test_a_repeated_photo_is_stored_once(
    store: storage.Storage, client_of: ClientOf, seed: Seed, fresh: str
) -> None:
    before = photos(seed)
    for _ in range(2):
        key = {"Idempotency-Key": "photo-once"}
        send(client_of("class_teacher"), seed, picture(colour="blue"), 303, headers=key)
    assert photos(seed) == (before[0] + 1, before[1] + 1)


def test_the_sweep_keeps_to_its_school(
    seed: Seed, fresh: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An orphan of A goes, everything of B and what a photo names stays (memory store)."""
    memory, a, b = MemoryStore(), seed.schools["a"], seed.schools["b"]
    orphans = {one.key: f"s/{one.id}/{'f' * 32}" for one in (a, b)}
    for key in (*a.files, *b.files, *orphans.values()):
        memory.objects[key] = (b"x", LONG_AGO)
    monkeypatch.setattr(storage, "_configured", [memory])
    jobs.perform(jobs.JOBS["media.sweep"], {"school_id": a.id})
    assert set(memory.objects) == {*a.files, *b.files, orphans["b"]}
