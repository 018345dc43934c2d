"""The documents cannot rot: commands, settings, dependencies, numbers, paths, links, the example.

Each failure says which line is missing or too much, and where.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from campus import commands as command_line
from campus import outbox
from campus.config import Config
from campus.doctor import catalogue
from campus.embedded import screen
from campus.embedded.postgres import Postgres
from campus.identity import actions as identity
from campus.identity import challenges, numbers, throttle
from campus.pictures import child as pictures
from campus.realtime import links, transport
from campus.storage import PRESIGNED_SECONDS
from tenants.classes import actions as classes
from tests.factories import SECRET, Seed
from tests.support import databases

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(ROOT.glob("docs/**/*.md")),
)
README = (ROOT / "README.md").read_text("utf-8")
NODE_PINS = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
# What a page says in numbers, and where the number really is.
NUMBERS = (
    ("README.md", "the port is {} (`PORT`)", Config().port),
    ("docs/security.md", "{} wrong tries of a phone on a device", throttle.PAIR),
    ("docs/security.md", "{} of a phone anywhere", throttle.PHONE),
    ("docs/security.md", "{} of an address", throttle.ADDRESS),
    ("docs/security.md", "in {} minutes;", int(throttle.WINDOW.total_seconds() // 60)),
    ("docs/security.md", "at most {} million pixels", pictures.MOST_PIXELS // 1_000_000),
    ("docs/security.md", "and {:,} a side", pictures.LONGEST_SIDE),
    ("docs/security.md", "links to photos live {} minutes", PRESIGNED_SECONDS // 60),
    ("docs/security.md", "{} KiB, ", transport.MAX_MESSAGE_BYTES // 1024),
    ("docs/security.md", "{} messages a minute", transport.MAX_MESSAGES_PER_MINUTE),
    ("docs/security.md", "{} waiting", transport.MAX_QUEUED_PACKETS),
    ("docs/security.md", "{} an account", links.MAX_LINKS_PER_ACCOUNT),
    ("docs/security.md", "| {} minutes |", int(identity.STAFF_IDLE.total_seconds() // 60)),
    ("docs/security.md", "| {} hours |", int(identity.STAFF_LONGEST.total_seconds() // 3600)),
    ("docs/security.md", "| {} days | ", identity.FAMILY_IDLE.days),
    ("docs/security.md", " {} days |", identity.FAMILY_LONGEST.days),
    ("docs/guides/teacher.md", "{} 分钟没有操作", int(identity.STAFF_IDLE.total_seconds() // 60)),
    (
        "docs/guides/teacher.md",
        "登录满 {} 小时",
        int(identity.STAFF_LONGEST.total_seconds() // 3600),
    ),
    ("docs/guides/teacher.md", "照片最大 {} MB", Config().max_upload_bytes // 2**20),
    ("docs/guides/teacher.md", "输错 {} 次", throttle.PAIR),
    ("docs/guides/parent.md", "{} 天内常用", identity.FAMILY_IDLE.days),
    ("docs/guides/parent.md", "输错 {} 次", throttle.PAIR),
    ("docs/guides/parent.md", "{} 天里可以改回去", numbers.KEPT.days),
    ("docs/guides/teacher.md", "{} 天里可以改回去", numbers.KEPT.days),
    ("docs/security.md", "once, for {} minutes", int(challenges.LIVES.total_seconds() // 60)),
    ("docs/security.md", "for {} days nobody else", numbers.KEPT.days),
    ("docs/guides/admin.md", "分钟内输错 {} 次", throttle.PAIR),
)


def rows(text: str) -> Iterator[list[str]]:
    """The cells of every table row, headings and rules left out."""
    for block in re.findall(r"(?:^\|.*\|\n?)+", text, re.MULTILINE):
        for line in block.strip().splitlines()[2:]:
            yield [cell.strip() for cell in line.strip("|").split("|")]


def section(text: str, title: str) -> str:
    """The part under one heading of the second level."""
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_readme_lists_exactly_the_words_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    documented = re.findall(r"^\| `make (\w+)` \|", README, re.MULTILINE)
    assert sorted(documented) == sorted(phony[1].split())


def _leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _leaves(command, (*path, name))
        else:
            yield (*path, name)


def test_readme_lists_exactly_the_commands() -> None:
    there = {" ".join(path) for path in _leaves(command_line.build())}
    lines = re.findall(r"^\| `python -m campus ([a-z -]+)", README, re.MULTILINE)
    documented = {re.sub(r" (--.*)?$", "", line) for line in lines}
    assert documented == there


def test_every_command_quoted_anywhere_exists() -> None:
    there = {" ".join(path) for path in _leaves(command_line.build())}
    for page in PAGES:
        for quoted in re.findall(
            r"python -m campus ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", page.read_text("utf-8")
        ):
            first = quoted.split()[0]
            assert quoted in there or first in there, f"{page.name}: python -m campus {quoted}"
        for word in re.findall(r"`make (\w+)`", page.read_text("utf-8")):
            assert re.search(rf"^{word}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE), (
                word
            )


def test_readme_and_screen_name_the_same_demo_accounts() -> None:
    shown = dict(screen.DEMO)
    documented = re.findall(r"^\| (12\d{9}) \| `([\w-]+)` \| (.+?): ", README, re.MULTILINE)
    assert {account: who for account, _, who in documented} == shown
    assert {password for _, password, _ in documented} == {Config().demo_password}


def test_readme_names_the_pythons_that_setup_allows() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["options"]["python_requires"] == ">=3.11,<3.14"
    assert "Python 3.11, 3.12 or 3.13" in README


def test_readme_says_which_minio_and_why() -> None:
    assert "`pgsty/silo:RELEASE.2026-08-06T00-00-00Z`" in README
    assert "archived in 2026" in README
    assert "`S3_*` settings alone" in README


def test_settings_are_complete_and_no_more() -> None:
    text = (ROOT / "docs/settings.md").read_text("utf-8").partition("\n## ")[0]
    documented = {name.strip("`"): default.strip("`") for name, default, _ in rows(text)}
    there = {
        str(item.metadata["env"]): str(item.default)
        for item in Config.__dataclass_fields__.values()
    }
    assert documented == there


def _names(requirements: str) -> set[str]:
    lines = [line for line in requirements.split("\n") if line]
    return {re.split(r"[\s\[<>=;]", line)[0].lower() for line in lines}


def _wanted() -> dict[str, set[str]]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    return {
        "To run": _names(setup["options"]["install_requires"]),
        "To build and to test": _names(setup["options.extras_require"]["dev"]),
        "In the browser": set(package["dependencies"]) | set(package["devDependencies"]),
    }


@pytest.mark.parametrize("title", ["To run", "To build and to test", "In the browser"])
def test_dependencies_are_complete_and_no_more(title: str) -> None:
    text = section((ROOT / "docs/dependencies.md").read_text("utf-8"), title)
    documented = {row[0] for row in rows(text)}
    assert documented == _wanted()[title], "docs/dependencies.md against setup.cfg and package.json"
    for name, purpose, why, weight, licence, _ in rows(text):
        assert purpose.endswith("."), f"{name}: say in a sentence what it is for"
        assert why.endswith("."), f"{name}: say in a sentence why this one"
        assert re.match(r"\d+\.\d MB\b", weight), f"{name}: say what it weighs"
        assert licence, f"{name}: name its licence"


def _pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    pins = dict(line.split("==", 1) for line in lines if "==" in line)
    modules = {name.removeprefix("node_modules/"): item for name, item in NODE_PINS.items()}
    return pins | {name: item.get("version", "") for name, item in modules.items()}


def test_dependencies_name_the_pinned_releases() -> None:
    pins = _pins()
    for name, *_, release in rows((ROOT / "docs/dependencies.md").read_text("utf-8")):
        version, _, month = release.partition(", ")
        assert version == pins[name], f"{name}: pinned is {pins[name]}; see docs/dependencies.md"
        assert re.fullmatch(r"20\d\d-[01]\d", month), f"{name}: name the month of {version}"


@pytest.mark.parametrize(("page", "phrase", "value"), NUMBERS)
def test_quoted_numbers_are_true(page: str, phrase: str, value: int) -> None:
    wanted = phrase.format(value)
    assert wanted in (ROOT / page).read_text("utf-8"), f"{page} should say: {wanted}"


def test_the_words_for_numbers_are_true() -> None:
    assert PRESIGNED_SECONDS == 300, "docs/decisions.md says five minutes"
    assert classes.UNDO_WITHIN.days == 1, "docs/guides/teacher.md says 一天"
    assert outbox.LEFT_BEHIND.total_seconds() <= 5, "README.md says within seconds"
    exempt = {name for name, _ in catalogue.UNGUARDED}
    named = {"membership", "outbox", "audit_pending"}
    assert exempt == named, "docs/decisions.md names the tables without a policy"


def test_no_page_puts_something_off() -> None:
    for page in PAGES:
        found = re.findall(r"TODO|FIXME|TBD|XXX|coming soon|待补|敬请期待", page.read_text("utf-8"))
        assert not found, f"{page.name}: {found}"


def _anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in _anchors(there), f"{page.name}: {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_exist(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    places = r"(?:platform|tenants|templates|static|tests|deploy|docs|bench)/[\w./*-]+"
    for name in re.findall(rf"`({places})`", text):
        if name.startswith(
            ("tests/honours", "tests/authz/honours", "static/dist", "deploy/secrets/")
        ):
            continue
        assert (ROOT / name).exists(), f"{page.name} names {name}"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "guides" in page.parts], ids=lambda page: page.stem
)
def test_guides_use_the_words_of_the_pages(page: Path) -> None:
    """What a guide quotes as a button or a place stands in a template, a menu or a script."""
    sources = [
        *ROOT.glob("templates/**/*.html"),
        *ROOT.glob("tenants/**/*.py"),
        *ROOT.glob("static/**/*.js"),
    ]
    shown = "".join(path.read_text("utf-8") for path in sources if "dist" not in path.parts)
    shown += "".join(
        (ROOT / "platform/campus" / name).read_text("utf-8") for name in ("pages.py", "errors.py")
    )
    quoted = set(re.findall(r"“([^”]+)”", page.read_text("utf-8")))
    said = {"添加到主屏幕", "三年级2班", "2024级2班", "三年级2班 语文; 三年级3班 语文"}
    missing = {word for word in quoted - said if word.rstrip("？。") not in shown}
    assert not missing, f"{page.name} quotes words no page shows: {missing}"


def _example(folder: Path) -> None:
    for path, code in re.findall(r"```python\n# (\S+\.py)\n(.*?)```", README, re.DOTALL):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(code, "utf-8")


PLAY = """
import json, os, sys
from pathlib import Path

