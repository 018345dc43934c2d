"""Reports of the content policy: few, small, and without an address."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from campus import violations
from tests.support.client import PageClient
from tests.support.logs import Recorder

ClientOf = Callable[[str], PageClient]
SECRET = "CANARY-IN-THE-QUERY"
PAGE = f"https://school.example/s/jiaxiao/join/ABCD2345?code={SECRET}#{SECRET}"
OLD: dict[str, Any] = {
    "csp-report": {
        "document-uri": PAGE,
        "referrer": PAGE,
        "blocked-uri": f"https://user:{SECRET}@evil.example:8443/x?{SECRET}",
        "effective-directive": "script-src-elem",
        "original-policy": SECRET,
        "script-sample": SECRET,
        "source-file": f"https://school.example/static/dist/base-1.js?{SECRET}",
        "line-number": 7,
    }
}
NEW = [
    {
        "type": "csp-violation",
        "url": PAGE,
        "user_agent": SECRET,
        "body": {
            "documentURL": PAGE,
            "blockedURL": "inline",
            "effectiveDirective": f"style-src-attr; {SECRET}",
            "sample": SECRET,
            "sourceFile": PAGE,
            "lineNumber": 12,
        },
    }
]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(violations, "few", violations.Few(violations.MOST_A_MINUTE))


def send(browser: PageClient, body: bytes, status: int = 204, kind: str = "csp-report") -> None:
    browser.open("POST", "/csp-reports", status, data=body, content_type=f"application/{kind}")


def lines() -> list[dict[str, Any]]:
    found = [json.loads(line) for line in Recorder.current if '"csp-report"' in line]
    return [{name: one[name] for name in ("rule", "blocked", "file", "line")} for one in found]


@pytest.mark.parametrize(
    ("report", "kind", "expected"),
    [
        (
            OLD,
            "csp-report",
            {
                "rule": "script-src-elem",
                "blocked": "https://evil.example:8443",
                "file": "/static/dist/base-1.js",
                "line": 7,
            },
        ),
        (
            NEW,
            "reports+json",
            {"rule": "style-src-attr", "blocked": "inline", "file": None, "line": 12},
        ),
    ],
)
def test_a_report_is_told_without_an_address(
    report: Any, kind: str, expected: dict[str, Any], client_of: ClientOf
) -> None:
    send(client_of("anonymous"), json.dumps(report).encode(), kind=kind)
    assert lines() == [expected]
    assert SECRET not in "".join(Recorder.current)
    assert "ABCD2345" not in "".join(Recorder.current)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"1", b"\xff", b"[[]]", b'{"csp-report": []}', b'{"body": 1}'),
        b'{"csp-report": {"blocked-uri": "http://[::1", "line-number": 1e99}}',
        b'{"csp-report": {"blocked-uri": {"a": 1}, "source-file": ["x"], "line-number": -1}}',
        b"[" * 9000,
    ],
)
def test_what_is_no_report_breaks_nothing(body: bytes, client_of: ClientOf) -> None:
    send(client_of("anonymous"), body)


def test_a_large_report_is_refused_before_it_is_read(client_of: ClientOf) -> None:
    send(client_of("anonymous"), b"x" * (violations.MOST_BYTES + 1), 413)


def test_only_the_first_of_a_minute_are_told(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client_of("anonymous")
    monkeypatch.setattr(violations.time, "monotonic", lambda: 600.0)
    for _ in range(violations.MOST_A_MINUTE + 30):
        send(browser, json.dumps(OLD).encode())
    assert len(lines()) == violations.MOST_A_MINUTE
    monkeypatch.setattr(violations.time, "monotonic", lambda: 661.0)
    send(browser, json.dumps(OLD).encode())
    assert len(lines()) == violations.MOST_A_MINUTE + 1
