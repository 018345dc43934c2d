"""The pages in Debian's Chromium, against a real server with the small demo school.

house.py    the server of the run, its people, what to open
people.py   a person at a browser: signed in, watched for console errors
pages.py    every page of every role
shots.py    `python -m tests.e2e.shots OUTDIR`: a picture of every page for people to look at
"""
