"""PostgreSQL and the object store for one machine, so that `make run` needs nothing first.

Both are the real programs, unpacked from Python wheels and driven by our own small wrappers; the
schools' data stays in CAMPUS_HOME. Production has its own servers and uses none of this but
``roles``. Whatever was killed, half-written or left behind is repaired at the next start, and a
process is only ever ended after /proc has shown that it belongs to this CAMPUS_HOME.

files.py      the home folder: private files, secrets, remembered state, one start at a time
processes.py  who is running, is it ours, which port is free, ending it without hurting others
account.py    root may not run PostgreSQL: the account and the folder it uses instead
cluster.py    PostgreSQL's files: initdb, settings, pid file, what a crash left
postgres.py   PostgreSQL: start, adopt, stop, URLs
roles.py      owner, migrator, web, worker, bureau; also for tests and production
weed.py       how SeaweedFS is called: one door open, every other locked
certificate.py what the store's inner doors ask for
objects.py    the object store: start, adopt, prove, stop
children.py   the web server and the worker: started, watched, started again
ballast.py    room given up when the disk is full
address.py    where the web server is reached, and whether it answers
screen.py     the ready line and the demo accounts
standing.py   what a warm start may leave out
dev.py        everything together, in order, until Ctrl-C
cli.py        the commands `dev` and `bootstrap-roles`
"""
