"""Consent: purpose by purpose, a real no, withdrawal that takes photos down, silence is no yes."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import func, select

from campus import db, storage
from campus.errors import InvalidInput, NotFound
from tenants.classes.actions import award_praise
from tenants.families import consent, schemas
from tenants.growth.models import GrowthRecord
from tenants.media.models import Photo
from tenants.people.consents import (
    CLASS_PHOTO,
    GROWTH_PHOTO,
    REMINDERS,
    VERSIONS,
    Answer,
    Consent,
    record_answers,
    without_consent,
)
from tenants.people.events import ConsentChanged, consent_changed
from tests.factories import Seed, picture
from tests.support.memory_store import MemoryStore


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store in memory: what is kept is not the question here."""
    monkeypatch.setattr(storage, "_configured", [MemoryStore()])


def say(seed: Seed, who: str, **answers: bool) -> None:
    child = {"guardian": "child", "other_guardian": "classmate"}[who]
    with db.transaction(school_id=seed.schools["a"].id):
        consent.answer(
            seed.actor(who),
            pupil_id=seed.schools["a"].ids[child],
            answers={key.replace("_", "-"): agreed for key, agreed in answers.items()},
            channel="own-page",
        )


def praise(seed: Seed, *pupils: str) -> int:
    ids = seed.schools["a"].ids
    with db.transaction(school_id=seed.schools["a"].id):
        return award_praise(
            seed.actor("class_teacher"),
            class_id=ids["class"],
            pupil_ids=[ids[one] for one in pupils],
            area="moral",
            text="一起画画",
            photo=picture(),
        )


def photos_of(seed: Seed, pupil: str) -> int:
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        held = select(func.count()).where(
            GrowthRecord.pupil_id == seed.schools["a"].ids[pupil],
            GrowthRecord.photo_id.is_not(None),
        )
        return session.scalars(held).one()


def test_every_purpose_has_a_field_and_a_version() -> None:
    asked = {field.data_key for field in schemas.Answers().fields.values()}
    assert asked == {purpose.key for purpose in consent.PURPOSES} == set(VERSIONS)


@pytest.mark.parametrize(
    "given",
    list(itertools.product([True, False], repeat=3)),
    ids=lambda one: "".join(map(str, map(int, one))),
)
def test_each_purpose_is_its_own(seed: Seed, client_of: Any, given: tuple[bool, ...]) -> None:
    """All eight ways to answer are kept as they were given, a no to everything too."""
    answers = dict(zip((GROWTH_PHOTO, CLASS_PHOTO, REMINDERS), given, strict=True))
    child, browser = seed.schools["a"].ids["child"], client_of("guardian")
    form = {key: str(agreed).lower() for key, agreed in answers.items()}
    browser.post(f"/my-children/{child}/consent", form)
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        rows = session.scalars(
            select(Consent).where(
                Consent.pupil_id == child,
                Consent.guardian_id == seed.schools["a"].ids["guardian_row"],
                Consent.withdrawn_at.is_(None),
            )
        ).all()
    assert {row.purpose: row.agreed for row in rows} == answers
    assert all(row.version == VERSIONS[row.purpose] and row.channel and row.at for row in rows)
    browser.get(f"/children/{child}/home")


def test_a_changed_mind_is_kept(seed: Seed) -> None:
    for agreed in (False, True, True):
        say(seed, "guardian", growth_photo=agreed)
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        rows = session.execute(
            select(Consent.agreed, Consent.withdrawn_at.is_(None))
            .where(
                Consent.guardian_id == seed.schools["a"].ids["guardian_row"],
                Consent.purpose == GROWTH_PHOTO,
            )
            .order_by(Consent.id)
        ).all()
    assert [tuple(row) for row in rows] == [(True, False), (False, False), (True, True)]


def test_an_unanswered_purpose_is_asked_again(seed: Seed, client_of: Any) -> None:
    child = seed.schools["a"].ids["child"]
    page = client_of("guardian").post(
        f"/my-children/{child}/consent", {"growth-photo": "true", "class-photo": ""}, 422
    )
    assert "请选择同意或不同意" in page.get_data(as_text=True)


