"""What families and strangers read: the rules, the mark, the foot; colours stay readable."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import select

from campus import assets, db
from campus.schools.models import School
from tenants.media.models import Photo
from tenants.people.consents import VERSIONS
from tenants.setup import presets
from tenants.setup.schemas import ACCENTS
from tests.campus.test_assets import AA_TEXT, contrast
from tests.factories import picture
from tests.setup.conftest import SLUG, Wizard
from tests.support.client import PageClient

BrowserOf = Callable[[str], PageClient]


def test_before_anything_is_published_the_page_says_whom_to_ask(browser_of: BrowserOf) -> None:
    assert "先联系班主任" in browser_of("").page("/privacy").get_text()


def test_anybody_reads_the_rules(wizard: Wizard, browser_of: BrowserOf) -> None:
    wizard.save("privacy")
    text = browser_of("").page("/privacy").get_text()
    for said in (
        "何主任",
        "0731-00000000",
        "县教育局",
        "成长照片",
        "怎样查看、更正、删除",
        "第 1 版",
    ):
        assert said in text


def test_a_change_is_a_new_version_and_the_old_one_stays(
    wizard: Wizard, browser_of: BrowserOf
) -> None:
    wizard.save("privacy")
    wizard.save("privacy", icp="湘ICP备00000002号-1")
    wizard.save("privacy", officer="童副校长")
    reader = browser_of("")
    assert "第 2 版" in reader.page("/privacy").get_text()
    old = reader.page("/privacy?version=1").get_text()
    assert "何主任" in old and "童副校长" not in old
    reader.get("/privacy?version=3", 404)
    reader.get("/privacy?version=x", 404)


def test_the_foot_names_the_school_the_rules_and_the_filing(
    filled: Wizard, browser_of: BrowserOf
) -> None:
    filled.browser.post("/setup/live", {"knowing": "1"})
    for who, path in (("", "/login"), ("guardian", "/home"), ("guardian", "/messages")):
        foot = browser_of(who).page(path).select_one(".legal")
        assert "枫林镇中心小学" in foot.get_text() and "湘ICP备00000001号-1" in foot.get_text()
        assert foot.a["href"] == f"/s/{SLUG}/privacy"


def test_without_a_school_there_are_no_rules(browser_of: BrowserOf) -> None:
    browser_of("").get("/privacy", 404, at="")
    browser_of("").get("/logo", 404, at="")
    browser_of("").get("/logo", 404)


@pytest.mark.usefixtures("store")
def test_a_logo_is_redrawn_and_on_every_page(wizard: Wizard, browser_of: BrowserOf) -> None:
    sent = {"logo": (io.BytesIO(picture(400, 120, "PNG")), "校徽.png")}
    wizard.save("look", **sent)
    address = wizard.browser.page("/today").select_one("img.mark")["src"]
    assert re.fullmatch(rf"/s/{SLUG}/logo\?v=[0-9a-f]{{8}}", address)
    answer = browser_of("").get(address)
    assert "max-age" in answer.headers["Cache-Control"]
    with Image.open(io.BytesIO(answer.get_data())) as drawn:
        assert drawn.size == (192, 192) and drawn.format == "JPEG"
        assert drawn.getpixel((96, 4)) == (255, 255, 255)
    wizard.save("look", accent="plum")
    assert wizard.browser.page("/today").body["data-accent"] == "plum"
    assert wizard.browser.page("/today").select_one("img.mark")["src"] == address
    wizard.save("look", remove_logo="1")
    assert wizard.browser.page("/today").select_one("img.mark") is None
    with db.transaction(school_id=wizard.browser.seed.schools["f"].id) as session:
        assert session.scalars(select(Photo.removed_at)).one() is not None
        assert session.scalars(select(School.logo_key)).one() is None


def test_what_is_no_picture_is_refused_by_name(wizard: Wizard) -> None:
    sent = {"logo": (io.BytesIO(b"%PDF-1.4"), "logo.png")}
    assert "「标志」这个文件不是能用的照片" in wizard.errors("look", **sent)


def test_a_dead_store_loses_nothing(wizard: Wizard) -> None:
    sent = {"logo": (io.BytesIO(picture()), "logo.png")}
    wizard.save("look", 503, **sent)
    assert wizard.version("look") == "0"


def test_the_sheet_can_be_signed_and_stamped(filled: Wizard) -> None:
    soup = filled.page("sheet")
    assert "2143000001" in soup.get_text() and "盖章处" in soup.get_text()
    assert "校长签字" in soup.select_one(".signatures").get_text()
    assert len(soup.select("table tbody tr")) == len(filled.page("live").select(".cells li"))


def test_ready_notices_fill_the_form(wizard: Wizard) -> None:
    """Chip and send: with the way to the page four taps."""
    page = wizard.browser.page("/messages/announce")
    chips = page.select(".ready .chip")
    assert "接种证查验" in [chip.get_text() for chip in chips]
    filled = wizard.browser.page(chips[0]["href"].removeprefix(f"/s/{SLUG}"))
    assert filled.find("input", id="title")["value"] == "家长会通知"
    assert "〔日期〕" in filled.find("textarea").get_text()
    wizard.save("stages", preset="junior")
    names = wizard.browser.page("/messages/announce").select(".ready .chip")
    assert "接种证查验" not in [chip.get_text() for chip in names]
    assert (
        wizard.browser.page("/messages/announce?ready=nothing").find("input", id="title")["value"]
        == ""
    )


def test_the_data_files_are_whole() -> None:
    for preset in presets.presets().values():
        assert preset.source and set(preset.school_types) <= set(presets.codes("school_type"))
        assert len(set(preset.subjects)) == len(preset.subjects)
        assert preset.first_grade <= preset.last_grade
        assert [one for one in presets.notices() if preset.key in one.presets]
    assert all(one.source for one in presets.notices())
    assert {one.consent for one in presets.rules().purpose if one.consent} == set(VERSIONS)
    assert len(presets.codes("province")) == 34


@pytest.mark.parametrize("accent", [key for key in ACCENTS if key])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_keeps_its_contrast(accent: str, theme: str) -> None:
    text = (assets.STATIC / "base" / "_tokens.scss").read_text("utf-8")
    block = re.search(rf"@mixin {theme} {{(.*?)\n}}", text, re.S)
    assert block is not None
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block[1]))
    deep, wash = tokens[f"{accent}-deep"], tokens[f"{accent}-wash"]
    pairs = [(deep, tokens[ground]) for ground in ("paper", "card", "sunk")]
    pairs += [(deep, wash), (tokens["on-bamboo"], deep), (tokens["ink-3"], wash)]
    pairs.append(("#fff", deep if theme == "light" else wash))
    for ink, ground in pairs:
        assert contrast(ink, ground) >= AA_TEXT, (ink, ground, contrast(ink, ground))
