"""The family's news. Today one thing: notifications inside the product.

Each person has one inbox per school with a counter of its own, so the inbox is a gap-free sequence.
What happens in class arrives by events; a teacher or the office announces to classes. Nobody reads
another's inbox, whatever their role.

models.py       the inbox's counter, notifications
permissions.py  everybody reads their own, staff announce
events.py       praise → news for the family
actions.py      notify, withdraw, announce, read
blanks.py       〔…〕 that a ready notice leaves to be filled in: not sent before
queries.py      the inbox, the number of unread, whom a notice reaches
routes.py       the pages
"""

from campus.capability import Capability, MenuItem
from tenants.messages.actions import CHANGED
from tenants.messages.events import listen
from tenants.messages.permissions import GRANTS, Messages
from tenants.messages.personal_data import PERSONAL_DATA
from tenants.messages.queries import UNREAD
from tenants.messages.routes import blueprint

capability = Capability(
    name="messages",
    title="消息",
    blueprint=blueprint,
    permissions=GRANTS,
    menu=(
        MenuItem(
            "消息",
            "messages.inbox",
            "messages",
            Messages.READ,
            frame="family",
            badge="unread",
            order=30,
        ),
        MenuItem("消息", "messages.inbox", "messages", Messages.READ, badge="unread", order=15),
        MenuItem(
            "发通知",
            "messages.announce_form",
            "notice",
            Messages.ANNOUNCE,
            group="我的班级",
            order=30,
        ),
    ),
    frame={"unread": UNREAD},
    listen=listen,
    events=(CHANGED,),
    personal_data=PERSONAL_DATA,
)
