"""What setup keeps: the school's own arrangements and rules."""

from __future__ import annotations

from campus.personal_data import Kept, PersonalData, Rule

PERSONAL_DATA = PersonalData(
    tables={
        "privacy_rules": Rule(Kept.HOUSE, "儿童个人信息保护规则"),
        "setup_step": Rule(Kept.HOUSE, "开通向导"),
    }
)
