// Typed and not yet sent: a form with data-keep is kept as it changes, in this tab and for this account alone, until the
// server says that it took it. What is kept comes back by itself where the form is as it was, and says so; where the form
// differs, or where its ticks choose whom something reaches (data-choose), it is offered.
import { adopted, asServed, changed, clean, fits, partsOf, pour, taken, written } from "./draft.js";

const MOST = 3;
const LONGEST = 200_000;
const PREFIX = "draft:";
const held = new WeakMap(); // of each form: the number of its draft, and what the parts held before anything was typed

const keyOf = (form) => [PREFIX, document.body.dataset.who || "", document.body.dataset.school, form.dataset.keep].join(":");
const read = (key) => JSON.parse(sessionStorage.getItem(key) || "[]");
const number = () => [...crypto.getRandomValues(new Uint8Array(8))].map((one) => one.toString(16).padStart(2, "0")).join("");

function write(key, drafts) {
  if (drafts.length) sessionStorage.setItem(key, JSON.stringify(drafts.slice(-MOST)));
  else sessionStorage.removeItem(key);
}

function drop(key, id) {
  write(key, read(key).filter((one) => one.id !== id));
}

// ``all``: ticks alone are kept as well, where they would choose for somebody who has forgotten them.
export function keep(form, all = false) {
  try {
    const mine = held.get(form);
    if (!mine) return;
    const key = keyOf(form);
    const rows = taken(partsOf(form), mine.base);
    drop(key, mine.id);
    if (!changed(rows).length || !(all || written(rows) || !("choose" in form.dataset))) return;
    const draft = { id: mine.id, at: Date.now(), rows };
    if (JSON.stringify(draft).length < LONGEST) write(key, [...read(key), draft]);
  } catch {
    // Private browsing without storage: the page still works, only the safety net is missing.
  }
}

function begin(form, id = number(), base = asServed(partsOf(form))) {
  held.set(form, { id, base });
}

export function forget(form) {
  drop(keyOf(form), held.get(form)?.id);
  begin(form);
}

function bar(form, words, actions) {
  form.querySelector(".draft")?.remove();
  const box = document.createElement("div");
  box.className = "draft";
  box.setAttribute("role", "status");
  const text = document.createElement("span");
  text.textContent = words;
  box.append(text);
  for (const [title, act] of actions) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "text-btn";
    button.textContent = title;
    button.addEventListener("click", () => { box.remove(); act(); });
    box.append(button);
  }
  form.prepend(box);
}

function told({ at, rows }) {
  const time = new Date(at).toLocaleString("zh-CN", { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const words = (changed(rows).find(([names]) => !names[0].includes("=")) || changed(rows)[0])[3];
  return `${time} “${words.length > 16 ? `${words.slice(0, 16)}…` : words}”`;
}

// What has no place here stays kept until it was read.
function take(form, draft) {
  begin(form);
  const left = pour(partsOf(form), draft.rows);
  keep(form, true);
  const done = () => drop(keyOf(form), draft.id);
  if (left.length) bar(form, `这些在表格里没有位置了：${left.join("、")}`, [["知道了", done]]);
  else done();
}

function offer(form, draft) {
  bar(form, `有一份没发出的草稿：${told(draft)}`, [
    ["恢复", () => take(form, draft)],
    ["丢掉", () => { drop(keyOf(form), draft.id); restore(form); }],
  ]);
}

function restore(form) {
  begin(form);
  const draft = read(keyOf(form)).pop();
  if (!draft) return;
  const parts = partsOf(form);
  const base = adopted(parts, draft.rows);
  if (base) begin(form, draft.id, base);
  else if (fits(parts, draft.rows) && !("choose" in form.dataset)) {
    take(form, draft);
    bar(form, "上次没发出的内容还在", [["丢掉", () => { forget(form); clean(partsOf(form)); }]]);
  } else offer(form, draft);
}

// The server names the drafts it took by now.
function settle() {
  for (const one of document.querySelectorAll("[data-sent]")) {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) drop(key, one.dataset.sent);
  }
}

function sending(event) {
  const form = event.target;
  if (/\/logout$/.test(form.getAttribute("action"))) for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  if (!held.has(form)) return;
  form.querySelector(".draft")?.remove();
  keep(form, true);
  const slot = form.querySelector('[name="draft"]') || document.createElement("input");
  Object.assign(slot, { type: "hidden", name: "draft", value: held.get(form).id });
  form.append(slot);
}

export function keepTyping() {
  try {
    settle();
    document.addEventListener("submit", sending, true);
    for (const form of document.querySelectorAll("form[data-keep]")) {
      restore(form);
      for (const event of ["input", "change"]) form.addEventListener(event, () => keep(form));
    }
  } catch {
    // The same: no storage, no net.
  }
}
