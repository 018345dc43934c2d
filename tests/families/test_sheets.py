"""The paper and the list: every child's code readable, quickly, and no number in the open."""

from __future__ import annotations

import io
import time
from datetime import timedelta
from typing import Any

import pypdf
from flask import Flask
from pypdf.generic import ContentStream
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from campus import clock, db
from tenants.families import codes, sheets
from tenants.families.invite import Issued, Place
from tenants.people.models import Pupil
from tests.factories import Seed


def paper(app: Flask, seed: Seed, count: int) -> tuple[list[Issued], bytes]:
    ids, until = seed.schools["a"].ids, clock.now() + timedelta(days=7)
    pupils = [ids["child"], ids["classmate"]]
    issued = [
        Issued(at, Place(pupils[at % 2]), "妈妈", codes.new_token(), codes.new_short(), until)
        for at in range(count)
    ]
    with db.transaction(school_id=seed.schools["a"].id, read_only=True):
        made = sheets.class_paper(
            issued,
            school="甲山小学",
            join_url="https://school.example/s/jiaxiao/join",
            url_of=lambda token: f"https://school.example/s/jiaxiao/join/{token}",
        )
    return issued, made


def text_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages]


def test_every_slip_has_its_code(app: Flask, seed: Seed) -> None:
    issued, made = paper(app, seed, 45)
    pages = text_of(made)
    assert len(pages) == 6, "eight an A4 page"
    whole = "".join(pages)
    for one in issued:
        assert codes.spaced(one.short) in whole
    for words in ("甲山小学", "三年级（1）班", "school.example/s/jiaxiao", "前有效"):
        assert words in whole
    width, height = pypdf.PdfReader(io.BytesIO(made)).pages[0].mediabox[2:]
    assert (round(width), round(height)) == (595, 842)


def test_a_class_is_printed_within_a_second(app: Flask, seed: Seed) -> None:
    paper(app, seed, 1)  # the font is read once
    started = time.process_time()  # of this process alone, however busy the machine is
    paper(app, seed, 45)
    assert time.process_time() - started < 1.0


def test_markup_in_a_name_is_only_text(app: Flask, seed: Seed, monkeypatch: Any) -> None:
    person = ("#[*李*] $x$ \\", "班", 7)
    monkeypatch.setattr(sheets, "_people", lambda ids: dict.fromkeys(ids, person))
    _, made = paper(app, seed, 1)
    assert "#[*李*] $x$ \\" in text_of(made)[0]


def glyph_ids(pdf: bytes) -> list[int]:
    """Every glyph the pages show: typst writes them as two bytes each; 0 is the empty box."""
    found: list[int] = []
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
            shown = operands if operator == b"Tj" else operands[0] if operator == b"TJ" else []
            for one in shown:
                text = getattr(one, "original_bytes", None)
                if text is not None:
                    found += [int.from_bytes(text[at : at + 2]) for at in range(0, len(text), 2)]
    return found


def test_rare_characters_of_names_are_printed(app: Flask, seed: Seed, monkeypatch: Any) -> None:
    """Of the 通用规范汉字表, of Japan and of Hong Kong, far beyond U+FFFF."""
    names = ("𠮷田", "𬭎文", "𠝹一", "㛃然", "𫘝𬍡", "李龘")
    child, mate = (seed.schools["a"].ids[key] for key in ("child", "classmate"))
    for first, second in zip(names[::2], names[1::2], strict=True):
        people = {child: (first, "班", 7), mate: (second, "班", None)}
        monkeypatch.setattr(sheets, "_people", lambda _, held=people: held)
        _, made = paper(app, seed, 2)
        words = text_of(made)[0]
        assert first in words
        assert second in words
        assert "手写" not in words
        drawn = glyph_ids(made)
        assert len(drawn) > 100
        assert 0 not in drawn, names


def test_a_character_no_font_has_is_a_box_with_the_childs_number(
    app: Flask, seed: Seed, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sheets, "_people", lambda ids: dict.fromkeys(ids, ("李𪛖\ue000", "班", 7)))
    _, made = paper(app, seed, 1)
    words = text_of(made)[0]
    assert "李□□" in words
    assert "7 号，□ 处的字印不出来，请手写" in words
    assert 0 not in glyph_ids(made)
    assert sheets.unprintable([(7, "李𪛖"), (8, "𠮷田"), (None, "王𪛖")]) == (
        "7 号 李𪛖、王𪛖的名字里有纸上印不出来的字：印作 □，旁边有座号，请手写补上。"
    )


def test_who_prints_is_told_of_names_paper_cannot_show(seed: Seed, client_of: Any) -> None:
    ids = seed.schools["a"].ids
    path = f"/families/classes/{ids['class']}"
    assert "印不出来" not in client_of("class_teacher").page(path).get_text()
    with db.transaction(school_id=seed.schools["a"].id) as session:
        session.execute(update(Pupil).where(Pupil.id == ids["child"]).values(name="李𪛖"))
    assert "李𪛖的名字里有纸上印不出来的字" in client_of("class_teacher").page(path).get_text()


def test_the_class_teacher_prints_codes_that_work(seed: Seed, client_of: Any, phone: Any) -> None:
    path = f"/families/classes/{seed.schools['a'].ids['class']}/sheets"
    answer = client_of("class_teacher").post(path, {"which": "missing"}, 200)
    assert answer.mimetype == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    words = "".join(text_of(answer.get_data()))
    assert words.count("只能用一次") == 2, "the two grandparents who have not joined"
    short = next(word for word in words.split() if len(word) == 9 and word[4] == "-")
    phone().post("/join", {"code": short})


def test_one_each_gives_every_child_a_slip(seed: Seed, client_of: Any) -> None:
    path = f"/families/classes/{seed.schools['a'].ids['class']}/sheets"
    answer = client_of("admin").post(path, {"which": "each"}, 200)
    words = "".join(text_of(answer.get_data())).replace("\n", "")  # long names break anywhere
    assert words.count("只能用一次") == 2
    assert "另一位家长" in words, "everybody of the classmate has joined"


def test_nothing_to_print_says_so(seed: Seed, client_of: Any) -> None:
    browser = client_of("other_teacher")
    path = f"/families/classes/{seed.schools['a'].ids['other_class']}"
    assert browser.post(f"{path}/sheets", {"which": "missing"})
    assert "都已加入" in browser.page(path).select_one("#toasts").get_text()


def test_the_list_masks_numbers(seed: Seed, client_of: Any) -> None:
    path = f"/families/classes/{seed.schools['a'].ids['class']}/list"
    answer = client_of("class_teacher").post(path, status=200)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data())).get_sheet_by_index(0)
    cells = rows.to_python()
    assert cells[0] == ["座号", "姓名", "称呼", "手机", "状态"]
    assert {row[4] for row in cells[1:]} == {"已加入", "已发码", "未加入"}
    assert all("****" in row[3] for row in cells[1:])
    assert seed.people["guardian"].phone not in str(cells)
