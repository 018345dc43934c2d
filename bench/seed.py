"""Schools by plain SQL, as the superuser: 45 classes of 45 pupils each, with people and history.

Ids are computed, so a driver knows them: school 1 has the classes 1 to 45 and the pupils 1 to 2025;
account 1 is the class teacher of class 1, account 1000 + n the guardian of pupil n. Signed-in
sessions carry the tokens `staff-1` and `parent-<n>`.
"""

from __future__ import annotations

import psycopg

CLASSES = 45
PUPILS = 45
STAFF = 100
FAMILIES = 1000  # parents with a standing session
TEACHER_COOKIE = "sid=staff-1"

SEED = """
SET session_replication_role = replica;
INSERT INTO school (id, slug, name, short_name)
SELECT s, 'school-' || s, '第' || s || '小学', '一小' FROM generate_series(1, %(schools)s) s;

INSERT INTO account (id, phone, name)
SELECT (s - 1) * 10000 + n, (12000000000 + (s - 1) * 10000 + n)::text, '王老师'
FROM generate_series(1, %(schools)s) s, generate_series(1, {staff}) n;
INSERT INTO account (id, phone, name)
SELECT (s - 1) * 10000 + 1000 + n, (12000000000 + (s - 1) * 10000 + 1000 + n)::text, '李妈妈'
FROM generate_series(1, %(schools)s) s, generate_series(1, {pupils}) n;
INSERT INTO membership (school_id, account_id, roles)
SELECT (id - 1) / 10000 + 1, id,
       CASE WHEN (id - 1) %% 10000 < 1000 THEN '{{teacher}}'::text[] ELSE '{{guardian}}'::text[] END
FROM account;

INSERT INTO school_year (school_id, id, name, starts_on, ends_on)
SELECT s, s, '2026-2027', current_date - 90, current_date + 200
FROM generate_series(1, %(schools)s) s;
INSERT INTO term (school_id, id, year_id, name, starts_on, ends_on)
SELECT s, s, s, '上学期', current_date - 90, current_date + 60
FROM generate_series(1, %(schools)s) s;
INSERT INTO calendar_day (school_id, day, name, weekday)
SELECT s, current_date, '补课', 1 FROM generate_series(1, %(schools)s) s;
INSERT INTO subject (school_id, id, name, position)
SELECT s, (s - 1) * 10 + n, (ARRAY['语文','数学','英语','科学','体育','音乐'])[n], n
FROM generate_series(1, %(schools)s) s, generate_series(1, 6) n;
INSERT INTO homeroom_class (school_id, id, entry_year, number)
SELECT s, (s - 1) * {classes} + c, extract(year FROM current_date)::int - (c %% 6), (c - 1) / 6 + 1
FROM generate_series(1, %(schools)s) s, generate_series(1, {classes}) c;
INSERT INTO staff (school_id, id, account_id, name)
SELECT s, (s - 1) * {staff} + n, (s - 1) * 10000 + n,
       substr('王李张刘陈杨赵黄周吴', n %% 10 + 1, 1) || '老师'
FROM generate_series(1, %(schools)s) s, generate_series(1, {staff}) n;
INSERT INTO assignment (school_id, staff_id, class_id, subject_id, homeroom, starts_on)
SELECT s, (s - 1) * {staff} + (c + k * 16 - 1) %% {staff} + 1, (s - 1) * {classes} + c,
       (s - 1) * 10 + k + 1, k = 0, current_date - 90
FROM generate_series(1, %(schools)s) s, generate_series(1, {classes}) c, generate_series(0, 5) k;

INSERT INTO pupil (school_id, id, name, name_key, sex)
SELECT s, (s - 1) * {pupils} + n,
       substr('李王张刘陈杨赵黄周吴', n %% 10 + 1, 1) || substr('小子雨思欣浩宇一', n %% 8 + 1, 1)
       || substr('明涵轩怡彤然诺辰萱琪', n / 8 %% 10 + 1, 1), 'li xiao ming ' || n, n %% 2 + 1
FROM generate_series(1, %(schools)s) s, generate_series(1, {pupils}) n;
INSERT INTO enrollment (school_id, id, pupil_id, class_id, seat_no, starts_on)
SELECT school_id, id, id, (id - 1) / {each} + 1, (id - 1) %% {each} + 1, current_date - 90
FROM pupil;
INSERT INTO guardian (school_id, id, name, phone, account_id)
SELECT school_id, id, name || '妈妈', 'p' || id,
       (school_id - 1) * 10000 + 1000 + id - (school_id - 1) * {pupils} FROM pupil;
INSERT INTO guardianship (school_id, guardian_id, pupil_id, relation)
SELECT school_id, id, id, '妈妈' FROM pupil;

INSERT INTO attendance_sheet (school_id, class_id, day, half, taken_by, taken_at)
SELECT c.school_id, c.id, current_date - d, half, (c.school_id - 1) * 10000 + 1, now()
FROM homeroom_class c, generate_series(-1, 40) d, (VALUES ('am'), ('pm')) h (half);
INSERT INTO attendance_mark (school_id, sheet_id, pupil_id, state)
SELECT s.school_id, s.id, (s.class_id - 1) * {each} + k * 7 + 1,
       (ARRAY['late','sick','leave'])[k + 1]
FROM attendance_sheet s, generate_series(0, 2) k;
INSERT INTO praise (school_id, class_id, staff_id, area, kind, text, created_at)
SELECT c.school_id, c.id, (c.school_id - 1) * {staff} + 1, 'study', 'study-speak', '积极发言',
       now() - n * interval '5 hours'
FROM homeroom_class c, generate_series(1, 40) n;
INSERT INTO praise_pupil (school_id, praise_id, pupil_id)
SELECT school_id, id, (class_id - 1) * {each} + id %% {each} + 1 FROM praise;
INSERT INTO growth_record (school_id, pupil_id, seq, area, kind, text, source_kind, source_id,
                           staff_id, happened_at)
SELECT p.school_id, x.pupil_id,
       row_number() OVER (PARTITION BY x.school_id, x.pupil_id ORDER BY p.id),
       p.area, p.kind, p.text, 'praise', p.id, p.staff_id, p.created_at
FROM praise p JOIN praise_pupil x ON x.school_id = p.school_id AND x.praise_id = p.id;
INSERT INTO growth_book (school_id, pupil_id, last_seq)
SELECT school_id, pupil_id, max(seq) FROM growth_record GROUP BY 1, 2;

INSERT INTO account_session (account_id, token_hash, device_key, user_agent, ip, idle_minutes,
                             idle_at, expires_at)
SELECT id, sha256(convert_to(CASE WHEN id < 1000 THEN 'staff-' || id
                             ELSE 'parent-' || id - 1000 END, 'UTF8')),
       'bench', 'bench', '127.0.0.1', 30, now() + interval '1 day', now() + interval '2 days'
FROM account WHERE id <= 1000 + {families};
RESET session_replication_role;
"""
COUNTED = (
    *("school", "account", "school_year", "term", "subject", "homeroom_class", "staff"),
    *("assignment", "pupil", "enrollment", "guardian", "attendance_sheet", "praise"),
    *("growth_record", "account_session"),
)


def fill(superuser_url: str, *, schools: int) -> None:
    """Fill an empty database with ``schools`` schools of 2,025 pupils and analyse it."""
    numbers = {
        "classes": CLASSES,
        "each": PUPILS,
        "pupils": CLASSES * PUPILS,
        "staff": STAFF,
        "families": FAMILIES,
    }
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        for statement in SEED.format(**numbers).split(";\n"):
            if statement.strip():
                connection.execute(statement.encode() % {b"schools": str(schools).encode()})
        for table in COUNTED:
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'),"
                f" (SELECT max(id) + 1 FROM {table}))".encode()
            )
        connection.execute("VACUUM ANALYZE")
