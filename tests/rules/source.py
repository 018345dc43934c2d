"""Guards over the source: what no file may do. Each returns problems with the remedy in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import tenants

ROOT = Path(tenants.__file__).resolve().parents[1]
CODE = (ROOT / "platform" / "campus", ROOT / "tenants")
MOST_LINES = 400
# Constant SQL text is written only where a mapper cannot say it.
SQL_TEXT = {
    "platform/campus/units.py": "BEGIN and the school's setting travel in one pipeline",
    "platform/campus/identity/entry.py": "the statement that enters the school",
    "platform/campus/outbox.py": "a partial index and the advisory lock",
    "platform/campus/schools/actions.py": "the union of two arrays",
    "platform/campus/schools/owner.py": "the owner's hat, and the triggers of append-only tables",
    "platform/campus/realtime/listener.py": "LISTEN on a connection of its own",
    "platform/campus/doctor/": "the catalogue has no mappers",
    "platform/campus/embedded/": "roles and databases, composed by psycopg.sql",
    "platform/campus/migrations/": "that is what migrations are",
}
SQL_CALLS = {"text", "literal_column", "exec_driver_sql"}
NOW = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
CLOCKS = {
    "platform/campus/clock.py": "the one place to ask",
    "platform/campus/doctor/": "compares clocks",
}
DAYS = {
    "platform/campus/clock.py": "in Python",
    "platform/campus/moments.py": "in SQL",
    "platform/campus/tables/cells.py": "what a spreadsheet calls a date has no zone",
    "platform/campus/migrations/": "run once, beside the rows of their time",
}
DAYS_HELP = "the school's day is clock.day_of, clock.begins, moments.day_of or moments.begins"
DAY_CALLS = re.compile(r"\.date$|\bfunc\.(date\w*|current_date|localtime\w*|timezone|to_date)$")
DAY_SQL = re.compile(r"::\s*date\b|\bcurrent_date\b|\bdate_trunc\b|\bat time zone\b", re.I)
MARKUP = {
    "templates/_parts/icon.html": "paths of its own, chosen by name",
    "tenants/classes/cells.py": "the register's children; every name is escaped there",
    "platform/campus/guides.py": "our own Markdown files, rendered with HTML switched off",
    "platform/campus/pages.py": "the frame and the icons, drawn by Jinja and remembered",
    "tenants/classes/routes.py": "a part drawn by Jinja once per school: constants only",
}
OWN = "our own values, as the database or another process of ours gave them"
FIELDS, REQUESTS = "platform/campus/fields.py", "platform/campus/incoming.py"
# How what strangers send is read: the remedy, and where the plain call stands with a reason.
ENTRANCES: dict[str, tuple[str, dict[str, str]]] = {
    "urlsplit": (
        "campus.addresses",
        {
            "platform/campus/addresses.py": "the one place",
            "platform/campus/storage.py": "the store's address, a setting",
            "platform/campus/identity/party.py": "this installation's address, a setting",
        },
    ),
    "fromisoformat": (
        "campus.clock.day_in or moment_in",
        {
            "platform/campus/clock.py": "the one place",
            "tenants/classes/queries.py": OWN,
            "tenants/privacy/certificate.py": OWN,
            "tenants/privacy/coming.py": OWN,
        },
    ),
    "json.loads": (
        "campus.texts.read_json",
        {
            "platform/campus/texts.py": "the one place",
            "platform/campus/assets.py": "a file of the build",
            "platform/campus/embedded/": "files of its own",
            "platform/campus/realtime/door.py": OWN,
            "platform/campus/confined/": OWN,
            "platform/campus/pictures/": OWN,
            "platform/campus/tables/": OWN,
            "tenants/classes/own.py": OWN,
            "tenants/roster/imports/queries.py": OWN,
        },
    ),
    "SimpleCookie": ("campus.incoming.cookies_of", {}),
}
DIGITS = {"platform/campus/logs.py": "what looks like a phone in any script is masked"}
Trees = Iterator[tuple[str, ast.Module]] | None


def files() -> Iterator[tuple[str, ast.Module]]:
    """Every file of the platform and the capabilities: its path from the root, its tree."""
    for folder in CODE:
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            yield name, ast.parse(path.read_text("utf-8"), name)


def excused(name: str, places: dict[str, str]) -> bool:
    """Whether a file, or its folder, is on a list of places with a reason."""
    return any(
        name == place or (place.endswith("/") and name.startswith(place)) for place in places
    )


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call and the dotted name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)


def dotted(node: ast.expr) -> str:
    """``datetime.now`` of an expression, "" for what has no name."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def composed(node: ast.expr) -> bool:
    """Whether a text is put together: an f-string with holes, +, %, .format or .join."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add | ast.Mod) and (texty(node.left) or texty(node.right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("format", "join") and texty(node.func.value)
    return False


def texty(node: ast.expr) -> bool:
    """Whether an expression is certainly a text."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def sql_problems(trees: Trees = None) -> Iterator[str]:
    """The role of the web can enter any school, so one injected statement beats every policy."""
    for name, tree in trees or files():
        for call, called in calls(tree):
            last = called.rsplit(".", 1)[-1]
            argument = call.args[0] if call.args else None
            if last not in SQL_CALLS | {"execute", "executemany"} or argument is None:
                continue
            where = f"{name}:{call.lineno}"
            if composed(argument) and not name.startswith(
                ("platform/campus/migrations/", "platform/campus/embedded/")
            ):
                yield f"{where}: SQL put together from text; use bound parameters"
            elif (last in SQL_CALLS or texty(argument)) and not excused(name, SQL_TEXT):
                yield f"{where}: SQL text; say it with the mappers, or add the file with a reason"


