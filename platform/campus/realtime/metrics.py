"""What Prometheus sees of the sockets of this process."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

SOCKETS = Gauge("campus_sockets", "Websockets open in this process")
HINTS = Counter("campus_hints", "Hints handed to Socket.IO, one for each account addressed")
OVERFLOWS = Counter("campus_socket_overflows", "Sockets closed because their client did not read")
CUTS = Counter("campus_socket_cuts", "Sockets ended by us", ["reason"])
