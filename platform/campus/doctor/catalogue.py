"""What guards the tables: every row of a school behind a policy, and no way around it."""

from __future__ import annotations

from campus.doctor.finding import Finding, judged
from campus.doctor.rights import Connection

# Tables with school_id that are read before any school is entered, each with its reason.
UNGUARDED = (
    ("membership", "which schools a person belongs to is asked before one is entered"),
    ("outbox", "the relay sends for all schools; rows hold ids and counters only"),
    ("audit_pending", "the worker asks which schools have lines to chain; two numbers only"),
)
# What guard() writes, as the server says it back: every policy reads exactly so. A looser one may
# hold the same words and an OR beside them.
OURS = (
    "(school_id = ( SELECT (NULLIF(current_setting('campus.school'::text, true), ''::text))::bigint"
    ' AS "nullif"))'
)

# Partitions inherit no policy, so they are looked at like tables.
TABLES = """
SELECT relname, relrowsecurity, relforcerowsecurity,
    coalesce(array_agg(pg_get_expr(polqual, polrelid)) FILTER (WHERE polpermissive), '{}'),
    coalesce(array_agg(pg_get_expr(polwithcheck, polrelid)) FILTER (WHERE polpermissive), '{}')
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = relnamespace
JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'school_id' AND NOT attisdropped
LEFT JOIN pg_policy ON polrelid = pg_class.oid
WHERE nspname = 'public' AND relkind IN ('r', 'p') AND relname <> ALL(%s)
GROUP BY relname, relrowsecurity, relforcerowsecurity ORDER BY relname
"""
DEFINERS = """
SELECT proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
WHERE nspname = 'public' AND prosecdef ORDER BY 1
"""
VIEWS = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind = 'v'
AND NOT coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on']
ORDER BY 1
"""
MATVIEWS = """
SELECT relname, role FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace,
unnest(%s::text[]) role
WHERE nspname = 'public' AND relkind = 'm' AND has_table_privilege(role, pg_class.oid, 'SELECT')
ORDER BY 1
"""


def check_catalogue(connection: Connection, roles: list[str]) -> list[Finding]:
    """Policies, definer functions, views and materialised views of the public schema."""
    exempt = [name for name, _ in UNGUARDED]
    tables = connection.execute(TABLES, (exempt,)).fetchall()
    wrong = [fault for row in tables for fault in _faults(*row)]
    if not tables:
        wrong = ["no table of a school exists: migrate first"]
    definers = [f"{name}() is SECURITY DEFINER" for (name,) in connection.execute(DEFINERS)]
    views = [f"view {name} is not security_invoker" for (name,) in connection.execute(VIEWS)]
    granted = connection.execute(MATVIEWS, (roles,))
    matviews = [f"materialised view {name} is readable by {role}" for name, role in granted]
    return [
        judged("row-level security", wrong, f"{len(tables)} tables enabled, forced, guarded"),
        judged("definer functions", definers, "none"),
        judged("views", views, "none passes by the policies"),
        judged("materialised views", matviews, "none within our reach"),
    ]


def _faults(*row: object) -> list[str]:
    name, enabled, forced, using, checks = row
    if not enabled:
        return [f"{name}: row-level security is off"]
    faults = [] if forced else [f"{name}: not forced, so its owner passes"]
    for what, found in (("USING", using), ("CHECK", checks)):
        expressions = found if isinstance(found, list) else []
        # One permissive policy that says more opens the table, whatever others say.
        if not expressions or any(text != OURS for text in expressions):
            faults.append(f"{name}: {what} is not the comparison of school_id and no more")
    return faults
