"""What a warm start may leave out."""

from __future__ import annotations

from campus.embedded.postgres import Postgres
from campus.embedded.standing import Standing, standing


def test_what_is_done_is_not_done_again(server: Postgres, database: str) -> None:
    """A warm start asks the database; one that cannot be asked counts as empty."""
    web = server.url("web", database)
    assert standing(web, "jiaxiao") == Standing(migrated=True, demo=True)
    assert standing(web, "no-such-school") == Standing(migrated=True, demo=False)
    assert standing(web.replace(database, "no_such_database"), "jiaxiao") == Standing()
