"""The demo is made in a migrated, empty database."""

from tests.support.empty_school import blank, today

__all__ = ["blank", "today"]
