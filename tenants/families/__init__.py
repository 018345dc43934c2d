"""Families get in: a code on paper, a phone, consent; and who may see what of which child.

A code belongs to one place: a child and one of its guardians, or "another parent". It works once,
for a week; the school stores only hashes. Whoever uses it is asked for a phone number and a
password, becomes that guardian, and answers purpose by purpose what may be done with the child's
data. A no to everything still lets the child be in the records a school keeps by law.

There is no SMS here, so a phone number alone proves nothing: an account that exists is entered by
its password only, a number the school knows as somebody else's is refused, and a lost password is
reset by a code the class teacher hands over in person.

reach.py       which families a member of staff looks after: the own class, or the whole school
codes.py       tokens, short codes, tickets and their hashes
models.py      invitations, misses, reset codes
invite.py      issuing and revoking codes
look.py        finding a living invitation by token, ticket or short code, with its limits
join.py        the invited person becomes a guardian
merge.py       one person in two rows: which ties may move, and which may not
account.py     the account behind a phone number: entered, or made
consent.py     the register of purposes; answering and withdrawing
guardians.py   relation, custody, limits, wrong numbers, unlinking, with undo
reset.py       a new password by a code from the class teacher
login.py       moving a family's sign-in to a corrected number; who hears of a change
queries.py     who has joined; one child's guardians; a guardian's own children
sheets.py      the paper of a class as PDF (slips.typ)
lists.py       who has joined, as xlsx
schemas.py     what the forms may hold
routes.py      staff's pages; guardian_routes.py: one child's guardians
join_routes.py the public pages; own_routes.py: a guardian's own
"""

from __future__ import annotations

from campus.capability import Capability, MenuItem
from tenants.families import guardian_routes, join_routes, login, own_routes
from tenants.families.permissions import GRANTS, Families
from tenants.families.personal_data import PERSONAL_DATA
from tenants.families.routes import blueprint

__all__ = ["capability", "guardian_routes", "join_routes", "own_routes"]

capability = Capability(
    name="families",
    title="家长加入",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(MenuItem("家长加入", "families.index", "class", Families.LIST, group="学校", order=45),),
    listen=login.listen,
    personal_data=PERSONAL_DATA,
)
