"""Which tests a change touches: `make quick` runs them for a minute, `make test` runs all.

A changed test file is run itself. A changed file brings the tests of its own word
(``tenants/classes/own.py`` → ``tests/classes/``) and those that import it. Folders with servers of
their own (a browser, sockets) are left to `make test`.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ALWAYS = "tests/rules/test_source.py"
COSTLY = ("tests/e2e/", "tests/faults/", "tests/campus/realtime/", "tests/campus/embedded/")


def touched_by(files: Iterable[str], texts: Mapping[str, str]) -> list[str]:
    """The test files touched by ``files``, nearest first; ``texts`` holds all test files."""
    named = list(files)
    own = [name for name in named if name in texts]
    words = {name.split("/")[1] for name in named if re.match("(tenants|templates|static)/", name)}
    words |= {name.split("/")[2].removesuffix(".py") for name in named if _of_platform(name)}
    beside = [
        name
        for name in texts
        if name.split("/")[1] in words or Path(name).stem.removeprefix("test_") in words
    ]
    importing = [
        name
        for name, text in texts.items()
        if any(re.search(pattern, text) for pattern in map(_import_of, named) if pattern)
    ]
    found = dict.fromkeys((*own, ALWAYS, *beside, *importing))
    return [name for name in found if not name.startswith(COSTLY)]


def _of_platform(name: str) -> bool:
    return name.startswith("platform/campus/") and name.endswith(".py")


def _import_of(name: str) -> str:
    """A pattern for the lines that import this module."""
    if not name.endswith(".py") or name.startswith("tests/"):
        return ""
    dotted = name.removeprefix("platform/").removesuffix(".py").removesuffix("/__init__")
    package, _, module = dotted.replace("/", ".").rpartition(".")
    above = re.escape(package)
    return rf"from {above}\.{module}[. ]|from {above} import .*\b{module}\b"


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def main(base: str) -> int:
    """Run what differs from where this branch left ``base``, or from HEAD~1 on ``base`` itself."""
    left, here = _git("merge-base", base, "HEAD"), _git("rev-parse", "HEAD")
    since = left[0] if left != here else "HEAD~1"
    changed = [*_git("diff", "--name-only", since), *_git("ls-files", "-o", "--exclude-standard")]
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    texts = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in paths}
    return pytest.main(["-q", "--seconds=50", *touched_by(changed, texts)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "main"))