def clock_problems() -> Iterator[str]:
    """A school lives in Shanghai and tests move the clock: now is asked in one place."""
    for name, tree in files():
        for call, called in calls(tree):
            if any(called == now or called.endswith(f".{now}") for now in NOW) and not excused(
                name, CLOCKS
            ):
                yield f"{name}:{call.lineno}: {called}(); use campus.clock"


def day_problems(trees: Trees = None) -> Iterator[str]:
    """A moment has another date in another zone: only two files know how to ask for the school's.

    That a column of moments is not compared with a date, the column's own type sees to
    (campus.moments.Moment).
    """
    for name, tree in trees or files():
        if excused(name, DAYS):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                for given in node.keywords:
                    if given.arg == "type_" and dotted(given.value) in ("Date", "DateTime"):
                        yield f"{name}:{node.lineno}: type_={dotted(given.value)}; use moments.Day"
                if not DAY_CALLS.search(dotted(node.func) or ast.unparse(node.func)):
                    continue
                yield f"{name}:{node.lineno}: {ast.unparse(node.func)}(); {DAYS_HELP}"
            elif texty(node) and DAY_SQL.search(ast.unparse(node)):
                yield f"{name}:{node.lineno}: a day in SQL text; {DAYS_HELP}"
    if trees is None:
        yield from _template_days()


def _template_days() -> Iterator[str]:
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file() and re.search(r"\.date\(|strftime", path.read_text("utf-8")):
            yield f"{path.relative_to(ROOT)}: the date of a moment; use the filter day or date"


def emit_problems(trees: Trees = None) -> Iterator[str]:
    """Nobody sends to a socket or names a room but the door, which wants an addressee."""
    for name, tree in trees or files():
        if name.startswith("platform/campus/realtime/"):
            continue
        for call, called in calls(tree):
            if called.rsplit(".", 1)[-1] in {"emit", "send_message", "join_room", "enter_room"}:
                yield f"{name}:{call.lineno}: {called}(); use outbox.publish"


