"""Everything that can go wrong in words a person can use, and the one handler that says it.

CampusError                    500  something broke; carries a reference number
├── InvalidInput               422  fields with a sentence each
├── SignInNeeded               401  no session, or it ended
├── Forbidden                  403  the role does not reach this far
│   ├── NotOpenYet             403  the school is still being prepared
│   └── ConfirmNeeded          403  a grave act: prove once more who you are, then it goes on
├── NotFound                   404  missing or foreign: both answer alike
│   └── SchoolNotFound         404  offers the list of your own schools
├── Conflict                   409  the same key with another body, or a state that moved on
├── TooLarge                   413  refused before it is read
├── TooMany                    429  carries seconds to wait
└── Unavailable                503  a part is down; carries seconds to wait
    └── SchoolSuspended        503  the school stands still; everything is kept
"""

from __future__ import annotations

from collections.abc import Mapping


class CampusError(Exception):
    """Base: ``status`` for HTTP, ``code`` for the API, ``title`` and ``message`` for the screen."""

    status = 500
    code = "internal"
    title = "出了点问题"
    message = (
        "这一步没有完成，您填写的内容没有丢失。请稍后再试；如果一直这样，请把下面的编号告诉管理员。"
    )

    def __init__(self, message: str | None = None, *, retry_after: int | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message
        self.retry_after = retry_after


class InvalidInput(CampusError):
    """What was sent cannot be used. ``fields`` maps a field to one Chinese sentence."""

    status = 422
    code = "invalid"
    title = "有内容需要修改"
    message = "请检查标出的地方。"

    def __init__(self, fields: Mapping[str, str], message: str | None = None) -> None:
        super().__init__(message or next(iter(fields.values()), None))
        self.fields = dict(fields)


class SignInNeeded(CampusError):
    """There is no session, or it has ended."""

    status = 401
    code = "sign-in-needed"
    title = "请先登录"
    message = "登录已过期，请重新登录，之后会回到刚才的页面。"


class Forbidden(CampusError):
    """The person's role does not reach this far."""

    status = 403
    code = "forbidden"
    title = "这里不对您开放"
    message = "您的身份不能做这件事。如果应该可以，请联系学校管理员。"


class NotOpenYet(Forbidden):
    """The school is being prepared; families come in when it goes live."""

    code = "not-open-yet"
    title = "学校还在准备"
    message = (
        "学校正在做开学前的准备，准备好以后就能进来。您的账号没有问题，不用再注册；"
        "什么时候开放，以学校的通知为准。"
    )


class ConfirmNeeded(Forbidden):
    """The act is grave and the proof of who asks is older than a quarter of an hour."""

    code = "confirm-needed"
    title = "请再确认是您本人"
    message = "这一步比较重要，请先用密码或验证码确认是您本人。刚才填写的内容没有丢。"


class NotFound(CampusError):
    """Missing, or not the actor's to see: the two are never told apart."""

    status = 404
    code = "not-found"
    title = "没有找到"
    message = "这个页面不存在，或者您看不到它。"


class SchoolNotFound(NotFound):
    """No such school, or the person is no member of it."""

    title = "没有找到这所学校"
    message = "网址里的学校不存在，或者您不是它的成员。"


class Conflict(CampusError):
    """The state has moved on, or a repeated key came with another body."""

    status = 409
    code = "conflict"
    title = "内容已经变了"
    message = "这条内容刚刚被改动过，请刷新后再试。"


class TooLarge(CampusError):
    """Refused by its announced size, before a byte of it was read."""

    status = 413
    code = "too-large"
    title = "文件太大"
    message = "文件超过 15 MB，请换一张小一些的图片。"


class TooMany(CampusError):
    """Too many tries; ``retry_after`` says how many seconds to wait."""

    status = 429
    code = "too-many"
    title = "请稍等一会儿"
    message = "操作太频繁了，请稍后再试。"


class Unavailable(CampusError):
    """A part the answer depends on is down; it is looked after and comes back by itself."""

    status = 503
    code = "unavailable"
    title = "系统正在恢复"
    message = "暂时连不上数据，正在自动恢复。您填写的内容没有丢失，请一分钟后再试。"


class SchoolSuspended(Unavailable):
    """The operator stopped the school; nothing is lost."""

    code = "school-suspended"
    title = "学校暂停使用"
    message = "学校已暂停使用，资料都还在。请联系学校管理员。"

    def __init__(self) -> None:
        super().__init__(retry_after=3600)
