// Parts named by data-refresh (an inbox, a class's day) and the unread badge follow the hints:
// the page is asked for once more, a moment later and not by all at the same instant, and only those parts change.
const SOONEST = 300;
const SPREAD = 1700;
let timer = 0;

function take(page) {
  for (const part of document.querySelectorAll("[data-refresh][id]")) {
    const next = page.getElementById(part.id);
    if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.innerHTML = next.innerHTML;
  }
  for (const badge of document.querySelectorAll('[data-badge="messages"]')) {
    const next = page.querySelector('[data-badge="messages"]');
    badge.hidden = next ? next.hidden : true;
    badge.textContent = next ? next.textContent : "";
  }
}

async function ask() {
  timer = 0;
  try {
    const reply = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin", cache: "no-store" });
    if (reply.ok && !reply.redirected) take(new DOMParser().parseFromString(await reply.text(), "text/html"));
  } catch {
    // No network: the next hint or connect asks again.
  }
}

function soon(event) {
  if (event.detail?.first || document.hidden) return; // a page just drawn is fresh; a hidden one catches up when seen
  timer = timer || setTimeout(ask, SOONEST + Math.random() * SPREAD);
}

export function startRefresh() {
  if (document.getElementById("records")) return; // that page has a cursor of its own
  document.addEventListener("campus:hint", soon);
  document.addEventListener("campus:catch-up", soon);
}
