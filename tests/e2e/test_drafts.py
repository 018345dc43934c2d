"""What was typed and not sent: it comes back whole where it fits, is offered where not, and is
forgotten once the server took it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bench.stack import DEMO_PASSWORD
from tests.e2e.hand import Hand
from tests.e2e.house import PHONES, House
from tests.e2e.people import DESKTOP, PHONE, People

ROSTER = "班级,座号,姓名\n三年级1班,1,甲".encode("utf-8-sig")
END = """UPDATE account_session SET ended_at = now() WHERE id = (
  SELECT max(s.id) FROM account_session s JOIN account a ON a.id = s.account_id
  WHERE a.phone = %s) RETURNING id"""
FAIL = "UPDATE import_run SET state = 'failed', message = '坏了' WHERE id = %s RETURNING id"

# Somebody else saves meanwhile: a row fewer, the others in another order.
MEANWHILE = """() => {
  const key = Object.keys(sessionStorage).find((one) => one.startsWith("draft:"));
  const drafts = JSON.parse(sessionStorage[key]);
  const { rows } = drafts[0];
  const [names] = rows.find(([names]) => names.includes("subject"));
  rows.push([names, ["9", "9", "没有了的课"], ["9", "9", "没处放的话"], "没处放的话"]);
  rows.reverse();
  sessionStorage[key] = JSON.stringify(drafts);
}"""


def chosen(page: Page, name: str) -> list[str]:
    return [
        str(one.get_attribute("value")) for one in page.locator(f'[name="{name}"]:checked').all()
    ]


def test_a_notice_is_offered_with_its_classes_until_it_is_sent(people: People, home: House) -> None:
    with people.window("teacher") as page:
        address = f"{home.school}/messages/announce"
        page.goto(address)
        assert chosen(page, "class_id") == [], "nobody is chosen beforehand"
        page.locator('[name="class_id"]').first.check(force=True)
        page.fill('[name="title"]', "明天带水彩笔")
        mine = chosen(page, "class_id")
        page.goto(f"{home.school}/today")
        page.goto(address)
        expect(page.locator(".draft")).to_contain_text("明天带水彩笔")
        assert chosen(page, "class_id") == [] and page.input_value('[name="title"]') == ""
        page.fill('[name="body"]', "另一件事")  # what is begun beside it does not push it out
        page.reload()
        page.get_by_role("button", name="丢掉").click()
        page.get_by_role("button", name="恢复").click()
        expect(page.locator('[name="title"]')).to_have_value("明天带水彩笔")
        assert chosen(page, "class_id") == mine, "the class goes with the words"
        page.get_by_role("button", name="看看发给谁").click()
        page.get_by_role("button", name="再改改").click()
        assert page.locator(".draft").count() == 0 and chosen(page, "class_id") == mine
        page.get_by_role("button", name="看看发给谁").click()
        page.get_by_role("button", name="发出通知").click()
        expect(page.locator(".toast")).to_contain_text("已发出")
        assert page.locator(".draft").count() == 0 and page.input_value('[name="title"]') == ""


def test_rows_stay_rows_and_find_their_place(people: People, home: House) -> None:
    with people.window("admin", viewport=DESKTOP) as page:
        page.goto(f"{home.school}/setup/subjects")
        names = page.locator('[name="subject"]')
        before = [one.input_value() for one in names.all()]
        names.nth(0).fill(f"{before[0]}（改）")
        names.nth(len(before) - 1).fill("劳技")
        page.reload()
        after = [one.input_value() for one in names.all()]
        assert after == [f"{before[0]}（改）", *before[1:-1], "劳技"], "each in its own row"
        expect(page.locator(".draft")).to_contain_text("上次没发出的内容还在")
        page.evaluate(MEANWHILE)
        page.reload()
        expect(page.locator(".draft")).to_contain_text("有一份没发出的草稿")
        assert [one.input_value() for one in names.all()] == before, "offered, not poured in"
        page.get_by_role("button", name="恢复").click()
        found = [one.input_value() for one in names.all()]
        assert found[0] == after[0] and found[1 : len(before) - 3] == before[1:-3]
        assert found.count("劳技") == 1
        expect(page.locator(".draft")).to_contain_text("没处放的话")
        page.evaluate("sessionStorage.clear()")


def test_a_praise_outlives_its_session(people: People, home: House) -> None:
    with people.window("teacher", fresh=True, viewport=DESKTOP) as page:
        page.goto(f"{home.school}/classes/{home.class_id}")
        for at in (0, 1):
            page.locator("#pupils .pupil").nth(at).click()
        picked = chosen(page, "pupil_id")
        page.click("#act-praise")
        page.fill("#comment", "一起值日")
        page.locator(".kinds.on label.chip").first.click()
        home.ask(END, PHONES["teacher"])
        page.click("#praise-send")
        page.wait_for_url(lambda at: "/login" in at)
        page.fill('[name="account"]', PHONES["teacher"])
        page.fill('[name="password"]', DEMO_PASSWORD)
        page.click("form button.btn")
        expect(page.locator(".draft")).to_contain_text("一起值日")
        assert chosen(page, "pupil_id") == [], "nobody is praised whom nobody chose"
        page.get_by_role("button", name="恢复").click()
        assert chosen(page, "pupil_id") == picked and len(picked) == 2
        expect(page.locator("#act [data-count]")).to_have_text("2")
        page.goto(f"{home.school}/me")
        page.get_by_role("button", name="退出登录").click()
        page.wait_for_url(lambda at: "/login" in at)
        assert "draft:" not in page.evaluate("JSON.stringify(sessionStorage)"), "nothing is left"
    people.errors.clear()  # the 401 is what was asked for


def test_a_refusal_is_read_above_the_open_sheet(people: People, home: House) -> None:
    with people.window("teacher", viewport=PHONE) as page:
        page.goto(f"{home.school}/classes/{home.class_id}")
        page.locator(".pupil").first.click()
        page.locator('a[href="#praise"]:visible').first.click()
        sheet = page.locator("dialog.sheet[open]")
        expect(sheet).to_be_visible()
        page.locator(".kinds.on label.chip").first.click()
        page.locator("#comment").evaluate("one => { one.removeAttribute('maxlength'); }")
        page.fill("#comment", "长" * 900)
        page.click("#praise-send")
        said = sheet.locator(".form-error")
        expect(said).to_be_visible()
        box = said.bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        above = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.form-error'))"
        assert page.evaluate(above, middle), "nothing lies above the words"
        assert page.locator(".toast.bad").count() == 0, "said once"
        assert page.input_value("#comment").startswith("长长")
        page.keyboard.press("Escape")
        assert page.evaluate("document.querySelector('#toasts').parentNode === document.body")
        page.evaluate("sessionStorage.clear()")
    people.errors.clear()  # the 422 is what was asked for


def test_a_finished_job_replaces_its_waiting_page(people: People, home: House) -> None:
    """Without a hint, with the focus on the page's only button."""
    with people.window("admin") as page:
        hand = Hand(page.context.request, home)
        run = hand.send("/onboarding/roster", "看一看", file=("名册.csv", ROSTER)).number
        hand.send(f"/onboarding/roster/{run}", "看一看")
        page.goto(f"{home.school}/onboarding/roster/{run}")
        expect(page.locator("h1")).to_have_text("正在处理")
        page.get_by_role("button", name="不导入了").focus()
        home.ask(FAIL, int(run))
        expect(page.locator("h1")).to_have_text("没有完成", timeout=12_000)
        expect(page).to_have_title("没有完成 · 贺嘉土小学")
        page.wait_for_timeout(100)
        assert page.locator("[data-wait]").count() == 0
