// Sockets only hint; this asks over HTTP what changed since the cursor and puts it on the page.
const box = () => document.getElementById("records");
let running = false;
let again = false;

// Where records stand under the titles of their days.
function titleOf(container, day) {
  const known = [...container.querySelectorAll(".day-title")].find((title) => title.textContent === day);
  if (known) return known;
  const title = document.createElement("h2");
  title.className = "day-title";
  title.textContent = day;
  container.prepend(title);
  return title;
}

function withdraw(container, id) {
  const article = container.querySelector(`[data-record-id="${CSS.escape(id)}"]`);
  const title = article?.previousElementSibling;
  const last = !article?.nextElementSibling?.matches("article");
  article?.remove();
  if (last && title?.matches(".day-title")) title.remove();
}

function place(container, article) {
  const known = container.querySelector(`[data-record-id="${CSS.escape(article.dataset.recordId)}"]`);
  if (known) {
    known.replaceWith(article);
    return 0;
  }
  article.classList.add("fresh");
  if ("days" in container.dataset) titleOf(container, article.dataset.day).after(article);
  else container.prepend(article);
  document.getElementById("records-empty")?.setAttribute("hidden", "");
  return 1;
}

function merge(container, html) {
  const page = document.createElement("template");
  page.innerHTML = html;
  const changes = [...page.content.querySelectorAll("[data-seq]")].sort((a, b) => a.dataset.seq - b.dataset.seq);
  let fresh = 0;
  for (const change of changes) {
    if (change.dataset.recordId) fresh += place(container, change);
    else withdraw(container, change.dataset.withdrawn);
  }
  return fresh;
}

async function ask(container) {
  const { changes, cursor } = container.dataset;
  const joint = changes.includes("?") ? "&" : "?";
  const reply = await fetch(`${changes}${joint}since=${encodeURIComponent(cursor)}`, {
    headers: { Accept: "text/html", "X-Requested-With": "fetch" }, credentials: "same-origin", cache: "no-store",
  });
  if (!reply.ok || reply.redirected) return;
  const fresh = merge(container, await reply.text());
  container.dataset.cursor = reply.headers.get("X-Cursor") || cursor;
  if (fresh) document.getElementById("live-words").textContent = `有 ${fresh} 条新的成长记录`;
}

export async function catchUp() {
  const container = box();
  if (!container?.dataset.changes) return;
  if (running) {
    again = true;
    return;
  }
  running = true;
  try {
    do {
      again = false;
      await ask(container);
    } while (again);
  } catch {
    // No network: the next connect asks again.
  } finally {
    running = false;
  }
}

export function startCatchUp() {
  document.addEventListener("campus:catch-up", catchUp);
  document.addEventListener("campus:hint", (event) => {
    if (event.detail.event !== "growth.changed") return;
    const about = event.detail.pupil_id;
    const mine = box()?.dataset.pupil;
    if (!about || !mine || String(about) === mine || event.detail.seq === undefined) catchUp();
  });
}
