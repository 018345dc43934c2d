"""Files nobody should have to open: generators, not binaries. Each has a name and makes bytes."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import xlsxwriter

HEAD = ["班级", "姓名", "座号", "性别", "出生日期", "监护人1姓名", "监护人1手机", "身份证号"]
ROW = ["三年级2班", "周宁", "1", "女", "2017-11-03", "陈静", "12000000104", ""]
Make = Callable[[], bytes]
MEGABYTE = 2**20


def book(*rows: list[Any], name: str = "学生", **options: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as made:
        sheet = made.add_worksheet(name)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, at, cell)
                elif cell is not None:
                    sheet.write(number, at, cell)
    return out.getvalue()


def good() -> bytes:
    return book(HEAD, ROW)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes], level: int = 9) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_sheet(xml: bytes) -> bytes:
    return packed({**parts(good()), "xl/worksheets/sheet1.xml": xml})


def sheet_xml(inside: bytes) -> bytes:
    space = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return (
        b'<?xml version="1.0"?><worksheet '
        + space
        + b"><sheetData>"
        + inside
        + b"</sheetData></worksheet>"
    )


def cell_at(place: str) -> bytes:
    number = "".join(letter for letter in place if letter.isdigit())
    row = f'<row r="{number}"><c r="{place}" t="inlineStr"><is><t>x</t></is></c></row>'
    return with_sheet(sheet_xml(row.encode()))


def altered(old: bytes, new: bytes, part: str = "xl/workbook.xml") -> bytes:
    files = parts(good())
    files[part] = files[part].replace(old, new)
    return packed(files)


def cut(share: float) -> bytes:
    data = good()
    return data[: int(len(data) * share)]


def noisy() -> bytes:
    noise = random.Random(7)
    data = bytearray(good())
    for _ in range(60):
        data[noise.randrange(40, len(data))] = noise.randrange(256)
    return bytes(data)


def encrypted_xlsx() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(500)
        + "EncryptedPackage".encode("utf-16-le")
        + bytes(2000)
    )


def encrypted_zip() -> bytes:
    data = bytearray(good())
    for at in range(len(data) - 4):
        if data[at : at + 4] == b"PK\x03\x04":
            data[at + 6] |= 1
        if data[at : at + 4] == b"PK\x01\x02":
            data[at + 8] |= 1
    return bytes(data)


def lying_zip() -> bytes:
    """A header that promises little for an entry that holds much."""
    data = bytearray(
        packed({**parts(good()), "xl/worksheets/sheet1.xml": sheet_xml(b" " * 40 * MEGABYTE)})
    )
    at = data.rindex(
        b"PK\x01\x02", 0, data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02"))
    )
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(data)


def quine_like() -> bytes:
    inner = good()
    for _ in range(20):
        inner = packed({"again.zip": inner})
    return inner


def laughs() -> bytes:
    levels = b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
    return with_sheet(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "ha">'
        + levels
        + b"]><worksheet>&a11;</worksheet>"
    )


def external() -> bytes:
    return with_sheet(
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><worksheet>&e;</worksheet>'
    )


def linked() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        one = zipfile.ZipInfo("manifest.csv")
        one.external_attr = 0o120777 << 16
        archive.writestr(one, "/etc/passwd")
    return out.getvalue()


def csv_of(text: str, encoding: str = "utf-8", mark: bytes = b"") -> bytes:
    return mark + text.encode(encoding)


def lines(*rows: list[str], by: str = ",") -> str:
    return "\n".join(by.join(row) for row in rows) + "\n"


def ods(content: str) -> bytes:
    kinds = "application/vnd.oasis.opendocument.spreadsheet"
    space = "urn:oasis:names:tc:opendocument:xmlns"
    xml = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{space}:office:1.0" '
        f'xmlns:table="{space}:table:1.0" xmlns:text="{space}:text:1.0">'
        "<office:body><office:spreadsheet>"
        f'<table:table table:name="t">{content}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    manifest = f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0"/>'
    return packed(
        {
            "mimetype": kinds.encode(),
            "content.xml": xml.encode(),
            "META-INF/manifest.xml": manifest.encode(),
        }
    )


def pupil(**cells: Any) -> bytes:
    row: list[Any] = list(ROW)
    for column, cell in cells.items():
        row[
            HEAD.index(
                {
                    "id_number": "身份证号",
                    "born": "出生日期",
                    "phone": "监护人1手机",
                    "name": "姓名",
                    "seat": "座号",
                    "group": "班级",
                    "sex": "性别",
                }[column]
            )
        ] = cell
    return book(HEAD, row)


# Files that must be refused as a whole, with a part of the sentence.
UNREADABLE: dict[str, tuple[Make, str]] = {
    "empty": (lambda: b"", "空的"),
    "blanks": (lambda: b" \r\n\t\n", "空的"),
    "cut-10": (lambda: cut(0.1), "损坏"),
    "cut-50": (lambda: cut(0.5), "损坏"),
    "cut-99": (lambda: cut(0.99), "损坏"),
    "only-magic": (lambda: b"PK\x03\x04", "损坏"),
    "encrypted-xlsx": (encrypted_xlsx, "密码"),
    "encrypted-zip": (encrypted_zip, "密码"),
    "old-magic": (lambda: b"\xd0\xcf\x11\xe0" + bytes(3000), "打不开"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "png": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(50), "图片"),
    "jpeg": (lambda: b"\xff\xd8\xff\xe0" + bytes(50), "图片"),
    "elf": (lambda: b"\x7fELF\x02\x01" + bytes(300), "表格"),
    "html-as-xls": (lambda: b"<html><table><tr><td>\xe5\xa7\x93</td></tr></table></html>", "网页"),
    "xml-as-xls": (lambda: b'<?xml version="1.0"?><Workbook/>', "网页"),
    "word": (
        lambda: packed({"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}),
        "Word",
    ),
    "slides": (lambda: packed({"ppt/presentation.xml": b"<x/>"}), "幻灯片"),
    "zip-of-files": (lambda: packed({"a.xlsx": good(), "b.xlsx": good()}), "压缩包"),
    "zip-in-zip": (quine_like, "压缩包"),
    "zip-in-folder": (lambda: packed({"out/manifest.csv": b"x"}), "文件夹"),
    "zip-many-entries": (lambda: packed(dict.fromkeys(map(str, range(5000)), b"x")), "太多"),
    "zip-up": (lambda: packed({"../../etc/passwd": b"x", "/etc/shadow": b"y"}), "压缩包"),
    "zip-gbk-names": (lambda: packed({"名册".encode("gbk").decode("cp437"): b"x"}), "压缩包"),
    "zip-link": (linked, "manifest.csv"),
    "zip-empty": (lambda: packed({}), "压缩包"),
    "bomb-ratio": (lambda: with_sheet(sheet_xml(b" " * 60 * MEGABYTE)), "太大"),
    "bomb-size": (
        lambda: packed({**parts(good()), "xl/media/x.bin": bytes(120 * MEGABYTE)}),
        "太大",
    ),
    "bomb-lying": (lying_zip, ""),
    "huge-cell": (
        lambda: with_sheet(
            sheet_xml(
                b'<row r="1"><c r="A1" t="inlineStr"><is><t>'
                + b"x" * 300 * MEGABYTE
                + b"</t></is></c></row>"
            )
        ),
        "太大",
    ),
    "laughs": (laughs, "定义"),
    "external-entity": (external, "定义"),
    "far-corner": (lambda: cell_at("XFD1048576"), "1048576"),
    "far-column": (lambda: cell_at("XFD1"), "列"),
    "far-row": (lambda: cell_at("A1048576"), "行"),
    "beyond-excel": (lambda: cell_at("ZZZZ99999999"), ""),
    "broken-xml": (lambda: with_sheet(b"<worksheet><sheetData><row>"), "没有找到名册|打不开"),
    "no-workbook": (
        lambda: packed({"xl/workbook.xml": b"", "[Content_Types].xml": b"<Types/>"}),
        "打不开",
    ),
    "no-strings": (
        lambda: packed({k: v for k, v in parts(good()).items() if "shared" not in k}),
        "",
    ),
    "wide": (lambda: book([*HEAD, *(f"列{n}" for n in range(200))]), "列"),
    "long-cell": (lambda: book(HEAD, ["三年级2班", "周" * 5000]), "第 2 行第 2 列"),
    "no-sheets": (lambda: altered(b"<sheet ", b"<sheep "), ""),
    "ods-repeats": (
        lambda: ods(
            '<table:table-row table:number-rows-repeated="1048576">'
            '<table:table-cell table:number-columns-repeated="16384">'
            "<text:p>x</text:p></table:table-cell></table:table-row>"
        ),
        "",
    ),
    "csv-nul": (lambda: b"a,b\0c\n1,2,3\n", "表格"),
    "csv-bad-bytes": (lambda: b"\xff\xfe\xff\xff\xd8\x00" * 3, "编码|没有找到|表格"),
    "csv-broken-quote": (lambda: csv_of(lines(HEAD) + '"' + "周" * 4000), "引号"),
    "csv-no-header": (lambda: csv_of(lines(ROW)), "没有找到名册"),
    "csv-one-column": (lambda: csv_of("姓名\n周宁\n"), "没有找到名册"),
    "csv-no-class": (lambda: csv_of("姓名,性别\n周宁,女\n"), "班级"),
    "csv-wide": (lambda: csv_of(",".join("abc") * 9000), "列"),
    "csv-two-names": (lambda: csv_of("姓名,学生姓名,班级\n周宁,周宁,三年级2班\n"), "两列"),
    "macros-only": (lambda: packed({"xl/vbaProject.bin": b"x" * 99}), "压缩包"),
    "eicar": (
        lambda: rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        "没有找到名册",
    ),
    "oneroster-bare": (lambda: packed({"manifest.csv": b"propertyName,value\n"}), "版本"),
    "oneroster-no-header": (lambda: packed({"manifest.csv": b"a,b\n"}), "manifest.csv"),
}
# Files that are read; what their rows come to: the codes of the problems, in order.
READ: dict[str, tuple[Make, list[str]]] = {
    "good": (good, []),
    "noise": (noisy, []),
    "utf8-bom": (lambda: csv_of(lines(HEAD, ROW), "utf-8-sig"), []),
    "gb18030": (lambda: csv_of(lines(HEAD, [*ROW[:1], "王𠮷", *ROW[2:]]), "gb18030"), []),
    "utf16": (lambda: csv_of(lines(HEAD, ROW, by="\t"), "utf-16"), []),
    "utf16-be": (lambda: csv_of(lines(HEAD, ROW), "utf-16-be", b"\xfe\xff"), []),
    "utf16-no-mark": (lambda: csv_of(lines(["name", "class"], ["Anna", "302"]), "utf-16-le"), []),
    "tabs": (lambda: csv_of(lines(HEAD, ROW, by="\t")), []),
    "semicolons": (lambda: csv_of(lines(HEAD, ROW, by=";")), []),
    "sep-line": (lambda: csv_of("sep=;\n" + lines(HEAD, ROW, by=";")), []),
    "formula": (lambda: pupil(name='=HYPERLINK("http://x","y")'), ["name-wrong"]),
    "formula-phone": (lambda: pupil(phone="=1+1"), ["phone-wrong"]),
    "plus-86": (lambda: pupil(phone="+86 120-0000-0104"), []),
    "full-width": (lambda: pupil(phone="１２００００００１０４", seat="１"), []),
    "invisible": (lambda: pupil(name="周\u200b\u202e宁\ufeff"), []),
    "number-phone": (lambda: pupil(phone=12000000104), []),
    "number-id": (lambda: pupil(id_number=110105201711030016), ["digits-lost"]),
    "scientific-id": (lambda: csv_of(lines(HEAD, [*ROW[:7], "1.10105E+17"])), ["digits-lost"]),
    "bad-check-digit": (lambda: pupil(id_number="110105201711030017"), ["id-check"]),
    "serial-date": (lambda: pupil(born=43042), ["birthday-serial"]),
    "impossible-date": (lambda: pupil(born="2017-02-30"), ["birthday-wrong"]),
    "born-1900": (lambda: pupil(born="1900-01-01"), ["birthday-age"]),
    "text-date": (lambda: pupil(born="2017年11月3日"), []),
    "class-as-date": (lambda: pupil(group="2026-03-02"), ["class-date"]),
    "seat-zero-led": (lambda: pupil(seat="007"), []),
    "seat-negative": (lambda: pupil(seat=-3), ["seat-wrong"]),
    "sex-odd": (lambda: pupil(sex="公"), ["sex-wrong"]),
    "short-phone": (lambda: pupil(phone="1200000010"), ["phone-wrong"]),
    "twice": (lambda: book(HEAD, ROW, ROW), ["row-twice"]),
    "namesakes": (lambda: book(HEAD, ROW, [*ROW[:2], "2", *ROW[3:]]), []),
    "empty-rows": (lambda: book([], [], HEAD, [], ROW, [], []), []),
    "empty-columns": (lambda: book(["", "", *HEAD], ["", "", *ROW]), []),
    "title-and-note": (
        lambda: book(["枫林小学花名册"], ["请勿改动列名"], HEAD, ROW, ["合计：1 人"]),
        ["row-skipped"],
    ),
    "two-headings": (
        lambda: book(
            ["班级", "姓名", "监护人1", "", ""],
            ["", "", "姓名", "关系", "手机"],
            ["三年级2班", "周宁", "陈静", "妈妈", "12000000104"],
        ),
        [],
    ),
    "headings-again": (lambda: book(HEAD, ROW, HEAD), []),
    "sheet-is-class": (lambda: book(["姓名", "性别"], ["周宁", "女"], name="三年级2班"), []),
    "grade-and-number": (lambda: book(["年级", "班", "姓名"], ["三年级", "2", "周宁"]), []),
    "only-header": (lambda: book(HEAD), []),
}
