"""gunicorn's settings of the platform, without what only the platform's app can do."""

from __future__ import annotations

from pathlib import Path

exec((Path(__file__).parents[1] / "platform" / "campus" / "gunicorn_conf.py").read_text("utf-8"))
chdir = str(Path(__file__).parents[1])


def post_worker_init(worker: object) -> None:
    """The floor has no background work."""
