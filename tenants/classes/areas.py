"""The five areas of a pupil's growth and the usual things teachers praise.

义务教育质量评价指南 (2021): 品德发展、学业发展、身心发展、审美素养、劳动与社会实践.
"""

from __future__ import annotations

from dataclasses import dataclass

AREAS = {
    "moral": "品德发展",
    "study": "学业发展",
    "health": "身心发展",
    "art": "审美素养",
    "labour": "劳动实践",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One ready-made sentence: ``key`` is stored, ``text`` is shown."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class AreaKinds:
    """An area with its ready-made sentences."""

    area: str
    area_title: str
    options: tuple[Kind, ...]


def _kinds(area: str, **texts: str) -> AreaKinds:
    options = tuple(Kind(f"{area}-{key}", text) for key, text in texts.items())
    return AreaKinds(area, AREAS[area], options)


KINDS = (
    _kinds(
        "moral",
        help="乐于助人",
        honest="诚实守信",
        polite="文明有礼",
        care="爱护公物",
        rule="遵守规则",
    ),
    _kinds(
        "study",
        listen="专心听讲",
        speak="积极发言",
        think="善于思考",
        careful="作业认真",
        progress="进步明显",
    ),
    _kinds(
        "health",
        sport="坚持锻炼",
        brave="勇敢尝试",
        calm="情绪稳定",
        friend="友好相处",
        tidy="讲究卫生",
    ),
    _kinds("art", draw="创意表达", sing="歌声动人", write="书写工整", show="大方展示"),
    _kinds("labour", duty="认真值日", clean="整理有序", hands="动手能力强", team="团队合作"),
)
KIND_TEXTS = {kind.key: kind.text for group in KINDS for kind in group.options}
