"""Work on what strangers sent, done in a child process with limits and without secrets.

Spreadsheets and pictures are programs for their readers: a few kilobytes ask for gigabytes. They
are opened only here: in a child of few rights, one per file, with bounds of memory, time and
answer. A fork server with the readers already loaded makes such a child in milliseconds; a process
that serves people has one fork server, started when it is first needed, and few children at once.

pool.py       run(): wait for a place, hand over the bytes, take the answer
forkserver.py the program that forks the children, and what a child is bound to
"""

from campus.confined.pool import Bounds, Fell, TookTooLong, run

__all__ = ["Bounds", "Fell", "TookTooLong", "run"]
