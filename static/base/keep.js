// What was typed is never lost: forms with data-keep are saved as they change and come back after a broken send.
const skip = new Set(["csrf_token", "idempotency_key", "next", "password"]);

function nameOf(form) {
  return `keep:${location.pathname}:${form.dataset.keep || form.getAttribute("action")}`;
}

function fields(form) {
  return [...form.elements].filter((one) => one.name && !skip.has(one.name) && !["file", "password", "hidden", "submit", "checkbox", "radio"].includes(one.type));
}

function save(form) {
  const values = {};
  for (const one of fields(form)) if (one.value) values[one.name] = one.value;
  sessionStorage.setItem(nameOf(form), JSON.stringify(values));
}

function restore(form) {
  const values = JSON.parse(sessionStorage.getItem(nameOf(form)) || "{}");
  for (const one of fields(form)) if (!one.value && values[one.name]) one.value = values[one.name];
}

export function forget(form) {
  sessionStorage.removeItem(nameOf(form));
}

// The session ended while someone was writing: the words travel through the sign-in page and come back.
export function carry(form) {
  const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
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
    for (const form of document.querySelectorAll("form[data-keep]")) {
      restore(form);
      form.addEventListener("input", () => save(form));
    }
    // A page that confirms a send names the form whose text may be forgotten.
    const done = document.querySelector("[data-sent]")?.dataset.sent;
    if (done) for (const key of Object.keys(sessionStorage)) if (key.endsWith(`:${done}`)) sessionStorage.removeItem(key);
  } catch {
    // Private browsing without storage: the page still works, only the safety net is missing.
  }
}
