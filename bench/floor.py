"""The bare floor: Flask, Jinja, psycopg's pool and the same 45 rows in an RLS transaction.

No ORM, no session, no permission, no menu, no headers. What a page of ours costs is told as a
share of this.
"""

from __future__ import annotations

import os

from flask import Flask, render_template
from jinja2 import DictLoader
from psycopg_pool import ConnectionPool

PUPILS = """
SELECT p.id, p.name, e.seat_no, m.state
FROM pupil p
JOIN enrollment e ON e.school_id = p.school_id AND e.pupil_id = p.id
LEFT JOIN attendance_mark m
       ON m.school_id = e.school_id AND m.sheet_id = %s AND m.pupil_id = e.pupil_id
WHERE e.school_id = %s AND e.class_id = %s AND e.starts_on <= current_date
  AND (e.ends_on IS NULL OR e.ends_on >= current_date)
ORDER BY e.seat_no, p.name_key
"""
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>班级</title></head>
<body><h1>班级</h1><ul>
{% for p in pupils %}<li id="pupil-{{ p[0] }}"><span>{{ p[2] or '' }}</span><b>{{ p[1] }}</b>
{%- if p[3] %}<i>{{ p[3] }}</i>{% endif %}</li>
{% endfor %}</ul></body></html>"""

app = Flask("floor", static_folder=None)
app.jinja_loader = DictLoader({"page.html": PAGE})
pool = ConnectionPool(
    os.environ["DATABASE_URL"].replace("+psycopg", ""),
    min_size=8,
    max_size=10,
    kwargs={"autocommit": True},
    open=True,
)


@app.get("/healthz")
def healthz() -> str:
    """For whoever waits for the start."""
    return "ok"


@app.get("/classes/<int:class_id>")
def show(class_id: int) -> str:
    """The 45 pupils of one class of the first school."""
    with pool.connection() as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT set_config('campus.school', %s, true)", ("1",))
        pupils = connection.execute(PUPILS, (0, 1, class_id)).fetchall()
        connection.execute("COMMIT")
    return render_template("page.html", pupils=pupils)
