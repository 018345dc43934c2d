"""States that pages of work in progress need, each made by what people do, once a run.

`make` fills `House.places`: names of `pages.PAGES` such as ``{import_ready}`` → the number or code
in the address. What needs the worker is done while one runs; then it is ended, and what is asked
after that waits for ever, as a page under way should.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from bench.stack import DEMO_PASSWORD
from tests.e2e.hand import Hand, Seen, patiently
from tests.e2e.house import PHONES, House
from tests.e2e.people import People

LONG = "阿依古丽·买买提艾力·吐尔逊江"
TEACHERS = """
SELECT s.id, a.phone FROM staff s JOIN account a ON a.id = s.account_id
JOIN school o ON o.id = s.school_id AND o.slug = 'hejiatu'
JOIN assignment t ON t.school_id = s.school_id AND t.staff_id = s.id
GROUP BY s.id, a.phone HAVING bool_or(t.class_id = %s) AND NOT bool_or(t.homeroom)
ORDER BY s.id LIMIT 3
"""
CLASSES = """
SELECT c.entry_year, c.number, c.id FROM homeroom_class c
JOIN homeroom_class mine ON mine.school_id = c.school_id AND mine.entry_year = c.entry_year
WHERE mine.id = %s ORDER BY c.id <> mine.id
"""
# A parent whose only child is in the demo teacher's class: afterwards they have none here.
LONELY = """
SELECT a.phone, g.pupil_id, g.guardian_id FROM guardianship g
JOIN guardian w ON w.school_id = g.school_id AND w.id = g.guardian_id
JOIN account a ON a.id = w.account_id
JOIN enrollment e ON e.school_id = g.school_id AND e.pupil_id = g.pupil_id AND e.class_id = %s
WHERE a.phone <> %s AND NOT EXISTS (SELECT FROM staff s WHERE s.account_id = a.id)
AND (SELECT count(*) FROM guardianship o JOIN guardian v ON v.id = o.guardian_id
     WHERE v.account_id = a.id) = 1 ORDER BY g.pupil_id DESC, g.guardian_id LIMIT 1
