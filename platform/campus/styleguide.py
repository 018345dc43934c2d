"""Every component of the design system in all its states, light beside dark; dev only."""

from __future__ import annotations

from flask import Blueprint, render_template

from campus.permissions import public

blueprint = Blueprint("styleguide", __name__)


@blueprint.get("/styleguide")
@public("shown in development only")
def show() -> str:
    """The page; the composition root registers it only when the environment is ``dev``."""
    return render_template("styleguide.html")
