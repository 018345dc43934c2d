"""What one page load brought over the wire, read from Chromium's own network log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from playwright.sync_api import CDPSession, Page

SLOW: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Network.enable", {}),
    ("Page.enable", {}),
    (
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 150,
            "downloadThroughput": 1.6e6 / 8,
            "uploadThroughput": 0.75e6 / 8,
        },
    ),
    ("Emulation.setCPUThrottlingRate", {"rate": 4}),
)
PAINT = """() => { window.lcp = 0; window.shift = 0;
new PerformanceObserver(list => { for (const e of list.getEntries()) window.lcp = e.startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver(list => {
  for (const e of list.getEntries()) if (!e.hadRecentInput) window.shift += e.value; })
  .observe({ type: "layout-shift", buffered: true }); }"""


@dataclass(frozen=True, slots=True)
class Wire:
    """One load: kilobytes, requests before it can be used, kilobytes of script, seconds, shift."""

    kilobytes: float
    requests: float
    script: float
    live: float
    paint: float
    shift: float
    next_page: float = 0.0

    def with_next(self, warm: Wire) -> Wire:
        """This cold load, with what a next page brought."""
        return replace(self, next_page=warm.kilobytes)


@dataclass(slots=True)
class Request:
    """One request as Chromium logged it."""

    url: str
    kind: str
    began: float
    bytes: float = 0.0


@dataclass  # no slots: Playwright notes on the object whose methods it calls
class Seen:
    """The requests of one page since it was last opened."""

    origin: str
    requests: dict[str, Request] = field(default_factory=dict)
    usable: float = float("inf")
    paint: float = 0.0
    shift: float = 0.0

    def again(self) -> None:
        """Forget, before the page is opened once more."""
        self.requests.clear()
        self.usable = float("inf")

    def take_paint(self, page: Page) -> None:
        """Read what the page's own observers saw."""
        self.paint = page.evaluate("window.lcp") / 1000
        self.shift = page.evaluate("window.shift")

    def began(self, event: dict[str, Any]) -> None:
        """A request left."""
        url = event["request"]["url"]
        if url.startswith(("http", "ws")):
            kind = event.get("type", "")
            self.requests[event["requestId"]] = Request(url, kind, event["timestamp"])

    def ended(self, event: dict[str, Any]) -> None:
        """An answer is complete; its bytes are those on the wire, headers too."""
        if event["requestId"] in self.requests:
            self.requests[event["requestId"]].bytes = event["encodedDataLength"]

    def drawn(self, event: dict[str, Any]) -> None:
        """The document and its deferred script are done: the page can be used."""
        self.usable = event["timestamp"]

    def wire(self) -> Wire:
        """The figures: photos (of another origin) are left out, the socket client counts apart."""
        ours = [one for one in self.requests.values() if one.url.startswith(self.origin)]
        live = [one for one in ours if "/live." in one.url]
        page = [one for one in ours if one not in live]
        script = [one for one in page if one.kind == "Script"]
        return Wire(
            kilobytes=sum(one.bytes for one in page) / 1000,
            requests=sum(one.began <= self.usable for one in page),
            script=sum(one.bytes for one in script) / 1000,
            live=sum(one.bytes for one in live) / 1000,
            paint=self.paint,
            shift=self.shift,
        )


def watched(page: Page, session: CDPSession, origin: str) -> Seen:
    """Listen to a page that has not been opened yet."""
    seen = Seen(origin)
    session.on("Network.requestWillBeSent", seen.began)
    session.on("Network.loadingFinished", seen.ended)
    session.on("Page.domContentEventFired", seen.drawn)
    page.add_init_script(f"({PAINT})()")
    return seen
