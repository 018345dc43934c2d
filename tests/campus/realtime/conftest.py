"""The parts these tests run on; `parts` is a module so that other folders can use them too."""

from tests.campus.realtime.parts import app_db, live, postgres

__all__ = ["app_db", "live", "postgres"]
