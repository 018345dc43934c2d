"""The only door to Socket.IO: it hints that something changed, HTTP tells what.

A socket is let in by its session cookie before the upgrade (gate), is bounded in both directions
(transport), sits in two rooms the database names (``account:<school>:<account>`` and
``session:<session>``), and is cut within a second when its right ends (doors.revoke). The client
hears ``hint`` {event, …}, ``beat`` {n} every 25 s (how many hints it was sent: a gap means catch
up over HTTP) and ``bye`` {reason}. There is no way from here to send without an addressee.

gate.py        401, 400, 403 before the upgrade      links.py      the open sockets
transport.py   limits, queue, certain end            events.py     what a client may say
door.py        init, deliver, revoke, beat           listener.py   LISTEN and the two-second tick
background.py  greenlets that never die silently     fanout.py     several processes over Redis
"""

from campus.realtime.background import running, task
from campus.realtime.door import deliver, init, revoke, start_background
from campus.realtime.events import HANDLERS, socket_event
from campus.realtime.listener import every_tick, follow

__all__ = [
    "HANDLERS",
    "deliver",
    "every_tick",
    "follow",
    "init",
    "revoke",
    "running",
    "socket_event",
    "start_background",
    "task",
]
