"""What people keep: who is at the school, how they belong together, what guardians agreed to."""

from __future__ import annotations

from campus.personal_data import Kept, PersonalData, Rule
from tenants.people.book import chapter

PERSONAL_DATA = PersonalData(
    tables={
        "pupil": Rule(Kept.DUTY, "学生"),
        "enrollment": Rule(Kept.DUTY, "在哪个班"),
        "departure": Rule(Kept.DUTY, "转出、休学"),
        "consent": Rule(Kept.DUTY, "同意和撤回的凭证"),
        "guardian": Rule(Kept.PERSON, "监护人"),
        "guardianship": Rule(Kept.PERSON, "监护关系"),
        "former_phone": Rule(Kept.PERSON, "以前的手机号"),
        "staff": Rule(Kept.PERSON, "教职工"),
        "assignment": Rule(Kept.PERSON, "任教"),
        "duty": Rule(Kept.PERSON, "职务"),
        "school_year": Rule(Kept.HOUSE, "学年"),
        "term": Rule(Kept.HOUSE, "学期"),
        "calendar_day": Rule(Kept.HOUSE, "校历上的放假和补课"),
        "subject": Rule(Kept.HOUSE, "科目"),
        "homeroom_class": Rule(Kept.HOUSE, "班级"),
    },
    collect=chapter,
)
