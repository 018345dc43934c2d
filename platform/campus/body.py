"""Reading what came with a request: whole, within bounds, before the database is asked anything.

A stranger who sends a byte a second waits here, where he holds nothing but his own socket, and not
for long. In front of this stands nginx, which hands a body over when it has all of it; here is the
same bound for whoever reaches the process itself.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import gevent
from flask import request
from gevent import monkey
from werkzeug.exceptions import BadRequest, HTTPException, RequestTimeout

from campus.errors import TooLarge

SECONDS = 20.0
SLOWEST = 50_000  # bytes a second that a large announced body may take at least: a photo by phone
MOST_TYPED = 1024 * 1024  # of a form without files, and of JSON
MOST_OTHER = 16 * 1024  # of anything else: browsers' reports
FILES, TYPED = "multipart/form-data", "application/x-www-form-urlencoded"
TOO_MUCH = "内容太多了，请分几次提交。"


def read(most_bytes: int | None = None) -> None:
    """Read the body, or raise TooLarge, 400 for what is no body, 408 for one that takes too long.

    ``most_bytes``: how much a form with files may hold where that is not the setting, and anything
    else where it is less.
    """
    request.max_content_length = _most(most_bytes)
    if (request.content_length or 0) > request.max_content_length:
        raise TooLarge if request.mimetype == FILES else TooLarge(TOO_MUCH)
    try:
        with _within(SECONDS + (request.content_length or 0) / SLOWEST):
            _take()
    except (BadRequest, RequestTimeout):
        _hear_no_more()
        raise
    except HTTPException:
        raise
    except Exception as error:  # a stranger's chunks: whatever reading them breaks is one refusal
        _hear_no_more()
        raise BadRequest from error


def _most(most_bytes: int | None) -> int:
    if request.mimetype == FILES:
        return most_bytes or request.max_content_length or MOST_TYPED
    most = MOST_TYPED if request.mimetype == TYPED or request.is_json else MOST_OTHER
    return min(most, most_bytes or most)


def _take() -> None:
    if request.mimetype == FILES:
        _ = request.form
    else:
        request.get_data(cache=True)
        request.stream.read(1)  # of one that never said its size the rest is refused, not cut off


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    if not monkey.is_module_patched("socket"):  # a test's client has sent everything already
        yield
        return
    with gevent.Timeout(seconds, RequestTimeout()):
        yield


def _hear_no_more() -> None:
    """The rest of this body is not waited for, nor a next request after it."""
    connection = request.environ.get("gunicorn.socket")
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)
