"""structlog's last step in tests: lines are kept instead of printed."""

from __future__ import annotations

import json
from typing import Any, ClassVar


class Recorder:
    """A logger factory and its only logger; ``lines`` of the running test are kept on the class."""

    current: ClassVar[list[str]] = []

    def __init__(self) -> None:
        self.lines: list[str] = []
        Recorder.current = self.lines

    def __call__(self, *_: Any) -> Recorder:
        return self

    def msg(self, line: str) -> None:
        """Keep one rendered line."""
        self.lines.append(line)

    debug = info = warning = error = critical = exception = log = fatal = msg


def last_error() -> str:
    """The newest logged exception of the running test, for the message of a failed assertion."""
    for line in reversed(Recorder.current):
        found = json.loads(line).get("exception") if line.startswith("{") else None
        if found:
            return str(found)[-1500:]
    return ""
