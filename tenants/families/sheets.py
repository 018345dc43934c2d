"""The paper of a class: slips with QR and short code, eight an A4 page, as PDF by typst."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

import segno
import typst
from sqlalchemy import select

from campus import clock, db
from campus.offload import offload
from tenants.families import codes, glyphs
from tenants.families.first import Newcomer
from tenants.families.invite import Issued
from tenants.people import scope
from tenants.people.models import Enrollment, HomeroomClass, Pupil
from tenants.people.naming import class_label

TEMPLATE = Path(__file__).with_name("slips.typ")
MASK = 3
MOST_NAMED = 5
STEPS = ("用微信扫右边的码", "填手机号，设一个密码", "选好同意哪些事，就进来了")
STAFF_STEPS = ("用手机扫右边的码", "填手机号和下面的 8 位码", "自己设一个密码，再登录")


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the paper, read once; the machine's own are never looked for."""
    folders = [str(font.parent) for font in glyphs.FONTS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def _qr(address: str) -> segno.QRCode:
    """Trying all eight masks for the best-looking one costs six times as much; a random token
    looks well under any."""
    return segno.make(address, error="m", micro=False, mask=MASK)


def unprintable(people: Iterable[tuple[int | None, str]]) -> str:
    """The sentence for whoever prints, when names (with seats) have characters no font has."""
    found = [
        f"{f'{seat} 号 ' if seat else ''}{name}" for seat, name in people if not glyphs.prints(name)
    ]
    if not found:
        return ""
    named = "、".join(found[:MOST_NAMED])
    more = f" 等 {len(found)} 人" if len(found) > MOST_NAMED else ""
    return f"{named}{more}的名字里有纸上印不出来的字：印作 □，旁边有座号，请手写补上。"


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
    slips = [_slip(one, *people[one.place.pupil_id], url_of(one.token)) for one in issued]
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
            "missing": _missing(one.name),
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
    db.release()  # the codes stand before they are on paper
    data = {
        "title": title,
        "school": school,
        "steps": steps,
        "address": url.partition("://")[2],
        "until": clock.date_words(until) if until else "",
        "slips": slips,
    }
    return offload(_compiled, glyphs.printable(json.dumps(data, ensure_ascii=False)))


def _missing(name: str, seat: int | None = None) -> str:
    """What is said beside a name with a character no font has: which child, and what to do."""
    if glyphs.prints(name):
        return ""
    return f"{f'{seat} 号，' if seat else ''}□ 处的字印不出来，请手写"


def _slip(one: Issued, name: str, label: str, seat: int | None, address: str) -> dict[str, str]:
    return {
        "name": name,
        "missing": _missing(name, seat),
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


def _people(pupil_ids: Sequence[int]) -> dict[int, tuple[str, str, int | None]]:
    """Names, class labels and seats of children already reached."""
    rows = db.rows(
        select(
            Pupil.id,
            Pupil.name,
            HomeroomClass.entry_year,
            HomeroomClass.number,
            Enrollment.seat_no,
        )
        .join(Enrollment, db.on(Enrollment, Pupil, "pupil_id"))
        .join(HomeroomClass, db.on(Enrollment, HomeroomClass, "class_id"))
        .where(
            Pupil.school_id == db.school_id(), Pupil.id.in_(pupil_ids), scope.current(Enrollment)
        )
    )
    today = clock.today()
    return {row[0]: (row[1], class_label(row[2], row[3], today), row[4]) for row in rows}