import alembic.op, psycopg, sqlalchemy, tenants
from alembic.migration import MigrationContext
from alembic.operations import Operations

folder = Path(sys.argv[1])
urls, asked = json.loads(os.environ["URLS"]), json.loads(os.environ["ASKED"])
tenants.__path__.append(str(folder / "tenants"))

from campus import csrf, db, storage
from campus.app import create_app
from campus.config import Config
from campus.doctor.catalogue import check_catalogue
from tenants.honours import capability
from campus.personal_data import Reader
from tenants.privacy.collect import gather
from tenants.privacy.erase import erase_optional
from tests.support.memory_store import MemoryStore

step = {}
exec((folder / "platform/campus/migrations/versions/honours.py").read_text("utf-8"), step)
with sqlalchemy.create_engine(urls["migrator"]).begin() as connection:
    connection.execute(sqlalchemy.text("SET ROLE campus_owner"))
    with Operations.context(MigrationContext.configure(connection)):
        step["upgrade"]()

nowhere = {"s3_endpoint": "http://127.0.0.1:9", "s3_access_key": "none", "s3_secret_key": "none"}
config = Config(environment="test", database_url=urls["web"], secret_key=asked["secret"], **nowhere)
app = create_app(Path.cwd(), (*tenants.CAPABILITIES, capability), config)


