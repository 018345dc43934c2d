"""The registry of schools: which there are, who belongs to which, which are suspended.

models.py    School, Membership
actions.py   open_school, grant_role
queries.py   places_of (the schools and roles of one person)
schemas.py   what an operator types to open a school
standing.py  suspend_school, resume_school
erased.py    what stays of a school that was erased
routes.py    the operator's two pages
"""
