"""Is this installation safe to serve schools? Asked at every start of the web, and by command.

Each check answers with a finding: its name, whether it is well, one sentence. A fatal one keeps
the web from starting, and so does a check that cannot be made: it fails closed.

finding.py   what a check answers
rights.py    what our roles may do
catalogue.py what guards the tables: policies, views, functions
parts.py     version, migrations, clock, store, disk, Redis, secrets
"""

from campus.doctor.run import check_or_exit, command, examine

__all__ = ["check_or_exit", "command", "examine"]
