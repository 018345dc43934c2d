"""The tests. Helpers are imported as `tests.support.…` and `tests.factories`.

conftest.py    the fixtures everybody uses: app, seed, client_of, store, database
factories.py   two schools with their people, made by real actions, a canary in every text; each
               capability's rows come from its factory.py
support/       the server of a run, cloned databases, the page-checking client, canaries, counts
rules/         what is true of all code and of every table
authz.yaml     who gets which answer where; each capability's rows stand in authz/NAME.yaml,
               and what stands in authz/ walks and plays them all
faults/        seeded faults: each must make a named guard cry
"""
