"""`python -m campus …`: everything done from a shell.

What starts the parts needs nothing of the pages, so it is not made to wait for them: such a
command is loaded alone, any other with the whole of `campus.commands`.
"""

from __future__ import annotations

import sys
from importlib import import_module

ALONE = {
    "dev": "campus.embedded.cli:dev",
    "bootstrap-roles": "campus.embedded.cli:bootstrap_roles",
    "assets": "campus.assets:assets",
}


def main() -> None:
    """Load what the first word asks for, and run it."""
    place = ALONE.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if place is None:
        import_module("campus.commands").build()(prog_name="python -m campus")
    else:
        module, _, command = place.partition(":")
        run = getattr(import_module(module), command)
        run(args=sys.argv[2:], prog_name=f"python -m campus {sys.argv[1]}")


if __name__ == "__main__":
    main()