def give(token, pupil, **form):
    browser = app.test_client()
    browser.set_cookie("sid", token)
    salt = "0123456789abcdef"
    form["csrf_token"] = salt + csrf._sign(salt, asked["secret"], token)
    address = f"/s/{asked['slug']}/pupils/{pupil}/honours"
    answer = browser.post(address, data=form, headers={"Accept": "application/json"})
    return answer.status_code, (answer.json or {}).get("id")


teacher, child = asked["teacher"], asked["child"]
said = {
    "given": give(teacher, child, title="三好学生", idempotency_key="one"),
    "again": give(teacher, child, title="三好学生", idempotency_key="one"),
    "another body": give(teacher, child, title="小画家", idempotency_key="one")[0],
    "untitled": give(teacher, child, title="")[0],
    "unknown field": give(teacher, child, title="三好学生", rank="1")[0],
    "not taught": give(teacher, asked["stranger"], title="三好学生")[0],
    "by a parent": give(asked["guardian"], child, title="三好学生")[0],
    "by another school": give(asked["elsewhere"], child, title="三好学生")[0],
}
url = sqlalchemy.make_url(urls["web"]).set(drivername="postgresql")
with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
    said["seen by nobody"] = connection.execute("SELECT count(*) FROM honour").fetchone()[0]
    said["hints"] = connection.execute(
        "SELECT count(*) FROM outbox WHERE event = 'honours.changed'"
    ).fetchone()[0]
    found = check_catalogue(connection, ["campus_web"])
    said["faults"] = [one.sentence for one in found if not one.ok]