def markup_problems() -> Iterator[str]:
    """What is marked as safe is not escaped: each place has a reason or does not exist."""
    for path in sorted((ROOT / "templates").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and name not in MARKUP:
            text = path.read_text("utf-8")
            if re.search(r"\|\s*safe\b|autoescape\s+false", text):
                yield f"{name}: marked as safe; let Jinja escape it, or add it with a reason"
    for name, tree in files():
        for call, called in calls(tree):
            if (
                called.rsplit(".", 1)[-1] in {"Markup", "render_template_string"}
                and name not in MARKUP
            ):
                yield f"{name}:{call.lineno}: {called}(); let Jinja escape it"


def model_query_problems(trees: Trees = None) -> Iterator[str]:
    """Nobody asks through ``Model.query``: it is not the open transaction's way of asking."""
    for name, tree in trees or files():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr == "query"
                and isinstance(node.value, ast.Name)
                and node.value.id[:1].isupper()
            ):
                yield f"{name}:{node.lineno}: {node.value.id}.query; ask db.session() or db.rows()"


def refusal_problems(trees: Trees = None) -> Iterator[str]:
    """What was refused is taken back before a page says so: only pages.refused reads the words."""
    for name, tree in trees or files():
        if not name.startswith("tenants/") or "lueprint" not in ast.dump(tree):
            continue
        for handler in ast.walk(tree):
            if not isinstance(handler, ast.ExceptHandler) or handler.name is None:
                continue
            for node in ast.walk(handler):
                if (
                    isinstance(node, ast.Attribute)
                    and node.attr in {"fields", "message"}
                    and isinstance(node.value, ast.Name)
                    and node.value.id == handler.name
                ):
                    yield f"{name}:{node.lineno}: take the words from pages.refused({handler.name})"


def length_problems() -> Iterator[str]:
    """Readers love short files; a long one is two things."""
    for folder in (*CODE, ROOT / "tests"):
        for path in sorted(folder.rglob("*.py")):
            lines = len(path.read_text("utf-8").splitlines())
            generated = "migrations/versions" in path.as_posix()
            if lines > MOST_LINES and not generated:
                yield f"{path.relative_to(ROOT)}: {lines} lines, {MOST_LINES} at most; split it"


def import_problems() -> Iterator[str]:
    """Imports stand at the top of a file, where import-linter and readers see them."""
    for name, tree in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        yield f"{name}:{inner.lineno}: import inside a function"


def input_problems(trees: Trees = None) -> Iterator[str]:
    """What strangers send enters through one place each, which refuses what nothing can hold."""
    for name, tree in trees or files():
        for call, called in calls(tree):
            last = called.rsplit(".", 1)[-1]
            remedy, places = ENTRANCES.get(last) or ENTRANCES.get(called) or ("", {})
            if remedy and not excused(name, places):
                yield f"{name}:{call.lineno}: {called}(); use {remedy}, or add it with a reason"
        for node in ast.walk(tree):
            source = node.module if isinstance(node, ast.ImportFrom) and name != FIELDS else ""
            if source == "marshmallow" and any(one.name == "fields" for one in node.names):
                yield f"{name}:{node.lineno}: marshmallow's fields; import campus.fields"
            if isinstance(node, ast.Attribute) and node.attr == "remote_addr" and name != REQUESTS:
                yield f"{name}:{node.lineno}: remote_addr; use campus.incoming.asked_from"


def digit_problems(lines: Iterable[tuple[str, str]] | None = None) -> Iterator[str]:
    r"""A phone in full-width digits rings nowhere, and ``\d`` and ``isdigit`` take it."""
    for where, line in source_lines() if lines is None else lines:
        if excused(where.partition(":")[0], DIGITS):
            continue
        if r"\d" in line:
            yield rf"{where}: \d takes the digits of every script; write [0-9]"
        if re.search(r"\.is(digit|decimal|numeric)\(", line) and ".isascii()" not in line:
            yield f"{where}: digits of every script; use campus.texts.number"


def source_lines() -> Iterator[tuple[str, str]]:
    """Every line of the platform and the capabilities with its place."""
    for folder in CODE:
        for path in sorted(folder.rglob("*.py")):
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                yield f"{path.relative_to(ROOT).as_posix()}:{number}", line
