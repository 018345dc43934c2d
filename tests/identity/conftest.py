"""What the tests of passkeys share."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' browser asks at http://localhost, so that is where passkeys are made for."""
    here = replace(app.config["CAMPUS"], public_url="http://localhost")
    monkeypatch.setitem(app.config, "CAMPUS", here)
