"""The paper of a class: slips with QR and short code, eight an A4 page, as PDF by typst."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import segno
import typst
from sqlalchemy import select

from campus import clock, db
from campus.offload import offload
from tenants.families import codes
from tenants.families.first import Newcomer
from tenants.families.invite import Issued
from tenants.people import scope
from tenants.people.models import Enrollment, HomeroomClass, Pupil
from tenants.people.naming import class_label

TEMPLATE = Path(__file__).with_name("slips.typ")
MASK = 3
STEPS = ("用微信扫右边的码", "填手机号，设一个密码", "选好同意哪些事，就进来了")
STAFF_STEPS = ("用手机扫右边的码", "填手机号和下面的 8 位码", "自己设一个密码，再登录")


@cache
def _fonts() -> typst.Fonts:
    """The one font of the paper, read once; the machine's own fonts are never looked for."""
    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )


def _qr(address: str) -> segno.QRCode:
    """Trying all eight masks for the best-looking one costs six times as much; a random token
    looks well under any."""
    return segno.make(address, error="m", micro=False, mask=MASK)


def qr_svg(address: str) -> str:
    """The QR of an address as SVG text; level M survives a crease."""
    out = io.BytesIO()
    _qr(address).save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()


def qr_data(address: str) -> str:
    """The QR of an address for an ``img`` on a page."""
    return str(_qr(address).svg_data_uri(border=2))


def class_paper(
    issued: Sequence[Issued], *, school: str, join_url: str, url_of: Callable[[str], str]
) -> bytes:
    """The slips of these codes as a PDF, in their order; ``url_of`` makes a token's address."""
    people = _people([one.place.pupil_id for one in issued])
    slips = [_slip(one, people[one.place.pupil_id], url_of(one.token)) for one in issued]
    until = issued[0].expires_at if issued else None
    return _paper("家长入校单", slips, school=school, steps=STEPS, url=join_url, until=until)


def staff_paper(
    issued: Sequence[tuple[Newcomer, str]], *, school: str, url: str, until: datetime
) -> bytes:
    """The slips of colleagues' first codes; every QR opens the page where a code is typed."""
    qr = qr_svg(url)
    slips = [
        {
            "name": one.name,
            "class": "教职工",
            "relation": one.title or "老师",
            "code": codes.spaced(short),
            "qr": qr,
        }
        for one, short in issued
    ]
    return _paper("老师首次登录单", slips, school=school, steps=STAFF_STEPS, url=url, until=until)


def _paper(
    title: str,
    slips: Sequence[dict[str, str]],
    *,
    school: str,
    steps: Sequence[str],
    url: str,
    until: datetime | None,
) -> bytes:
    data = {
        "title": title,
        "school": school,
        "steps": steps,
        "address": url.partition("://")[2],
        "until": clock.date_words(until) if until else "",
        "slips": slips,
    }
    return offload(_compiled, json.dumps(data, ensure_ascii=False))


def _slip(one: Issued, person: tuple[str, str], address: str) -> dict[str, str]:
    name, label = person
    return {
        "name": name,
        "class": label,
        "relation": one.relation,
        "code": codes.spaced(one.short),
        "qr": qr_svg(address),
    }


def _compiled(data: str) -> bytes:
    made = typst.compile(
        TEMPLATE.read_bytes(), format="pdf", font_paths=_fonts(), sys_inputs={"data": data}
    )
    assert isinstance(made, bytes)
    return made


def _people(pupil_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Names and class labels of children already reached."""
    rows = db.rows(
        select(Pupil.id, Pupil.name, HomeroomClass.entry_year, HomeroomClass.number)
        .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(
            Pupil.school_id == db.school_id(), Pupil.id.in_(pupil_ids), scope.current(Enrollment)
        )
    )
    today = clock.today()
    return {row[0]: (row[1], class_label(row[2], row[3], today)) for row in rows}
