"""What growth keeps of a child: the book."""

from __future__ import annotations

from campus.personal_data import Kept, PersonalData, Rule
from tenants.growth.book import chapter

PERSONAL_DATA = PersonalData(
    tables={
        "growth_record": Rule(Kept.CONSENT, "成长记录"),
        "growth_book": Rule(Kept.PERSON, "成长册的计数"),
    },
    collect=chapter,
)
