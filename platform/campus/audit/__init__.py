"""Who did what to what, in one school: append-only, and chained so that a change shows.

A line is written with the change itself and holds nobody up: no counter, no lock. A trigger notes
it in ``audit_pending``; every ten seconds the worker takes what waits, school by school, and
chains it: h = HMAC-SHA256(k, h₋₁ ‖ canonical JSON of the line) with a key of the school's own. So
the order of the chain is the order of sealing, without gaps.

What is found, and when (`python -m campus audit verify`):

edit, swap, splice from another school, removal of a sealed line   at once, first bad line named
removal of the newest lines with their seals                       by the signed head
the same with an older head put back                               by a head sealed outside
a line slipped in past the trigger                                 at once
removal of a line before it was sealed (ten seconds)               by its note, unless that went too
what an attacker writes as the application does                    not: it is a line like any other

Sealed outside means: in a bucket whose objects nobody can take back before their day, once a night
and after each verify. So a tail cut on the day it was written, before the night, shows only to who
wrote the head down; and on a store without object lock none of it: verify and doctor say so.

models.py   the four tables
write.py    record, looked_at
chain.py    sealing, the job
verify.py   reading it all again
outside.py  the signed head in a bucket with object lock, and the comparison with it
cli.py      audit verify
"""

from campus.audit.models import AuditEntry
from campus.audit.write import looked_at, record

__all__ = ["AuditEntry", "looked_at", "record"]
