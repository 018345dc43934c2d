// The class page by keyboard: arrows move, space selects, A all present, P praise, / search, Esc puts down.
import { openPraise } from "./praise.js";
import { cells, clear, grid } from "./pupils.js";

const typing = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
const handle = (cell) => cell.querySelector("input") || cell;

function step(key, from) {
  const list = cells();
  const at = list.indexOf(from);
  const row = list.filter((cell) => cell.offsetTop === list[0].offsetTop).length;
  const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[key];
  const next = list[at === -1 ? 0 : at + move];
  if (next) {
    handle(next).focus();
    next.scrollIntoView({ block: "nearest" });
  }
}

function press(event) {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || typing(target) || document.querySelector("dialog[open]")) return;
  const cell = target.closest?.(".pupil") || null;
  if (key.startsWith("Arrow") && (cell || target === document.body)) step(key, cell);
  else if (key === "/") document.getElementById("pupil-search").focus();
  else if (key === "a" || key === "A") document.querySelector("#all-present button")?.click();
  else if ((key === "p" || key === "P") && document.getElementById("praise")) openPraise();
  else if (key === "Escape") return clear();
  else return;
  event.preventDefault();
}

export function startKeys() {
  if (grid()) document.addEventListener("keydown", press);
}