storage._configured[:] = [MemoryStore()]
with db.transaction(school_id=asked["school"]):
    parts = {part.folder: part.chapter.data for part in gather(child, Reader()).parts}
    said["in the book"] = [honour["title"] for honour in parts["chapters/honours/"]]
    said["erased"] = erase_optional(child)["honour"]
print(json.dumps(said))
"""


def test_the_worked_example_works(tmp_path: Path, server: Postgres, seed: Seed) -> None:
    """In a process of its own: its table must not be in anybody else's metadata."""
    _example(tmp_path)
    people, school = seed.people, seed.schools["a"]
    asked = {
        "secret": SECRET,
        "slug": school.slug,
        "school": school.id,
        "teacher": people["class_teacher"].token,
        "guardian": people["guardian"].token,
        "elsewhere": people["class_teacher_b"].token,
        "child": school.ids["child"],
        "stranger": school.ids["stranger"],
    }
    with databases.scratch(server, databases.SEEDED) as name:
        urls = {role: server.url(role, name) for role in ("migrator", "web")}
        environ = os.environ | {"URLS": json.dumps(urls), "ASKED": json.dumps(asked)}
        environ["PYTHONPATH"] = f"{ROOT / 'platform'}{os.pathsep}{ROOT}"
        command = [sys.executable, "-c", PLAY, str(tmp_path)]
        done = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    number = said["given"][1]
    assert said == {
        "given": [201, number],
        "again": [201, number],
        "another body": 409,
        "untitled": 422,
        "unknown field": 422,
        "not taught": 404,
        "by a parent": 403,
        "by another school": 404,
        "seen by nobody": 0,
        "hints": 1,
        "faults": [],
        "in the book": ["三好学生"],
        "erased": 1,
    }
