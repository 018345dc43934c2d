"""What oversight keeps of people: who asked for an approval and who gave it."""

from __future__ import annotations

from campus.personal_data import Kept, PersonalData, Rule

PERSONAL_DATA = PersonalData(tables={"approval": Rule(Kept.PERSON, "审批")})
