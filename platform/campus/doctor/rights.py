"""What our roles may do: nothing that would carry them past row-level security."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg

from campus.doctor.finding import Finding, judged

Connection = psycopg.Connection[tuple[object, ...]]

POWERS = """
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolreplication
FROM pg_roles WHERE rolname = ANY(%s)
"""
OWNED = """
SELECT pg_get_userbyid(relowner), count(*) FROM pg_class
WHERE relkind IN ('r', 'p', 'v', 'm') AND pg_get_userbyid(relowner) = ANY(%s) GROUP BY 1
"""
# SET or USAGE: either would let the role act as a table's owner, or as one who bypasses policies.
HATS = """
SELECT app.rolname, hat.rolname FROM pg_roles app, pg_roles hat
WHERE app.rolname = ANY(%s) AND app.oid <> hat.oid AND NOT app.rolsuper
AND (hat.rolsuper OR hat.rolbypassrls OR EXISTS (
    SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relowner = hat.oid AND nspname = 'public' AND relkind IN ('r', 'p')))
AND (pg_has_role(app.oid, hat.oid, 'SET') OR pg_has_role(app.oid, hat.oid, 'USAGE'))
"""


def check_rights(connection: Connection, roles: Iterable[str]) -> list[Finding]:
    """Powers, ownership and membership of the roles the web and the worker sign in as."""
    names = sorted(set(roles))
    titles = ("superuser", "BYPASSRLS", "CREATEROLE", "REPLICATION")
    powers = [
        f"{role} has {title}"
        for role, *held in connection.execute(POWERS, (names,))
        for title, has in zip(titles, held, strict=True)
        if has
    ]
    owned = [f"{role} owns {count} tables" for role, count in connection.execute(OWNED, (names,))]
    hats = [f"{app} may act as {hat}" for app, hat in connection.execute(HATS, (names,))]
    who = " and ".join(names)
    return [
        judged("role powers", powers, f"{who}: no power past row-level security"),
        judged("role ownership", owned, f"{who}: owning nothing"),
        judged("role membership", hats, f"{who}: no owner's hat within reach"),
    ]
