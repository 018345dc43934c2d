"""Notices that are written already; who offers them is told to this module, not known by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class Ready(Protocol):
    """A notice to begin with: ``chip`` is its short name, title and body fill the form."""

    @property
    def key(self) -> str: ...
    @property
    def chip(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...


Source = Callable[[], Sequence[Ready]]
_sources: dict[str, Source] = {}


def offer(source: Source) -> None:
    """Let ``source`` be asked, in the school of the request, whenever a notice is begun."""
    _sources[source.__qualname__] = source


def ready_notices() -> list[Ready]:
    """What may be begun with, in order."""
    return [notice for source in _sources.values() for notice in source()]
