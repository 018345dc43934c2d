"""What a file says besides its cells: open quotes, merged cells, hidden rows and sheets."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from campus.tables.hidden import hidden_rows
from tenants.roster.table import Table
from tests.roster.imports.hostile import ods
from tests.roster.reading import read_here


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """read(bytes) as a file would be."""

    def run(data: bytes) -> Table:
        path = tmp_path / "file"
        path.write_bytes(data)
        return read_here(path)

    return run


OPEN_QUOTES = [
    ('a,b,c\n1,2,"x\n3,4,5\n6,7,8\n', ["1,2,x", "3,4,5", "6,7,8"], [2]),
    ('a,b,c\n1,2,"x\n3,4,5\n6,7,"8"\n', ["1,2,x", "3,4,5", "6,7,8"], [2]),
    ('a,b,c\n1,"2,x\n3,4,5\n6,"7,8\n', ["1,2,x", "3,4,5", "6,7,8"], [2, 4]),
    ('a,b,c\n"1,2,3\n4,5,6\n', ["1,2,3", "4,5,6"], [2]),
    ('a,b,c\n1,"二楼\n三号",3\n4,5,6\n', ["1,二楼\n三号,3", "4,5,6"], []),
    ('a,b,c\n"二楼\n三号",2,3\n4,5,6\n', ["二楼\n三号,2,3", "4,5,6"], []),
    ('a,b,c\n1,"有,逗号",3\n', ["1,有,逗号,3"], []),
    ('a,b,c\n1,"有""引号""",3\n', ['1,有"引号",3'], []),
    ('a,b,c\n1,5" 屏,3\n4,5,6\n', ['1,5" 屏,3', "4,5,6"], []),
    ('a,b,c\n1,2,"x', ["1,2,x"], []),
    ('a\tb\tc\n1\t2\t"x\n3\t4\t5\n', ["1,2,x", "3,4,5"], [2]),
]


@pytest.mark.parametrize(("text", "rows", "told"), OPEN_QUOTES)
def test_an_open_quote_swallows_no_row(
    text: str, rows: list[str], told: list[int], read: Any
) -> None:
    (found,) = read(text.encode()).sheets
    assert [",".join(row) for row in found.rows[1:]] == rows
    assert [row for row, _ in found.remarks] == told


def test_a_thousand_open_quotes_are_read_in_time(read: Any) -> None:
    lines = "".join(f'{n},x,"y\n' for n in range(5_000))
    (found,) = read(f"a,b,c\n{lines}".encode()).sheets
    assert len(found.rows) == 5_001


@pytest.mark.parametrize("text", ["班级，姓名\n三1，安一\n", "班级|姓名\n三1|安一\n"])
def test_unusual_marks_part_columns_where_no_usual_one_stands(text: str, read: Any) -> None:
    assert read(text.encode()).sheets[0].rows == [["班级", "姓名"], ["三1", "安一"]]


def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("名 & 册")
        page.write_row(0, 0, ["班级", "姓名", "住址"])
        page.merge_range(1, 0, 3, 0, "三年级1班")
        page.merge_range(5, 0, 5, 2, "合计")
        for at, name in enumerate(("安一", "安二", "安三"), 1):
            page.write(at, 1, name)
        page.set_row(2, None, None, {"hidden": True})
        page.set_column(2, 2, None, None, {"hidden": True})
        book.add_worksheet("旧的").hide()
    return out.getvalue()


def test_a_cell_merged_over_rows_is_in_each_of_them(read: Any) -> None:
    (found,) = read(workbook()).sheets
    assert found.rows[1:4] == [["三年级1班", "安一"], ["三年级1班", "安二"], ["三年级1班", "安三"]]
    assert found.rows[5] == ["合计"]


def test_hidden_rows_and_sheets_of_a_workbook_are_known(read: Any) -> None:
    table = read(workbook())
    assert [one.name for one in table.sheets] == ["名 & 册"]
    assert (table.sheets[0].hidden, table.unseen) == (frozenset({3}), ("旧的",))


def test_rows_filtered_out_of_an_open_document_are_known(read: Any) -> None:
    row = "<table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
    away = 'table:visibility="filter" table:number-rows-repeated="2"'
    content = f"<table:table-row>{row}<table:table-row {away}>{row}<table:table-row>{row}"
    assert read(ods(content)).sheets[0].hidden == frozenset({2, 3})


def test_rows_hidden_in_an_old_workbook_are_known() -> None:
    """A compound file with one stream: the name of a sheet, then its rows."""
    assert hidden_rows(old_workbook([0, 4])) == {"名册": frozenset({1, 5})}
    assert hidden_rows(b"\xd0\xcf\x11\xe0" + bytes(600)) == {}


def old_workbook(rows: list[int]) -> bytes:
    def record(kind: int, body: bytes) -> bytes:
        return kind.to_bytes(2, "little") + len(body).to_bytes(2, "little") + body

    name = "名册"
    bound = bytes(6) + bytes([len(name), 1]) + name.encode("utf-16-le")
    start = len(record(0x85, bound)) + 4
    bound = start.to_bytes(4, "little") + bound[4:]
    hidden = [row.to_bytes(2, "little") + bytes(10) + b"\x20\x01\x00\x00" for row in rows]
    body = record(0x85, bound) + record(0x0A, b"")
    body += b"".join(record(0x208, one) for one in (*hidden, bytes(16))) + record(0x0A, b"")
    body = body.ljust(4096, b"\0")
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (1).to_bytes(4, "little")
    header[68:72] = b"\xfe\xff\xff\xff"
    header[76:512] = b"\0\0\0\0" + b"\xff" * 432
    follows = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]
    table = b"".join(one.to_bytes(4, "little") for one in follows).ljust(512, b"\xff")
    entry = "Workbook".encode("utf-16-le").ljust(64, b"\0") + (18).to_bytes(2, "little")
    entry = entry.ljust(116, b"\0") + (2).to_bytes(4, "little") + (4096).to_bytes(4, "little")
    return bytes(header) + table + entry.ljust(512, b"\0") + body


def test_a_workbook_whose_parts_are_odd_hides_nothing() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", '<workbook><sheet name="a" r:id="rId9"/></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", "<Relationships/>")
    assert hidden_rows(out.getvalue()) == {}
