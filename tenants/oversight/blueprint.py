"""The one blueprint of these pages, and how their forms come back with what is wrong."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from campus import forms, pages
from campus.errors import InvalidInput

blueprint = Blueprint("oversight", __name__)


def again(template: str, error: InvalidInput, **context: Any) -> Any:
    """The form once more, with what was typed and what is wrong."""
    wrong, values = pages.refused(error), forms.typed()
    return pages.page(template, error.status, errors=wrong, values=values, **context)


def filtered(schema: type[forms.Form]) -> dict[str, Any]:
    """The filter in the address. Raises InvalidInput."""
    return forms.load(schema, request.args.to_dict())
