// What was typed is never lost: a form with data-keep is saved as it changes. A draft that fits the form it finds comes
// back by itself and says so; one that does not (other rows, other choices, other values from the server) is offered.
// Every control counts, in its order: several values of one name, rows, ticks. Secrets, files and hidden fields never.
const SECRET = /password|one-time-code/;

const nameOf = (form) => `keep:${location.pathname}:${form.dataset.keep || form.getAttribute("action")}`;
const ticks = (one) => one.type === "checkbox" || one.type === "radio";

function controls(form) {
  return [...form.elements].filter((one) => one.name && !["file", "password", "hidden", "submit", "button", "reset"].includes(one.type) && !SECRET.test(one.autocomplete || ""));
}

const valueOf = (one) => (ticks(one) ? (one.checked ? one.value : "") : one.value);

function servedValue(one) {
  if (ticks(one)) return one.defaultChecked ? one.value : "";
  if (one.tagName !== "SELECT") return one.defaultValue;
  return ([...one.options].find((option) => option.defaultSelected) || one.options[0] || { value: "" }).value;
}

// A control is known by its name, its place among those of that name, and, if it is ticked, by what the tick means.
function rows(form, value) {
  const seen = {};
  return controls(form).map((one) => {
    const at = ticks(one) ? one.value : (seen[one.name] = (seen[one.name] || 0) + 1);
    return [one.name, String(at), value(one)];
  });
}

// Words make a draft; a tick alone, taken up again tomorrow, would choose for somebody who has forgotten it.
const changed = (form) => controls(form).some((one) => !ticks(one) && valueOf(one) !== servedValue(one));

function save(form) {
  if (!changed(form)) return forget(form);
  sessionStorage.setItem(nameOf(form), JSON.stringify({ served: rows(form, servedValue), typed: rows(form, valueOf) }));
}

// Fills in what has its place here; returns the words that have none.
function pour(form, typed) {
  const keys = rows(form, valueOf).map((row) => row.slice(0, 2).join("\n"));
  const here = new Map(controls(form).map((one, at) => [keys[at], one]));
  const left = [];
  for (const [name, at, value] of typed) {
    const one = here.get(`${name}\n${at}`);
    const before = one && valueOf(one);
    if (one && ticks(one)) one.checked = value !== "";
    else if (one && (one.tagName !== "SELECT" || [...one.options].some((option) => option.value === value))) one.value = value;
    else if (value) left.push(value);
    if (one && valueOf(one) !== before) one.dispatchEvent(new Event("change", { bubbles: true }));
  }
  return left;
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

function drop(form) {
  forget(form);
  pour(form, rows(form, servedValue));
}

function restore(form) {
  const draft = JSON.parse(sessionStorage.getItem(nameOf(form)) || "null");
  if (!draft || !draft.typed) return;
  const served = JSON.stringify(rows(form, servedValue));
  if (JSON.stringify(draft.typed) === served) return forget(form); // the page that came back holds it already
  if (JSON.stringify(draft.served) === served) {
    pour(form, draft.typed);
    bar(form, "上次没有提交的内容还在。", [["不要了", () => drop(form)]]);
    return;
  }
  bar(form, "有一份没有提交的草稿，和现在的表格不一样。", [
    ["恢复", () => {
      const left = pour(form, draft.typed);
      save(form);
      if (left.length) bar(form, `这些在表格里没有位置了：${left.join("、")}`, [["知道了", () => {}]]);
    }],
    ["丢掉", () => forget(form)],
  ]);
}

export function forget(form) {
  sessionStorage.removeItem(nameOf(form));
}

// The session ended while someone was writing: the words travel through the sign-in page and come back.
export function carry(form) {
  const secret = new Set([...form.elements].filter((one) => one.type === "password" || SECRET.test(one.autocomplete || "")).map((one) => one.name));
  const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token" && !secret.has(name));
  sessionStorage.setItem("kept", JSON.stringify({ action: form.getAttribute("action"), fields: typed }));
}

function handOver() {
  const slot = document.querySelector("[data-kept]");
  if (!slot || slot.value) return;
  slot.value = sessionStorage.getItem("kept") || "";
  slot.form.addEventListener("submit", () => sessionStorage.removeItem("kept"));
}

export function keepTyping() {
  try {
    handOver();
    // A page that confirms a send names the form whose text may be forgotten.
    const done = document.querySelector("[data-sent]")?.dataset.sent;
    if (done) for (const key of Object.keys(sessionStorage)) if (key.endsWith(`:${done}`)) sessionStorage.removeItem(key);
    for (const form of document.querySelectorAll("form[data-keep]")) {
      restore(form);
      for (const event of ["input", "change"]) form.addEventListener(event, () => save(form));
    }
  } catch {
    // Private browsing without storage: the page still works, only the safety net is missing.
  }
}
