"""What `dev` shows: one line per event, the ready line, the demo accounts."""

from __future__ import annotations

import contextlib
import sys

from rich.console import Console
from rich.table import Table

from campus.config import Config

DEMO_SLUG = "hejiatu"
DEMO = (
    ("12000000001", "管理员"),
    ("12000000002", "校长"),
    ("12000000003", "三年级（2）班班主任"),
    ("12000000004", "两个孩子的家长"),
    ("12000000009", "枫溪小学管理员"),
)


def say(line: str) -> None:
    """Print a line at once; a reader that went away, or a full disk, is no reason to stop."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def ready(config: Config, *, web: bool) -> None:
    """The ready line, exactly as other programs wait for it, and the accounts to try."""
    if not web:
        say("ready")
        return
    say(f"ready http://127.0.0.1:{config.port}/s/{DEMO_SLUG}/")
    table = Table(title="演示账号")
    for heading in ("账号", "密码", "身份"):
        table.add_column(heading, no_wrap=True)
    for account, who in DEMO:
        table.add_row(account, config.demo_password, who)
    with contextlib.suppress(OSError):
        Console(file=sys.stdout).print(table)
        sys.stdout.flush()
    say("按 Ctrl-C 停止。日志在 CAMPUS_HOME/logs/（默认 var/logs/）。")
