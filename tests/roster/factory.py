"""What the seed holds of roster: imports at every station."""

from __future__ import annotations

from campus import clock, db
from tenants.roster.imports.models import ImportLine, ImportRun, PupilMerge
from tests.support.planting import Planting


def plant(planting: Planting) -> None:
    """Imports at every station, and a merge that can be undone."""
    ids, session = planting.school.ids, db.session()
    sheet = {"name": planting.text("表"), "kind": "学生", "header": 0, "titles": ["姓名"]}
    sheet |= {"places": {"姓名": 0}, "fixed": {}, "sample": [], "rows": 1}
    counts = {"rows": 1, "new": 1}
    for name in ("columns", "ready", "again", "answer", "apply", "cancel"):
        state = "columns" if name == "columns" else "ready"
        run = ImportRun(state=state, size=1, sheets=[sheet], counts=counts, created_at=clock.now())
        session.add(run)
        session.flush()
        ids[f"import_{name}"] = run.id
    detail = '{"changes": [], "problems": []}'
    text = planting.text("行")
    session.add(
        ImportLine(
            run_id=ids["import_ready"],
            line=1,
            sheet=text,
            row=2,
            outcome="new",
            name=text,
            group="",
            detail=detail,
        )
    )
    merge = PupilMerge(
        kept_id=ids["child"], gone_id=ids["stranger"], moved={}, created_at=clock.now()
    )
    session.add(merge)
    session.flush()
    ids["merge"] = merge.id
