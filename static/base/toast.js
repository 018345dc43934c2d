// Small messages at the foot of the page; they leave after seven seconds, unless pointed at.
const LIFE = 7000;

export function region() {
  return document.getElementById("toasts");
}

export function toast(text, { bad = false, action = "", onAction = null, life = LIFE } = {}) {
  const box = document.createElement("div");
  box.className = bad ? "toast bad" : "toast";
  box.setAttribute("role", bad ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "text-btn";
    button.textContent = action;
    button.addEventListener("click", () => { box.remove(); onAction(); });
    box.append(button);
  }
  region().append(box);
  leave(box, life);
  return box;
}

function leave(box, life) {
  let timer = setTimeout(() => box.remove(), life);
  const hold = () => clearTimeout(timer);
  const free = () => { timer = setTimeout(() => box.remove(), 3000); };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("focusin", hold);
  box.addEventListener("pointerleave", free);
  box.addEventListener("focusout", free);
}

export function startToasts() {
  const home = region();
  if (!home) return;
  for (const box of home.children) leave(box, LIFE);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.matches?.(".toast[data-server]")) leave(node, LIFE);
  }).observe(home, { childList: true });
}
