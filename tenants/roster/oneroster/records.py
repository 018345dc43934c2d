"""The rows of one file by header, and what is wrong with the headers and the shape of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from campus.tables.cells import QUOTE, as_written, text_of
from tenants.roster.oneroster.faults import Cause, Faults
from tenants.roster.oneroster.spec import EXTENSIONS, headers, required
from tenants.roster.report import Place, Problem, problem
from tenants.roster.table import Cell, Sheet

LIKE = 0.75


@dataclass(slots=True)
class Record:
    """One row of a file, by header; ``id`` is what other files call it, ``gone`` why it does not
    count."""

    sheet: str
    row: int
    cells: dict[str, str]
    gone: Cause | None = field(default=None, compare=False)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = self.cells.get("sourcedId", "")

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str, code: str, reason: str) -> Problem:
        """A problem of this row."""
        return problem(self.place, column, self[column][:60], code, reason)

    @property
    def place(self) -> Place:
        """File and row."""
        return self.sheet, self.row


def near(word: str, known: list[str]) -> str:
    """The known word somebody most likely meant, or nothing."""
    lower = {one.lower(): one for one in known}
    close = get_close_matches(word.lower(), list(lower), 1, LIKE)
    return lower[close[0]] if close else ""


def records(name: str, sheet: Sheet, faults: Faults, *, old: bool) -> list[Record]:
    """The rows of a sheet; none when its headers cannot be trusted."""
    titles = [text_of(cell) for cell in sheet.rows[0]] if sheet.rows else []
    if not any(titles):
        reason = "文件是空的，连列名都没有。"
        faults.breaks(problem((sheet.name, 1), "sourcedId", "", "file-empty", reason))
        return []
    known, needed = headers(name, old=old), required(name, old=old)
    titles = _meant(name, sheet.name, titles, (known, needed), faults)
    _check_order((sheet.name, 1), titles, known, faults)
    return list(_rows(sheet, titles, faults))


def _meant(
    name: str, sheet: str, titles: list[str], columns: tuple[list[str], list[str]], faults: Faults
) -> list[str]:
    """The titles with slips of optional ones mended; all others that are wrong are told."""
    known, needed = columns
    place, found = (sheet, 1), list(titles)
    missing = [one for one in known if one not in titles]
    for at, title in enumerate(titles):
        if title in known and titles.index(title) != at:
            reason = f"第 {at + 1} 列又是 {title}：不知道该读哪一列。"
            faults.breaks(problem(place, title, "", "header-twice", reason))
            missing = [one for one in missing if one not in known[at : at + 1]]
        elif title not in known:
            meant = near(title, missing) if title else ""
            missing = [one for one in missing if one != meant]
            if meant:
                found[at] = _misspelt(place, at, (title, meant), needed, faults)
            elif not (at < len(known) and known[at] in missing and known[at] in needed):
                _unknown(name, place, at, title, faults)
    for one in missing:
        if one in needed:
            faults.breaks(problem(place, one, "", "header-missing", _instead(one, known, titles)))
    optional = [one for one in missing if one not in needed]
    if optional:
        reason = f"缺少这些可选的列：{'、'.join(optional)}。别的列照样读了。"
        faults.note(problem(place, optional[0], "", "header-absent", reason))
    return found


def _instead(one: str, known: list[str], titles: list[str]) -> str:
    at = known.index(one)
    there = titles[at] if at < len(titles) and titles[at] not in known else ""
    told = f"它该是第 {at + 1} 列，那里写的是“{there[:30]}”。" if there else ""
    return f"缺少这一列。{told}"


def _misspelt(
    place: Place, at: int, names: tuple[str, str], needed: list[str], faults: Faults
) -> str:
    """A likely slip is told with the right spelling; of a required column it is not believed."""
    title, meant = names
    reason = f"第 {at + 1} 列的列名应写作 {meant}。"
    if meant in needed:
        faults.breaks(problem(place, title, "", "header-misspelt", reason))
    else:
        faults.note(problem(place, title, "", "header-misspelt", f"{reason}这里按它读了。"))
    return meant


def _unknown(name: str, place: Place, at: int, title: str, faults: Faults) -> None:
    if title.startswith("metadata."):
        if title not in EXTENSIONS.get(name, ()):
            reason = "不认识这一列扩展，没有读它。"
            faults.note(problem(place, title, "", "header-unknown", reason))
        return
    column = title or f"第 {at + 1} 列"
    reason = "不认识这一列，没有读它。" if title else "这一列没有列名，没有读它。"
    faults.note(problem(place, column, "", "header-unknown", reason))


def _check_order(place: Place, titles: list[str], known: list[str], faults: Faults) -> None:
    """The standard's columns come in the standard's order, extensions behind them."""
    there = [one for one in titles if one in known]
    wanted = [one for one in known if one in there]
    wrong = next((pair for pair in zip(there, wanted, strict=False) if pair[0] != pair[1]), None)
    if wrong:
        at = titles.index(wrong[0]) + 1
        reason = f"第 {at} 列应是 {wrong[1]}：列的顺序是规定好的。这里按列名读了，没有读错列。"
        faults.note(problem(place, wrong[0], "", "header-order", reason))
        return
    early = [at for at, one in enumerate(titles) if one.startswith("metadata.")]
    if there and early and early[0] < titles.index(there[-1]):
        reason = "扩展列要放在规定的列后面。这里按列名读了。"
        faults.note(problem(place, titles[early[0]], "", "header-order", reason))


def _texts(row: list[Cell]) -> list[str]:
    """The cells of a row; the reading child has cleaned them, so most are as they stay."""
    texts = [cell if type(cell) is str else text_of(cell) for cell in row]
    return list(map(as_written, texts)) if QUOTE in "".join(texts) else texts


def _rows(sheet: Sheet, titles: list[str], faults: Faults) -> Iterator[Record]:
    width = len(titles)
    for number, row in enumerate(sheet.rows[1:], 2):
        texts = _texts(row)
        if not any(texts):
            continue
        one = Record(sheet.name, number, dict(zip(titles, texts, strict=False)))
        if len(texts) > width:
            reason = (
                f"这一行有 {len(texts)} 格，列名只有 {width} 个：一格里有逗号的（如几位监护人）"
                "要用引号括起来。"
            )
            found = problem(one.place, titles[-1], texts[-1][:60], "row-long", reason)
            one.gone = faults.refuse(found)
        elif len(texts) < width:
            reason = f"这一行只有 {len(texts)} 格，少于 {width} 列：少的当作空的读了。"
            found = problem(one.place, titles[len(texts)], "", "row-short", reason)
            faults.note(found, by="short")
        yield one