def test_the_page_says_what_the_law_asks(seed: Seed, client_of: Any) -> None:
    """儿童个人信息网络保护规定 art. 10: place, term, after, safeguards, refusing, complaint."""
    page = client_of("guardian").page(f"/my-children/{seed.schools['a'].ids['child']}/consent")
    words = page.main.get_text()
    for wanted in (
        "存在哪里",
        "到期以后",
        "怎么保护",
        "不同意会怎样",
        "投诉",
        "负责人",
        "依法必须保存",
    ):
        assert wanted in words
    assert len(page.select('input[type="radio"][value="false"]')) == len(consent.PURPOSES)


def test_nobody_answers_for_another_child(seed: Seed) -> None:
    with pytest.raises(NotFound), db.transaction(school_id=seed.schools["a"].id):
        consent.answer(
            seed.actor("guardian"),
            pupil_id=seed.schools["a"].ids["classmate"],
            answers={GROWTH_PHOTO: True},
            channel="own-page",
        )


def test_silence_is_no_consent(seed: Seed) -> None:
    """The yes of one is needed, the no of one is enough, an old wording's yes does not count."""
    ids = seed.schools["a"].ids
    child, row, actor = ids["child"], ids["guardian_row"], seed.actor("class_teacher")
    with db.transaction(school_id=seed.schools["a"].id) as session:
        assert without_consent([child], CLASS_PHOTO) == set()
        record_answers(
            actor, [Answer(ids["unjoined_guardian"], child, CLASS_PHOTO, agreed=False)], channel="x"
        )
        assert without_consent([child], CLASS_PHOTO) == {child}
        assert without_consent([child], GROWTH_PHOTO) == set()
        session.execute(Consent.__table__.delete().where(Consent.pupil_id == child))
        assert without_consent([child], CLASS_PHOTO) == {child}
        record_answers(actor, [Answer(row, child, CLASS_PHOTO, agreed=True)], channel="x")
        session.execute(Consent.__table__.update().values(version=0))
        assert without_consent([child], CLASS_PHOTO) == {child}


def test_a_photo_of_several_needs_everybody(seed: Seed, memory: None) -> None:
    praise(seed, "child", "classmate")
    say(seed, "other_guardian", class_photo=False)
    with pytest.raises(InvalidInput) as caught:
        praise(seed, "child", "classmate")
    sentence = caught.value.fields["photo"]
    assert seed.schools["a"].private["classmate"] in sentence, "the teacher sees which child"
    assert seed.schools["a"].private["child"] not in sentence
    praise(seed, "classmate")


def test_a_photo_of_one_needs_that_child(seed: Seed, memory: None) -> None:
    say(seed, "guardian", growth_photo=False)
    with pytest.raises(InvalidInput):
        praise(seed, "child")
    praise(seed, "classmate")


def test_a_no_takes_the_photos_down(seed: Seed, memory: None) -> None:
    """Shared ones leave every book, one's own stay; then those too; the words stay."""
    own = photos_of(seed, "child")
    praise(seed, "child", "classmate")
    assert photos_of(seed, "classmate") == 1
    say(seed, "guardian", class_photo=False)
    assert (photos_of(seed, "child"), photos_of(seed, "classmate")) == (own, 0)
    say(seed, "guardian", growth_photo=False)
    assert photos_of(seed, "child") == 0
    with db.transaction(school_id=seed.schools["a"].id, read_only=True) as session:
        standing = select(func.count()).select_from(Photo).where(Photo.removed_at.is_(None))
        assert session.scalars(standing).one() == 0


def test_every_answer_is_told_to_those_above(seed: Seed, memory: None, fresh: str) -> None:
    """However it came: growth hears a no that no page recorded, and takes shared photos down."""
    ids, told = seed.schools["a"].ids, []

    def hear(_: object, *, event: ConsentChanged) -> None:
        told.append((event.guardian_id, event.pupil_id, dict(event.answers)))

    praise(seed, "child", "classmate")
    assert photos_of(seed, "classmate") == 1
    answers = {CLASS_PHOTO: False, REMINDERS: True}
    with consent_changed.connected_to(hear), db.transaction(school_id=seed.schools["a"].id):
        record_answers(
            seed.actor("guardian"),
            [Answer(ids["guardian_row"], ids["child"], key, yes) for key, yes in answers.items()],
            channel="x",
        )
    assert told == [(ids["guardian_row"], ids["child"], answers)]
    assert photos_of(seed, "classmate") == 0
