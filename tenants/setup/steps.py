"""Which steps there are, in the order a school takes them, in plain words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``form`` is False where the work is done on another page and only counted here."""

    key: str
    title: str
    words: str
    form: bool = True

    @property
    def endpoint(self) -> str:
        """Where it is done."""
        return f"setup.{self.key}"


STEPS = (
    Step("identity", "学校信息", "校名、标识码、所在地"),
    Step("stages", "学段与年级", "办哪几个年级，班级怎么叫"),
    Step("calendar", "学年与学期", "哪天开学、哪天放假，一共几周"),
    Step("subjects", "科目", "开哪些课，按课表的顺序"),
    Step("look", "标志与颜色", "校徽和主色，马上在每一页看到"),
    Step("privacy", "个人信息保护", "谁负责、备案号、给家长看的规则"),
    Step("roster", "名册", "学生和班级从 Excel 导入", form=False),
    Step("staff", "教职工", "每个班有班主任，每位老师有班", form=False),
    Step("families", "邀请家长", "打印入校单，家长扫码加入", form=False),
)
BY_KEY = {step.key: step for step in STEPS}
