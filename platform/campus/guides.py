"""The guides as pages: what docs/guides/ says, inside the product, for whoever needs help.

They are for everybody, because who cannot sign in yet needs one most. The files are ours and hold
no markup but Markdown's; markup in them would be shown, not obeyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, current_app, render_template
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from campus.actor import Actor
from campus.errors import NotFound
from campus.permissions import Role, public

blueprint = Blueprint("guides", __name__)
NAMES = ("parent", "teacher", "admin", "operator")
FOLDER = Path("docs", "guides")


@dataclass(frozen=True, slots=True)
class Guide:
    """One guide: its title, its parts as (anchor, title), and its text as markup."""

    title: str
    parts: tuple[tuple[str, str], ...]
    body: Markup


def guide_of(actor: Actor | None) -> str:
    """Which guide is somebody's: an administrator's own, the staff's, or the parents'."""
    if actor is None or (actor.school_id is not None and not actor.staff):
        return "parent"
    if actor.school_id is None:
        return "operator" if Role.OPERATOR in actor.roles else "parent"
    return "admin" if Role.ADMIN in actor.roles else "teacher"


@lru_cache(maxsize=len(NAMES))
def read(path: Path) -> Guide:
    """Read one file of docs/guides/. Raises OSError when it is not there."""
    markdown = MarkdownIt("commonmark", {"html": False})
    tokens = markdown.parse(path.read_text("utf-8"))
    parts = tuple(_named(tokens))
    title = next(tokens[at + 1].content for at, one in enumerate(tokens) if one.tag == "h1")
    text = markdown.renderer.render(tokens, markdown.options, {})
    return Guide(title, parts, Markup(text))  # noqa: S704  our own file, rendered without HTML


def _named(tokens: list[Token]) -> list[tuple[str, str]]:
    """Give every part an anchor; what the list of parts needs."""
    found: list[tuple[str, str]] = []
    for at, one in enumerate(tokens):
        if one.type == "heading_open" and one.tag == "h2":
            anchor = f"part-{len(found) + 1}"
            one.attrSet("id", anchor)
            found.append((anchor, tokens[at + 1].content))
    return found


@blueprint.get("/help/<guide>")
@public("how to come in is for people who cannot sign in yet")
def show(guide: str) -> str:
    if guide not in NAMES:
        raise NotFound
    found = read(Path(current_app.root_path) / FOLDER / f"{guide}.md")
    return render_template("guide.html", guide=found)
