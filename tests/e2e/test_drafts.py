"""What was typed and not sent: it comes back whole where it fits, and is offered where not."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.house import House
from tests.e2e.people import People


def test_a_notice_left_unsent_keeps_its_classes(people: People, home: House) -> None:
    with people.window("teacher") as page:
        page.goto(f"{home.school}/messages/announce")
        boxes = page.locator('[name="class_id"]')
        assert not any(one.is_checked() for one in boxes.all()), "nobody is chosen beforehand"
        boxes.first.check(force=True)
        page.fill('[name="title"]', "明天带水彩笔")
        page.goto(f"{home.school}/today")
        page.goto(f"{home.school}/messages/announce")
        expect(page.locator('[name="title"]')).to_have_value("明天带水彩笔")
        assert boxes.first.is_checked(), "the class goes with the words"
        assert sum(one.is_checked() for one in boxes.all()) == 1
        expect(page.locator(".draft")).to_contain_text("上次没有提交的内容还在")
        page.get_by_role("button", name="不要了").click()
        assert not boxes.first.is_checked()
        expect(page.locator('[name="title"]')).to_have_value("")
        page.reload()
        expect(page.locator(".draft")).to_have_count(0)


def test_rows_stay_rows_and_a_form_that_changed_is_not_filled(people: People, home: House) -> None:
    with people.window("admin") as page:
        page.goto(f"{home.school}/setup/calendar")
        names, first = page.locator('[name="holiday"]'), page.locator('[name="holiday_from"]')
        rows = names.count()
        before = [one.input_value() for one in names.all()]
        names.nth(rows - 1).fill("运动会")
        first.nth(rows - 1).fill("2026-12-18")
        page.reload()
        after = [one.input_value() for one in names.all()]
        assert after == [*before[:-1], "运动会"], "one row is filled, the others are as they were"
        assert first.nth(rows - 1).input_value() == "2026-12-18"
        # The same draft meets a form with other values in it.
        page.evaluate(
            """() => { for (const key of Object.keys(sessionStorage)) {
                if (!key.startsWith("keep:")) continue;
                const draft = JSON.parse(sessionStorage[key]);
                draft.served[0][2] = "elsewhere"; draft.typed.push(["gone", "1", "没处放的话"]);
                sessionStorage[key] = JSON.stringify(draft); } }"""
        )
        page.reload()
        expect(page.locator(".draft")).to_contain_text("和现在的表格不一样")
        assert [one.input_value() for one in names.all()] == before, "offered, not poured in"
        page.get_by_role("button", name="恢复").click()
        assert [one.input_value() for one in names.all()] == after
        expect(page.locator(".draft")).to_contain_text("没处放的话")
        page.evaluate("sessionStorage.clear()")


def test_a_refusal_is_read_above_the_open_sheet(people: People, home: House) -> None:
    with people.window("teacher") as page:
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(f"{home.school}/classes/{home.class_id}")
        page.locator(".pupil").first.click()
        page.locator('a[href="#praise"]:visible').first.click()
        sheet = page.locator("dialog.sheet[open]")
        expect(sheet).to_be_visible()
        page.evaluate(
            """() => document.querySelector("#toasts").insertAdjacentHTML("beforeend",
                '<div class="toast bad" role="alert"><span>没有保存成功</span></div>')"""
        )
        box = page.locator(".toast.bad").bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        seen = page.evaluate(
            "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.toast.bad'))", middle
        )
        assert seen, "nothing lies above the message"
        page.keyboard.press("Escape")
        assert page.evaluate("document.querySelector('#toasts').parentNode === document.body")
