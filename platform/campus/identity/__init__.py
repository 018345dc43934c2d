"""Accounts and sessions: one person, one phone number, several schools.

A session is a row: it can be listed, ended, and is looked up on every request together with the
school and the membership, in the statement that also enters the school (entry.py).

models.py     Account, AccountSession, LoginFailure, AccountEvent
entry.py      the statement that turns a cookie and a slug into an Actor
passwords.py  argon2id off the event loop; rules without theatre
throttle.py   lockout that suits a school behind one NAT address
actions.py    sign_in, sign_out, end_session, change_password, register_accounts
totp.py       the second step: codes of a phone, spare codes, step-up
numbers.py    whose a phone number is, and for how long after a change
phones.py     change_phone, undo_change; events.py tells the schools
passkeys.py   WebAuthn: adding a passkey, signing in with one; challenges.py its questions
party.py      for which address passkeys are made
queries.py    sessions of one person
schemas.py    what login and password forms may hold
routes.py     /login /logout /choose /me
two_step.py   /me/two-step /me/confirm, the second half of /login
own_phone.py  /me/phone
own_keys.py   /me/passkeys, /login/passkey
"""
