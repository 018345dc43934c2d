"""Every page of every role, as addresses inside the demo school (``//`` begins at the platform)."""

from __future__ import annotations

import re

from tests.e2e.house import SCHOOL, House

OWN = ("/me", "/me/devices", "/me/password", "/me/phone", "/choose")
STAFF = (
    "/today",
    "/classes",
    "/classes/{class}",
    "/pupils/{child}",
    "/messages",
    "/messages/announce",
)
FAMILIES = ("/families", "/families/classes/{class}", "/families/pupils/{child}")
PAGES: dict[str, tuple[str, ...]] = {
    "": (
        *("//login", "/login", "/join", "/join/no-such-code", "/reset", "/privacy"),
        *("//styleguide", "//no-such-page", "//s/no-such-school/"),
    ),
    "teacher": (*STAFF, *FAMILIES, "/classes/{class}?mode=attendance", *OWN, "/no-such-page"),
    "parent": (
        *("/home", "/children", "/children/{child}", "/children/{child}?area=labour"),
        *("/children/{child}/home", "/messages", *OWN, "/no-such-page", "/today"),
        *("/my-children", "/my-children/{child}/consent", "/takeaway/mine"),
        "/children/{child}/access",
    ),
    "admin": (
        *("/today", "/classes", "/messages", "/me", "/me/two-step", "/me/confirm"),
        *("/setup", "/setup/identity", "/setup/stages", "/setup/calendar", "/setup/subjects"),
        *("/setup/terms/{term}", "/setup/look", "/setup/privacy", "/setup/roster"),
        *("/setup/staff", "/setup/families"),
        *("/setup/live", "/setup/sheet", "/staff", "/staff/new", "/access", "/approvals"),
        "/exports",
        *("/onboarding/roster", "/onboarding/roster/twins", "/pupils/{child}/moves"),
        *("/turn", "/turn/plan", "/turn/classes/{class}", "/turn/arrivals", "/turn/history"),
        *("/turn/merge", "/turn/split", "/takeaway", "/takeaway/pupils", "/takeaway/school"),
        *("/takeaway/coming", "/takeaway/going"),
    ),
    "head": ("/classes/{class}",),
    "other_admin": ("//s/fengxi/today", "//s/fengxi/classes", "//s/fengxi/messages"),
    "operator": ("//operator/schools", "//operator/schools/open", "//me"),
}


def address(house: House, place: str) -> str:
    """The whole address of one entry of PAGES."""
    numbers = {"class": house.class_id, "child": house.child_id, "term": house.term_id}
    filled = place.format(**numbers)
    return house.origin + (filled[1:] if filled.startswith("//") else SCHOOL + filled)


def name_of(place: str) -> str:
    """A file name for one entry of PAGES."""
    named = place.replace("//", "platform/", 1) if place.startswith("//") else place
    return re.sub(r"[^a-z0-9]+", "-", named).strip("-")
