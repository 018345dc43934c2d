"""Structured logs: school, account, request id; never a name, a phone or an ID number."""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any, TextIO, cast

import structlog

_request_id: ContextVar[str] = ContextVar("campus_request_id", default="-")
STDERR = 2
PERSONAL_KEYS = frozenset({"name", "phone", "password", "id_number", "token", "account", "text"})
LONG_DIGITS = re.compile(r"(?<!\d)\d{11}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)")


def new_request_id() -> str:
    """Begin a request (or job): its reference number, also shown on error pages."""
    value = secrets.token_hex(5).upper()
    _request_id.set(value)
    return value


def request_id() -> str:
    """The reference number of what runs now, or ``-``."""
    return _request_id.get()


def without_persons(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop keys that hold a person and mask digit runs as long as a phone or an ID number."""
    for key in list(event):
        if key in PERSONAL_KEYS:
            del event[key]
        elif isinstance(event[key], str) and key != "timestamp":
            event[key] = LONG_DIGITS.sub("***", event[key])
    event.setdefault("request", request_id())
    return event


class Unfailing:
    """Standard error, as far as it can be written to: a full disk costs lines, never an answer.

    Each line is one write, so lines of several processes do not mix. What was lost is counted and
    said with the first line that finds room again.
    """

    def __init__(self, file: int) -> None:
        self.file = file
        self.lost = 0

    def write(self, text: str) -> int:
        """Write a line, or lose it."""
        # The line before may have been cut off in the middle.
        told = f'\n{{"event": "log-lines-lost", "count": {self.lost}}}\n' if self.lost else ""
        try:
            self._put(f"{told}{text}".encode("utf-8", "backslashreplace"))
        except OSError:
            self.lost += 1
        else:
            self.lost = 0
        return len(text)

    def _put(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.file, data) :]

    def flush(self) -> None:
        """Nothing waits here."""


# Made once: json.dumps makes an encoder for every line that is not plain ASCII.
_encode = json.JSONEncoder(ensure_ascii=False, default=repr).encode


def _as_json(event: Any, **_: Any) -> str:
    """What JSONRenderer calls to write one line."""
    return _encode(event)


def configure(level: int = logging.INFO) -> None:
    """Send structlog and the standard library's logging to stderr as JSON lines.

    Neither ever fails: whoever wrote a log line has something better to do.
    """
    out = cast(TextIO, Unfailing(STDERR))
    logging.raiseExceptions = False
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.format_exc_info,
        without_persons,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_as_json)],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_as_json),
            ],
            foreign_pre_chain=shared,
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


log = structlog.get_logger("campus")
