// The register as a grid of checkboxes: selection, the floating bar, filter by name.
export const grid = () => document.getElementById("pupils");
export const cells = () => [...document.querySelectorAll("#pupils .pupil:not([hidden])")];
export const chosen = () => [...document.querySelectorAll("#pupils input:checked")];
export const nameOf = (cell) => cell.querySelector("b").textContent;

export function draw() {
  const picked = chosen();
  for (const cell of document.querySelectorAll("#pupils .pupil")) cell.classList.toggle("selected", Boolean(cell.querySelector("input:checked")));
  const bar = document.getElementById("act");
  if (!bar) return; // who may not praise has nothing to do with a selection
  bar.classList.toggle("open", picked.length > 0);
  bar.querySelector("[data-count]").textContent = picked.length;
  const open = document.getElementById("act-open");
  open.hidden = picked.length !== 1;
  if (picked.length === 1) open.href = open.dataset.pattern.replace("999999999", picked[0].value);
  const names = picked.map((one) => nameOf(one.closest(".pupil")));
  document.getElementById("praise-names").textContent = names.length > 4 ? `${names.slice(0, 3).join("、")}等 ${names.length} 人` : names.join("、");
}

export function clear() {
  for (const one of chosen()) one.checked = false;
  draw();
}

function filter(words) {
  const wanted = words.trim();
  let shown = 0;
  for (const cell of document.querySelectorAll("#pupils .pupil")) {
    cell.hidden = Boolean(wanted) && !nameOf(cell).includes(wanted) && cell.querySelector(".no").textContent !== wanted;
    if (!cell.hidden) shown += 1;
  }
  document.getElementById("none-found").hidden = shown > 0;
}

export function startPupils() {
  if (!grid()) return;
  grid().addEventListener("change", draw);
  document.getElementById("act-clear")?.addEventListener("click", (event) => { event.preventDefault(); clear(); });
  const search = document.getElementById("pupil-search");
  search.addEventListener("input", () => filter(search.value));
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { search.value = ""; filter(""); search.blur(); }
    if (event.key === "Enter") { event.preventDefault(); cells()[0]?.querySelector("input")?.focus(); }
  });
  draw();
}
