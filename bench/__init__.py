"""The figures: what a page costs beside a bare floor, how fast praise travels, how fast all starts.

`python -m bench` prints a table and writes var/bench.json as {name: {value, unit, against, ratio}}.
Everything runs on embedded parts in a temporary home, on loopback, and is gone afterwards.

stack.py      PostgreSQL, object store and gunicorn of one run
seed.py       schools by plain SQL: one, or a hundred
proc.py       CPU seconds and memory of process trees, from /proc
load.py       keep-alive clients in a process of their own
floor.py      the bare application every page is measured against
page.py       the class page beside the floor, at one school and at a hundred
inside.py     statements and CPU of one page, counted inside a process
praise.py     from a teacher's tap to a parent's screen, with 500 sockets open
sockets.py    those 500 sockets, in a process of their own
roster.py     a school's spreadsheet to durable rows, beside calamine and COPY
audit.py      a school's whole log verified, beside a plain read with HMAC
starting.py   cold start, warm start, memory of the whole stack
weight.py     bytes, requests and paints in Chromium (python -m bench.weight)
"""
