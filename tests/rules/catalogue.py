"""Guards over the catalogue: what PostgreSQL itself says about every table. Each returns problems.

They compare the mappers with pg_class, so a table cannot be forgotten in either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from campus.db import Base, SchoolScoped

OURS = (
    "(school_id = ( SELECT (NULLIF(current_setting('campus.school'::text, true), ''::text))::bigint"
    ' AS "nullif"))'
)
# Tables that belong to no school, or are asked before one is entered; each with its reason.
PLATFORM = {
    "account": "a person, in several schools",
    "account_session": "a person's device",
    "account_event": "what happened to an account as such",
    "login_failure": "counted before anybody is known",
    "school": "the registry itself",
    "membership": "which schools a person belongs to is asked before one is entered",
    "outbox": "the relay sends for all schools; ids and counters only",
    "audit_pending": "the worker asks which schools have lines to chain; two numbers only",
    "second_factor": "proves a person, in several schools",
    "recovery_code": "the same, when the phone is lost",
    "passkey": "the same, by a key of the person's device",
    "passkey_challenge": "asked before anybody is known",
    "phone_change": "a person's number, in several schools",
    "erasure_certificate": "what stays of a school that was erased: counts",
    "sealed_line": "the log of an erased school, without names or numbers",
    "alembic_version": "the version of the tables",
}
QUEUE = "procrastinate_"  # the job queue's own tables: arguments are ids, jobs carry their school
TARGETS = {"account", "school"}  # platform tables a school's row may point at
WEB_ROLES = ["campus_web", "campus_worker", "campus_bureau"]

TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relkind::text,
  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND attname = 'school_id'
          AND NOT attisdropped AND attnotnull),
  pg_get_userbyid(c.relowner)
FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1
"""
POLICIES = """
SELECT polrelid::regclass::text, polname, polpermissive, polcmd::text, polroles = '{0}',
  pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy
"""
NULLABLE = """
SELECT c.relname, attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attnotnull
"""
INDEXES = """
SELECT i.indrelid::regclass::text, c.relname, i.indisprimary, i.indisunique,
  (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace
"""
FOREIGN_KEYS = """
SELECT conname, conrelid::regclass::text, confrelid::regclass::text,
  (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(conkey) WITH ORDINALITY k (c, n)
   JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.c),
  (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(confkey) WITH ORDINALITY k (c, n)
   JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.c)
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
BYPASSES = """
SELECT 'function ' || proname || ' is SECURITY DEFINER' FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND prosecdef
UNION ALL
SELECT CASE relkind WHEN 'm' THEN 'materialised view ' ELSE 'view ' END || relname
  || ' passes by the policies'
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND (relkind = 'm' OR relkind = 'v'
  AND NOT coalesce(reloptions, '{}') && ARRAY['security_invoker=true', 'security_invoker=on'])
UNION ALL
SELECT 'partition ' || relname || ' can be asked directly' FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relispartition
UNION ALL
SELECT rolname || ' may pass by row-level security' FROM pg_roles
WHERE rolname = ANY(%(roles)s) AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)
UNION ALL
SELECT tableowner || ' owns ' || tablename FROM pg_tables
WHERE schemaname = 'public' AND tableowner = ANY(%(roles)s)
UNION ALL
SELECT r || ' may ' || p || ' ' || relname FROM pg_class, unnest(%(roles)s) r,
  unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) p
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  AND has_table_privilege(r, oid, p)
UNION ALL
SELECT 'bureau may read ' || relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
  AND has_table_privilege('campus_bureau', oid, 'SELECT')
"""
Rows = Sequence[tuple[Any, ...]]


def mapped() -> set[str]:
    """Names of all tables of schools, as the mappers know them."""
    return {
        str(mapper.local_table.name)  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, SchoolScoped)
    }


def catalogue_problems(connection: psycopg.Connection[Any]) -> list[str]:
    """Everything below at once."""
    return [
        *table_problems(connection),
        *policy_problems(connection),
        *key_problems(connection),
        *foreign_key_problems(connection),
        *held_problems(connection),
        *bypass_problems(connection),
    ]


def table_problems(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Every table is a school's (mapped, with school_id) or on the list with its reason."""
    rows = {row[0]: row for row in connection.execute(TABLES)}
    here = {name for name in rows if not name.startswith(QUEUE)}
    for name in sorted(here - mapped() - set(PLATFORM)):
        yield f"{name} is neither SchoolScoped nor on the list of platform tables"
    for name in sorted((mapped() | set(PLATFORM)) - here):
        yield f"{name} is mapped or listed, but no migration makes it"
    for name in sorted(here & mapped()):
        if not rows[name][4]:
            yield f"{name} has no school_id that is never null"
    for name, row in rows.items():
        if row[5] != "campus_owner":
            yield f"{name} belongs to {row[5]}"


def policy_problems(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """ENABLE, FORCE, and exactly one policy with exactly our text for USING and CHECK."""
    found: dict[str, list[Any]] = {}
    for table, *policy in connection.execute(POLICIES):
        found.setdefault(table, []).append(policy)
    for name, enabled, forced, *_ in connection.execute(TABLES).fetchall():
        if name not in mapped():
            continue
        if not enabled:
            yield f"{name}: row-level security is off"
        if not forced:
            yield f"{name}: not forced, so its owner passes"
        policies = found.get(name, [])
        if len(policies) != 1:
            yield f"{name}: {len(policies)} policies instead of one"
        for _, permissive, command, everyone, using, check in policies:
            if not permissive or command != "*" or not everyone:
                yield f"{name}: the policy is not for everything and everyone"
            if using != OURS or check != OURS:
                yield f"{name}: the policy says USING {using} CHECK {check}"


def key_problems(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """school_id leads the primary key, every unique index (else it tells of other schools) and
    every other index (else the policy scans)."""
    seen = set()
    for table, index, primary, unique, first in connection.execute(INDEXES):
        if table not in mapped():
            continue
        if primary:
            seen.add(table)
        if first != "school_id":
            kind = "primary key" if primary else "unique index" if unique else "index"
            yield f"{table}: {kind} {index} begins with {first}"
    for table in sorted(mapped() - seen):
        yield f"{table}: no primary key"


def foreign_key_problems(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Foreign keys pass by the policies, so they hold the school on both sides."""
    for name, table, target, columns, aims in connection.execute(FOREIGN_KEYS):
        if target in mapped() and table not in mapped():
            yield f"{name}: the platform points at a school's table {target}"
        elif target in mapped() and (columns[0] != "school_id" or aims[0] != "school_id"):
            yield f"{name}: {table} points at {target} without the school"
        elif table in mapped() and target not in mapped() and target not in TARGETS:
            yield f"{name}: {table} points at {target}"


def held_problems(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Every row is held to a school there is: by its own key to the registry, or by a key, never
    null, to a row that is."""
    nullable = set(connection.execute(NULLABLE).fetchall())
    keys = [
        (table, target)
        for _, table, target, columns, _ in connection.execute(FOREIGN_KEYS)
        if columns[0] == "school_id" and not nullable & {(table, name) for name in columns}
    ]
    held = {"school"}
    while more := {table for table, target in keys if target in held} - held:
        held |= more
    for table in sorted(mapped() - held):
        yield f"{table}: its rows may be of a school that is not there"


def bypass_problems(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """No definer function, no owner's view, no partition, no role that passes by the guards."""
    for (text,) in connection.execute(BYPASSES, {"roles": WEB_ROLES}):
        yield text
