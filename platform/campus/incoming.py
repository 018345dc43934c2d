"""The request as views read it: what can be neither stored nor shown never gets that far.

The gate refuses it before the database is asked for anything. Such an address leads nowhere; for a
query, a form and JSON the field is told; a cookie that none of ours could be is not there at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Any

from flask import Request, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.http import parse_cookie
from werkzeug.utils import cached_property

from campus import texts
from campus.errors import InvalidInput, NotFound

NO_JSON = "内容不是有效的 JSON 对象。"
NOWHERE = "127.0.0.1"
_COOKIE = re.compile(r"[!-~]+")


class Json(DefaultJSONProvider):
    """JSON as pages and programs get it, and as strangers send it."""

    ensure_ascii = False

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Read a body. Raises ValueError for whatever is no JSON."""
        return texts.parsed(s)


class Incoming(Request):
    """Flask's request without the cookies that cannot be ours."""

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """Those that may be ours."""
        return cookies_of(self.environ)


def cookies_of(environ: Mapping[str, Any]) -> ImmutableMultiDict[str, str]:
    """The cookies of printable ASCII, which all of ours are; others of this host are not read."""
    parts = environ.get("HTTP_COOKIE", "").split(";")
    sent = parse_cookie(";".join(one for one in parts if one.isascii()))
    return ImmutableMultiDict([one for one in sent.items(multi=True) if _COOKIE.fullmatch(one[1])])


def asked_from() -> str:
    """The IP address this request came from, as the database's ``inet`` takes it."""
    told = (request.remote_addr or "").partition("%")[0]
    try:
        return str(ip_address(told))
    except ValueError:  # a Unix socket, or a proxy that says something else
        return NOWHERE


def check_address() -> None:
    """Raise NotFound for an address that cannot be, InvalidInput for such a query."""
    if not texts.fit(request.path):
        raise NotFound
    _check_fields(request.args)


def check_body() -> None:
    """Raise InvalidInput for a form, files or JSON that hold what nothing can hold."""
    _check_fields(request.files, (one.filename for one in request.files.values()))
    if request.is_json:
        body = request.get_json(silent=True)
        if isinstance(body, Mapping):
            _check_fields(body)
        elif not texts.all_fit(body):
            raise InvalidInput({"form": NO_JSON})
    else:
        _check_fields(request.form)


def _check_fields(given: Mapping[str, Any], more: Iterable[str | None] = ()) -> None:
    for name, value in given.items():
        if not texts.all_fit([name, *_values(given, name, value)]):
            raise InvalidInput({name if texts.fit(name) else "form": texts.UNFIT})
    if not texts.all_fit([*more]):
        raise InvalidInput({"file": texts.UNFIT})


def _values(given: Mapping[str, Any], name: str, value: Any) -> list[Any]:
    return given.getlist(name) if isinstance(given, MultiDict) else [value]
