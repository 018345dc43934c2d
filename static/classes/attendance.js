// Attendance mode: each tap turns a child's state; the last state is sent half a second after the last tap.
import { distrust } from "../base/refresh.js";
import { toast } from "../base/toast.js";
import { clear, grid, nameOf } from "./pupils.js";

const ORDER = ["", "late", "leave", "sick", "absent"];
const TITLES = { "": "到校", late: "迟到", leave: "请假", sick: "病假", absent: "缺勤" };
const WAIT = 600;
const waiting = new Map();
const csrf = () => document.querySelector('meta[name="csrf-token"]').content;

function turn(cell, state = ORDER[(ORDER.indexOf(cell.dataset.state ?? "") + 1) % ORDER.length]) {
  cell.dataset.state = state;
  cell.dataset.title = TITLES[state];
  cell.dataset.busy = ""; // nobody draws it anew meanwhile
  document.getElementById("live-words").textContent = `${nameOf(cell)} ${TITLES[state]}`;
  clearTimeout(waiting.get(cell.id));
  waiting.set(cell.id, setTimeout(() => send(cell), WAIT));
}

async function send(cell, keepalive = false) {
  clearTimeout(waiting.get(cell.id));
  waiting.delete(cell.id);
  const state = cell.dataset.state ?? "";
  const body = new URLSearchParams({ state: state || "present", half: grid().dataset.half, csrf_token: csrf() });
  try {
    const reply = await fetch(`${grid().dataset.mark}/${cell.id.slice(6)}`, { method: "POST", body, keepalive, headers: { "HX-Request": "true", "X-Requested-With": "fetch", Accept: "text/html" } });
    if (!reply.ok) throw new Error(String(reply.status));
    const html = await reply.text();
    if (!waiting.has(cell.id) && html.includes(`id="${cell.id}"`)) replace(cell, html);
  } catch {
    if (waiting.has(cell.id)) return; // tapped again meanwhile: that is sent
    delete cell.dataset.busy;
    distrust(cell.id, "register-words"); // what was not saved does not stay as if it were
    toast(`${nameOf(cell)}的考勤没有保存`, { bad: true, action: "再试", onAction: () => turn(document.getElementById(cell.id), state) });
  }
}

function replace(cell, html) {
  const focused = cell.contains(document.activeElement);
  const page = document.createElement("template");
  page.innerHTML = html;
  const next = page.content.getElementById(cell.id);
  cell.replaceWith(next);
  if (focused) next.querySelector("input")?.focus();
  const words = page.content.getElementById("register-words");
  if (words) document.getElementById("register-words").replaceWith(words);
}

function enter(mode) {
  grid().dataset.mode = mode;
  clear();
  for (const one of document.querySelectorAll("[data-mode-link]")) {
    if (one.dataset.modeLink === mode) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
  document.getElementById("mode-hint").classList.toggle("on", mode === "attendance");
}

export const marking = () => grid()?.dataset.mode === "attendance";

export function startAttendance() {
  if (!grid()) return;
  const served = grid().dataset.mode === "attendance"; // drawn as buttons by the server: stay in that mode
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-mode-link]");
    if (link && !served) {
      event.preventDefault();
      enter(link.dataset.modeLink);
    }
  });
  grid().addEventListener("click", (event) => {
    const cell = event.target.closest(".pupil");
    if (!cell || !marking()) return;
    event.preventDefault();
    turn(cell);
  });
  window.addEventListener("pagehide", () => { for (const id of [...waiting.keys()]) send(document.getElementById(id), true); });
}
