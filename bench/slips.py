"""The paper of a class of 45, from the press of the button to the PDF's last byte.

Codes are drawn and stored, names and places are asked for, QR codes drawn, pages set. The floor is
the typesetter alone: as many QR codes, drawn before, without a word beside them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import typst
from sqlalchemy import func, select

from campus import db
from campus.actor import Actor
from tenants.families import invite, sheets
from tenants.people import scope
from tenants.people.models import Enrollment

CHILDREN = 45
MOST = 1.0
ADDRESS = "https://school.example/s/bench/join/{}"
PLAIN = """
#set page(paper: "a4")
#for qr in json(bytes(sys.inputs.data)) { image(bytes(qr), format: "svg", width: 40mm) }
"""
Figures = Iterator[tuple[str, float, str, float, float, bool]]


def measure(school: int) -> Figures:
    """The first paper of a process, which still reads the font, and the next one."""
    with db.transaction(school_id=school):
        class_id = db.rows(
            select(Enrollment.class_id)
            .where(Enrollment.school_id == school, scope.current(Enrollment))
            .group_by(Enrollment.class_id)
            .having(func.count() == CHILDREN)
            .order_by(Enrollment.class_id)
            .limit(1)
        )[0][0]
    first, second = _paper(school, class_id), _paper(school, class_id)
    yield "slips_45_first", first, "s", MOST, first / MOST, first <= MOST
    alone = _alone()
    yield "slips_45", second, "s", alone, second / alone, second <= MOST


def _paper(school: int, class_id: int) -> float:
    began = time.monotonic()
    actor = Actor.system(school)
    with db.transaction(school_id=school):
        places = invite.missing_places(actor, class_id=class_id, one_each=True)
        issued = invite.issue_codes(actor, places=places, secret="bench" * 8)
        made = sheets.class_paper(
            issued, school="尺小学", join_url=ADDRESS.format(""), url_of=ADDRESS.format
        )
    spent = time.monotonic() - began
    assert len(issued) == CHILDREN
    assert made.startswith(b"%PDF")
    return spent


def _alone() -> float:
    drawn = json.dumps([sheets.qr_svg(ADDRESS.format(f"{at:032}")) for at in range(CHILDREN)])
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)
    began = time.monotonic()
    made = typst.compile(PLAIN.encode(), format="pdf", font_paths=fonts, sys_inputs={"data": drawn})
    spent = time.monotonic() - began
    assert isinstance(made, bytes)
    return spent