"""


def make(people: People, house: House) -> None:
    """All states, in the order a school would come to them."""
    with _Makers(people, house) as one:
        with house.stack.worker():
            one.offices()
            one.roster()
            one.boxes()
            one.going()
        one.families()
        one.moves()
        one.waiting()
        one.school_to_be()


class _Makers:
    """The hands of this run and what they have made so far."""

    def __init__(self, people: People, house: House) -> None:
        self.people, self.house, self.places = people, house, house.places
        self._open: list[Any] = []
        self._hands: dict[str, Hand] = {}

    def __enter__(self) -> _Makers:
        return self

    def __exit__(self, *_: object) -> None:
        for window in reversed(self._open):
            window.__exit__(None, None, None)

    def hand(self, who: str) -> Hand:
        """Somebody's requests, as themselves confirmed once so that nothing asks again."""
        if who not in self._hands:
            window = self.people.window(who)
            page = window.__enter__()
            self._open.append(window)
            self._hands[who] = Hand(page.context.request, self.house)
            at = "//me/confirm" if who == "operator" else "/me/confirm"
            self._hands[who].send(at, "确认", proof=DEMO_PASSWORD)
        return self._hands[who]

    def _id(self, query: str, *values: object) -> Any:
        return self.house.ask(query, *values)[0][0]

    def offices(self) -> None:
        """A second administrator, a doctor who is dean, and a plain subject teacher."""
        (second, first_phone), (doctor, doctor_phone), (_, plain) = self.house.ask(
            TEACHERS, self.house.class_id
        )
        PHONES.update(second=str(first_phone), doctor=str(doctor_phone), subject=str(plain))
        admin = self.hand("admin")
        self.places |= {"colleague": second}
        for number, kind in ((second, "admin"), (doctor, "doctor"), (doctor, "dean")):
            admin.send(f"/staff/{number}", "安排", kind=kind)
        admin.send("/staff/new", "添加", name=LONG, phone="12000009901", title="高级教师")

    def roster(self) -> None:
        """One import done, one to be decided with everything in it, one that failed."""
        admin = self.hand("admin")
        [(year, number, _), (_, other, other_id), *_] = self.house.ask(CLASSES, self.house.class_id)
        here, there = f"{year}级{number}班", f"{year}级{other}班"
        twin = ("男", "2017-03-04", "欧阳慧", "妈妈")
        lines = [
            (here, "41", LONG, *twin, "12000009911"),
            (here, "42", "欧阳若曦", *twin, "12000009912"),
        ]
        self.places["import_done"] = self._previewed(lines)
        admin.send("/onboarding/roster/{import_done}", "确认导入")
        self._until("done")
        # Taken in by hand, without a look at the list: each of them stands there twice now.
        born = {"sex": "1", "birthday": "2017-03-04", "class_id": other_id}
        for name in (LONG, "欧阳若曦"):
            admin.send("/turn/arrivals", "转入", name=name, **born)
        pupils = "SELECT id FROM pupil WHERE name = %s ORDER BY id"
        [(first,), (gone,)] = self.house.ask(pupils, "欧阳若曦")
        [(long,), *_] = self.house.ask(pupils, LONG)
        self.places |= {"new": first, "long": long, "leaver": gone, "other_class": other_id}
        admin.send(f"/families/pupils/{first}", "保存", relation="姨妈")
        lines += [
            (there, "43", "欧阳若曦", *twin, "12000009912"),
            (here, "44", "没写手机的孩子", "女", "2017-13-45", "甲", "爸爸", "1200000"),
            ("九年级9班", "1", "没有这个班的孩子", "女", "2017-05-06", "", "", ""),
            (here, "45", "新来的孩子", "女", "2017-05-06", "乙", "妈妈", "12000009913"),
        ]
        self.places["import_ready"] = self._previewed(lines)
        self.places["import_failed"] = admin.send(
            "/onboarding/roster", "看一看", file=("rows.zip", _broken_oneroster())
        ).number
        self._until("failed")

    def _previewed(self, lines: list[tuple[str, ...]]) -> str:
        admin = self.hand("admin")
        run = admin.send("/onboarding/roster", "看一看", file=("名册.csv", _csv(lines))).number
        admin.send(f"/onboarding/roster/{run}", "看一看")
        self._until("ready")
        return run

    def _until(self, state: str) -> None:
        query = "SELECT state FROM import_run ORDER BY id DESC LIMIT 1"
        patiently(lambda: self._id(query) == state, f"import {state}")

    def boxes(self) -> None:
        """A child's book made, asked for by the family too, carried to the other school."""
        admin, parent, other = self.hand("admin"), self.hand("parent"), self.hand("other_admin")
        made = admin.send(
            "/takeaway/pupils?class_id={class}",
            "开始整理",
            pupil_id=self.house.child_id,
            reason="transfer",
        ).number
        mine = parent.send("/takeaway/mine", "整理一份").number
        self.places |= {"taken_done": made, "mine_done": mine}
        self._finished(made, mine)
        box = admin.fetch("/takeaway/{taken_done}/file")
        seen = other.send("//s/fengxi/takeaway/coming", "看看里面有什么", file=("box.zip", box))
        self.places["coming"] = seen.number

    def _finished(self, *tasks: str) -> None:
        query = "SELECT bool_and(state = 'done') FROM takeaway_task WHERE id = ANY(%s)"
        numbers = [int(one) for one in tasks]
        patiently(lambda: bool(self._id(query, numbers)), f"tasks {numbers}")

    def going(self) -> None:
        """An erasure another administrator confirmed, one still to confirm, one of the school."""
        admin, second = self.hand("admin"), self.hand("second")
        form = "/takeaway/going/form?class_id={class}&pupil_id={new}"
        done = admin.send(form, "申请删除", kind="erase-optional", reason="withdrawn").number
        second.send(f"/takeaway/going/{done}", "确认删除")
        self._finished(done)
        asked = admin.send(
            "/takeaway/going/form?class_id={class}&pupil_id={long}",
            "申请删除",
            kind="erase-optional",
            reason="withdrawn",
        ).number
        whole = second.send(
            "/takeaway/going/form", "申请删除", kind="erase-school", reason="contract"
        ).number
        self.places |= {"erased": done, "erase_asked": asked, "erase_school": whole}

    def families(self) -> None:
        """Codes in use and dead, and a parent without a child."""
        teacher, admin = self.hand("teacher"), self.hand("admin")
        page = "/families/pupils/{new}"
        tokens = [_token(teacher.send(page, "邀请另一位家长")) for _ in range(2)]
        self.places |= {"join": tokens[0], "dead": tokens[1]}
        teacher.send(page, "作废")
        teacher.send("/families/pupils/{long}", "号码不对")
        [(phone, pupil, guardian)] = self.house.ask(LONELY, self.house.class_id, PHONES["parent"])
        PHONES["lonely"] = str(phone)
        self.places |= {"pupil": pupil, "guardian": self._guardian(self.house.child_id)}
        action = f"/families/pupils/{pupil}/guardians/{guardian}/end"
        admin.send(f"/families/pupils/{pupil}", "解除", action=action)

    def _guardian(self, pupil: int) -> Any:
        query = "SELECT guardian_id FROM guardianship WHERE pupil_id = %s ORDER BY 1 LIMIT 1"
        return self._id(query, pupil)

    def moves(self) -> None:
        """Two children one, one child gone, one come, and a plan for the new year."""
        admin = self.hand("admin")
        admin.send("/onboarding/roster/twins", "合并")
        admin.send("/pupils/{pupil}/moves", "办理转出", reason="随父母搬家", next_school="乙校")
        admin.send("/turn/arrivals", "转入", name="转来的孩子", class_id=self.house.class_id)
        admin.send("/turn/plan", "保存", new_classes="2", newcomers="1 新生甲 男\n2 新生乙 女")
        self.hand("other_admin").send("//s/fengxi/turn", "开始新学年")

    def waiting(self) -> None:
        """What nobody will work on any more: the worker is gone."""
        admin, second, parent = self.hand("admin"), self.hand("second"), self.hand("parent")
        upload = "/onboarding/roster"
        rows = ("名册.csv", _csv([("三年级1班", "1", "甲", "", "", "", "", "")]))
        stopped = admin.send(upload, "看一看", file=rows).number
        admin.send(f"{upload}/{stopped}", "不导入了")
        self.places |= {"import_cancelled": stopped}
        self.places["import_columns"] = admin.send(upload, "看一看", file=rows).number
        running = admin.send(upload, "看一看", file=rows).number
        admin.send(f"{upload}/{running}", "看一看")
        self.places["import_working"] = running
        self.places["mine_open"] = parent.send(
            "/takeaway/mine", "整理一份", pupil_id=self._sibling()
        ).number
        self.places["taken_open"] = second.send(
            "/takeaway/pupils?class_id={class}",
            "开始整理",
            pupil_id=self.places["new"],
            reason="family",
        ).number
        asked = admin.send("/takeaway/school", "开始", reason="archive")
        self.places["ask"] = asked.url.rpartition("=")[2]
        admin.send("/approvals/ask?token={ask}", "提出申请", reason="毕业归档，交档案室")

    def _sibling(self) -> Any:
        query = """SELECT g.pupil_id FROM guardianship g JOIN guardian w ON w.id = g.guardian_id
            JOIN account a ON a.id = w.account_id
            WHERE a.phone = %s AND g.pupil_id <> %s LIMIT 1"""
        return self._id(query, PHONES["parent"], self.house.child_id)

    def school_to_be(self) -> None:
        """A school being prepared, another suspended."""
        operator, admin = self.hand("operator"), self.hand("other_admin")
        for name, slug in (("山那边九年一贯制实验学校", "shanhou"), ("停用小学", "tingyong")):
            person = {"admin_name": "周管理", "admin_phone": PHONES["other_admin"]}
            operator.send("//operator/schools/open", "开通", name=name, slug=slug, **person)
        operator.send("//operator/schools", "暂停", slug="tingyong")
        admin.send("//s/shanhou/setup/stages", "保存", preset="nine")


def _token(page: Seen) -> str:
    link = page.soup.find(id="address")
    assert link is not None
    return str(link["value"]).rpartition("/")[2]


def _csv(lines: list[tuple[str, ...]]) -> bytes:
    head = "班级,座号,姓名,性别,出生日期,监护人1姓名,监护人1关系,监护人1手机"
    return "\n".join([head, *(",".join(line) for line in lines)]).encode("utf-8-sig")


def _broken_oneroster() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        box.writestr("manifest.csv", "propertyName,value\noneroster.version,9.9\n")
        box.writestr("users.csv", "sourcedId\n1\n")
    return out.getvalue()
