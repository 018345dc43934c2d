"""学校标识码: ten digits, 2 of the kind of school, 2 of the province, 6 of order; no check digit.

《学校（机构）代码管理办法》（2011-07-20）; the tables lie in presets/codes.toml with their sources.
"""

from __future__ import annotations

import re
import unicodedata

from tenants.setup.presets import codes

TEN_DIGITS = re.compile(r"[0-9]{10}")
# Which kind of code a kind of school must have, where the two lists say the same thing.
CATEGORY_OF = {"211": "21", "218": "21", "219": "21", "311": "31", "319": "31", "342": "34"}
NAME = "「学校标识码」"


def narrow(text: str) -> str:
    """Full-width digits made narrow, blanks removed: ``２１４３ 000001`` → ``2143000001``."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def code_problem(code: str, *, province: str, school_type: str) -> str | None:
    """What is wrong with a school's code, in one sentence; None for a good one."""
    if not TEN_DIGITS.fullmatch(code):
        return f"{NAME}应是 10 位数字：2 位类别、2 位省、6 位顺序号。"
    kinds, provinces = codes("category"), codes("province")
    if code[:2] not in kinds:
        return f"{NAME}前两位 {code[:2]} 不是已知的类别：小学是 21，普通初中是 31。"
    if code[2:4] not in provinces:
        return f"{NAME}第 3、4 位 {code[2:4]} 不是省级代码。"
    if code[2:4] != province:
        here = provinces.get(province, "没有选")
        return f"{NAME}第 3、4 位是{provinces[code[2:4]]}，「省」选的是{here}，请核对。"
    wanted = CATEGORY_OF.get(school_type)
    if wanted and code[:2] != wanted:
        chosen = codes("school_type")[school_type]
        return f"{NAME}前两位 {code[:2]} 是{kinds[code[:2]]}，「办学类型」选的是{chosen}，请核对。"
    return None
