"""Every page of every role, as addresses inside the demo school (``//`` begins at the platform).

Names in braces are filled by `states.make`. ``page > words`` presses the button that says so, as it
stands and without the browser's own checks: what answers a form is a page too.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.e2e.house import SCHOOL, House

OWN = (
    "/me",
    "/me/devices",
    "/me/password",
    "/me/phone",
    "/me/passkeys",
    "/choose",
    "/me/password > 保存",
)
STAFF = (
    "/today",
    "/classes",
    "/classes/{class}",
    "/pupils/{child}",
    "/messages",
    "/messages/announce",
)
FAMILIES = ("/families", "/families/classes/{class}", "/families/pupils/{child}")
STEPS = (
    *("", "/identity", "/stages", "/calendar", "/subjects", "/look", "/privacy"),
    *("/roster", "/staff", "/families", "/live", "/sheet"),
)
IMPORTS = tuple(
    f"/onboarding/roster/{{import_{state}}}"
    for state in ("columns", "working", "ready", "done", "cancelled", "failed")
)
TURN = (
    *("/turn", "/turn/plan", "/turn/classes/{class}", "/turn/arrivals", "/turn/history"),
    *("/turn/merge", "/turn/split", "/turn/merge?class_id={other_class}&into_id={class}"),
    *("/turn/split?class_id={class}&parts=2", "/pupils/{child}/moves", "/pupils/{pupil}/moves"),
    *("/turn/arrivals > 转入", "/pupils/{child}/moves > 办理转出", "/turn/merge > 看预览"),
)
GOING = "/takeaway/going/form?class_id={class}&pupil_id={new}"
TAKEAWAY = (
    *("/takeaway", "/takeaway/pupils", "/takeaway/school", "/takeaway/coming", "/takeaway/going"),
    *(
        "/takeaway/pupils?class_id={class} > 开始整理",
        "/takeaway/{taken_done}",
        "/takeaway/going/form",
    ),
    *(GOING, "/takeaway/going/{erased}", "/takeaway/going/{erase_asked}"),
    *("/takeaway/going/{erase_school}", "/takeaway/going/{erased}/certificate"),
    *("/takeaway/coming > 看看里面有什么", "/approvals", "/approvals/ask?token={ask}"),
)
REVEAL = "/access/pupils/{child}/guardians/{guardian}/phone"
PAGES: dict[str, tuple[str, ...]] = {
    "": (
        *("//login", "/login", "/join", "/join/{join}", "/join/{dead}", "/join/no-such-code"),
        *("/reset", "/privacy", "/login > 登录", "/join > 下一步", "/join/{join} > 下一步"),
        *("/reset > 保存新密码", "//s/tingyong/login", "//s/tingyong/join", "/help/parent"),
        *("//styleguide", "//no-such-page", "//s/no-such-school/"),
    ),
    "teacher": (
        *(*STAFF, *FAMILIES, "/classes/{class}?mode=attendance", *OWN, "/no-such-page"),
        *("/families/pupils/{new}", "/families/pupils/{long}", "/pupils/{long}", REVEAL),
        *("/families/pupils/{new} > 邀请另一位家长", f"{REVEAL} > 显示号码"),
        *("/families/pupils/{child} > 给一个重设码", "/families/pupils/{new} > 改号码"),
        *("/messages/announce > 看看发给谁", "/join/{join}", "/help/teacher"),
    ),
    "subject": ("/today", "/classes/{class}", "/pupils/{child}", "/families"),
    "doctor": ("/today", "/classes/{class}", "/pupils/{child}"),
    "parent": (
        *("/home", "/children", "/children/{child}", "/children/{child}?area=labour"),
        *("/children/{child}/home", "/messages", *OWN, "/no-such-page", "/today"),
        *("/my-children", "/my-children/{child}/consent", "/takeaway/mine"),
        *("/takeaway/mine/{mine_done}", "/takeaway/mine/{mine_open}", "/children/{child}/access"),
        *("/my-children > 下一步", "/join/{join}"),
    ),
    "lonely": ("/home", "/messages", "/my-children", "/takeaway/mine"),
    "admin": (
        *("/today", "/classes", "/messages", "/me", "/me/two-step", "/me/confirm"),
        *("/me/two-step > 开始", "/me/confirm > 确认", "/families", "/families/pupils/{long}"),
        *(
            "/setup",
            "/setup/calendar",
            "/setup/terms/{term}",
            "/exports",
            "/setup/privacy",
            "/setup/live",
            "/setup/sheet",
        ),
        *("/setup/identity > 保存", "/staff", "/staff/new", "/staff/{colleague}"),
        *(
            "/staff/new > 添加",
            "/staff/{colleague} > 安排代理",
            "/staff?q=没有这个人",
            "/access",
            "/help/admin",
        ),
        *("/access?since=2020-01-01&until=2020-01-02", "/onboarding/roster", *IMPORTS),
        *("/onboarding/roster > 看一看", "/onboarding/roster/{import_ready}?only=conflicts"),
        *("/onboarding/roster/twins", *TURN, *TAKEAWAY, "/pupils/{child}"),
    ),
    "second": ("/approvals", "/takeaway/going/{erase_asked}", "/takeaway/{taken_open}"),
    "head": ("/classes/{class}", "/today", "/staff/{colleague}", "/approvals"),
    "other_admin": (
        *("//s/fengxi/today", "//s/fengxi/classes", "//s/fengxi/messages", "//s/fengxi/approvals"),
        *("//s/fengxi/takeaway/coming/{coming}", "//s/fengxi/takeaway/coming", "//choose"),
        *("//s/fengxi/turn", "//s/fengxi/turn/history", "//s/fengxi/takeaway"),
        *("//s/fengxi/takeaway/going", "//s/fengxi/onboarding/roster", "//s/tingyong/today"),
        *("//s/fengxi/onboarding/roster/twins", *(f"//s/shanhou/setup{step}" for step in STEPS)),
        *(f"//s/shanhou{at}" for at in ("/today", "/classes", "/families", "/turn")),
        *(f"//s/shanhou/setup/{step} > 保存" for step in ("calendar", "privacy")),
    ),
    "operator": (
        *("//operator/schools", "//operator/schools/open", "//operator/schools/open > 开通"),
        *("//me", "//help/operator"),
    ),
}
UNCHECKED = "for (const form of document.forms) form.noValidate = true"


def address(house: House, place: str) -> str:
    """The whole address of one entry of PAGES."""
    filled = place.partition(" > ")[0].format_map(house.places)
    return house.origin + (filled[1:] if filled.startswith("//") else SCHOOL + filled)


def visit(page: Page, house: House, place: str) -> None:
    """Open one entry of PAGES, and press its button if it names one."""
    page.goto(address(house, place))
    words = place.partition(" > ")[2]
    if words:
        page.evaluate(UNCHECKED)
        with page.expect_navigation():
            page.locator("main button", has_text=words).first.evaluate("one => one.click()")


def name_of(place: str) -> str:
    """A file name for one entry of PAGES."""
    named = place.replace("//", "platform/", 1) if place.startswith("//") else place
    return re.sub(r"[^a-z0-9\u4e00-\u9fff]+", "-", named).strip("-")
