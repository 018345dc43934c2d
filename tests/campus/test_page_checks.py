"""The eye that looks at every page sees what it is there for."""

from __future__ import annotations

import pytest

from tests.support.pages import markup_problems

GOOD = (
    '<!doctype html><html lang="zh-CN"><head><title>甲</title><meta name="viewport"></head>'
    '<body><h1>甲</h1>{}<script src="/x.js"></script></body></html>'
)


def test_a_good_page_has_no_problem() -> None:
    labelled = '<label>名<input name="a"></label><label for="b">名</label><input id="b" name="b">'
    form = f'<form method="POST"><input type="hidden" name="csrf_token">{labelled}</form>'
    assert markup_problems(GOOD.format(form + '<img alt="" src="/y.png">')) == ()
    assert markup_problems('<li id="one">只是一块</li>') == markup_problems("  ") == ()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("<h1>乙</h1>", "2 <h1> instead of one"),
        ('<input name="q">', "no label for q"),
        ('<label for="other">名</label><select id="q"></select>', "no label for q"),
        ('<img src="/x.png">', "an image without alt"),
        ("<script>go()</script>", "an inline script"),
        ("<style>p{}</style>", "a style element"),
        ('<p style="color:red">', "a style attribute on <p>"),
        ('<p onclick="go()">', "a handler onclick on <p>"),
        ('<form method="POST" action="/x"></form>', "a form to /x without csrf_token"),
        ('<p id="a"></p><b id="a"></b>', "id a is used 2 times"),
    ],
)
def test_each_fault_is_named(fault: str, words: str) -> None:
    assert words in markup_problems(GOOD.format(fault))


@pytest.mark.parametrize(
    ("there", "words"),
    [
        ('lang="zh-CN"', "lang is not zh-CN"),
        ("<title>甲</title>", "no <title>"),
        ('<meta name="viewport">', "no viewport"),
        ("<h1>甲</h1>", "0 <h1> instead of one"),
    ],
)
def test_what_every_page_has_is_missed(there: str, words: str) -> None:
    assert words in markup_problems(GOOD.format("").replace(there, ""))
