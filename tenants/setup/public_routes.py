"""What everybody may open: the rules of privacy, and the school's mark."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from campus import db, forms, storage
from campus.errors import NotFound
from campus.permissions import public
from tenants.setup.routes import blueprint
from tenants.setup.rules import published
from tenants.setup.save import drawn

WEEK = 7 * 24 * 3600


@blueprint.get("/privacy")
@public("families and everybody else may read how children's information is treated")
def public_rules() -> Any:
    if g.get("school") is None:
        raise NotFound
    asked = request.args.get("version", "")
    version = forms.cursor(asked)
    db.release()
    found = published(g.school.id, version)
    if asked and (found is None or version is None):
        raise NotFound
    return drawn("privacy_public", published=found)


@blueprint.get("/logo")
@public("the school's mark stands on the sign-in page too")
def logo() -> Response:
    if g.get("school") is None or not g.school.logo_key:
        raise NotFound
    db.release()
    data = storage.store().get(g.school.id, g.school.logo_key)
    answer = Response(data, mimetype="image/jpeg")
    # The address carries the end of the picture's key, so a new logo is a new address.
    answer.headers["Cache-Control"] = f"public, max-age={WEEK}, immutable"
    return answer
