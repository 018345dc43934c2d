"""The retention classes in words; each table's class stands in its capability's personal_data.py.

docs/retention.md says the same, with what an erasure does (PIPL 19, 47; 儿童个人信息网络保护规定
art. 10):

CONSENT  rests on the guardian's consent: goes when that is withdrawn
DUTY     what the school must be able to show (roll, attendance): goes with the pupil, after leaving
PERSON   a person's own things in one school: goes with the person
HOUSE    the school's own arrangements without a family in them: goes with the school
LOG      who did what, numbers only: at least six months (网络安全法 art. 23), then pseudonymous
SHORT    works for minutes or days and empties itself
"""

from __future__ import annotations

from datetime import timedelta

from campus.personal_data import Kept

LOG_KEPT = timedelta(days=183)
CLASS_TITLES = {
    Kept.CONSENT: "撤回同意即删除",
    Kept.DUTY: "学校依法保存，离校后可删",
    Kept.PERSON: "随本人删除",
    Kept.HOUSE: "随学校删除",
    Kept.LOG: "日志，至少六个月",
    Kept.SHORT: "短期，自动清空",
}
