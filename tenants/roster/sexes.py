"""What the codes in a column of sexes mean: 1 and 2 are the standard's, 0 and 1 anybody's."""

from __future__ import annotations

from collections.abc import Mapping

from tenants.roster.cell_values import BadCell, id_number, narrow
from tenants.roster.layouts import Layout, row_text
from tenants.roster.questions import SEX, ZERO_BOY, ZERO_GIRL, Takes, sex_coding
from tenants.roster.report import Problem, Report, problem

ANSWERED = {ZERO_BOY: {"0": "男", "1": "女"}, ZERO_GIRL: {"0": "女", "1": "男"}}
UNASKED: Mapping[str, str] = {}
UNTOLD = {"0": "", "1": ""}


def sex_words(layout: Layout, report: Report, takes: Takes) -> Mapping[str, str]:
    """How to read 0 and 1 in this sheet: as words, as nothing while it is asked, or as usual."""
    at = layout.places.get(SEX)
    if at is None:
        return UNASKED
    rows = layout.sheet.rows[layout.header + 1 :]
    codes = {narrow(row_text(row, at)).removesuffix(".0") for row in rows}
    if not codes & {"0", "1"} or codes & {"2", "男", "女"}:
        return UNASKED
    place = layout.sheet.name, layout.header + 1
    answer = takes.get((*place, SEX), "")
    if answer in ANSWERED:
        return ANSWERED[answer]
    proven = _proven(layout, at)
    if proven is not None:
        report.problems.append(_settled(place, proven))
        return proven
    report.ask(sex_coding(place, " 和 ".join(sorted(codes & {"0", "1"}))))
    return UNTOLD


def _proven(layout: Layout, at: int) -> Mapping[str, str] | None:
    """What the ID numbers of the same rows say of the codes, when all of them agree."""
    numbers = layout.places.get("身份证号")
    if numbers is None:
        return None
    seen: set[tuple[str, str]] = set()
    for row in layout.sheet.rows[layout.header + 1 :]:
        code = narrow(row_text(row, at)).removesuffix(".0")
        try:
            number = id_number(row_text(row, numbers))
        except BadCell:
            continue
        if code in UNTOLD and number:
            seen.add((code, "男" if int(number[16]) % 2 else "女"))
    return next((dict(one) for one in ANSWERED.values() if seen and seen <= set(one.items())), None)


def _settled(place: tuple[str, int], words: Mapping[str, str]) -> Problem:
    said = "，".join(f"{code} 是{word}" for code, word in sorted(words.items()))
    return problem(place, SEX, "", "sex-settled", f"这一列写的是 0 和 1；按身份证号，{said}。")
