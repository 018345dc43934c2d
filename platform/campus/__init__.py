"""The platform beneath every school: what has no school_id lives here.

app.py          create_app: configuration, errors, capabilities, the school middleware
capability.py   what a feature says of itself when it registers
config.py       one frozen dataclass read from the environment, checked at start
db.py           base classes, the school binding, what is asked of the database
units.py        transactions: one connection at a time, given back before slow work
body.py         what came with a request, read whole and within bounds
collector.py    the collector of cycles, kept out of the way
engines.py      connections: pools by role, and BEGIN in one trip with the entry
outbox.py       news that leaves after commit
permissions.py  roles, permissions, @requires
errors.py       the exception tree and its one handler
incoming.py     requests: what nothing could hold is refused at the door
realtime.py     the only door to Socket.IO
storage.py      the only door to the object store
jobs.py         background jobs that carry their school
audit.py        who did what, append-only
confined/       strangers' files read in children with limits
pictures/       pictures decoded there and drawn anew
tables/         spreadsheets read there
identity/       accounts and sessions (one person, several schools)
schools/        the registry of schools and memberships
embedded/       PostgreSQL and the object store for one machine
migrations/     Alembic
"""
