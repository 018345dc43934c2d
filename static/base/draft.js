// What a person changed in a form, part by part: a tick, a single control, or a row of controls that stand together.
// Of each part it is known what the server put there and what the person made of it, so that only the changes go into a
// form that looks different by now: a row finds the row that held the same, wherever it stands. Secrets and files never.
const NEVER = ["file", "password", "submit", "button", "reset", "image"];
const SECRET = /password|one-time-code/;
const LOOSE = ["csrf_token", "idempotency_key", "draft"]; // hidden, and new on every page

const ticks = (one) => one.type === "checkbox" || one.type === "radio";
const valueOf = (one) => (ticks(one) ? (one.checked ? "1" : "") : one.value);
const alike = (some, others) => JSON.stringify(some) === JSON.stringify(others);

function servedValue(one) {
  if (ticks(one)) return one.defaultChecked ? "1" : "";
  if (one.tagName !== "SELECT") return one.defaultValue;
  return ([...one.options].find((option) => option.defaultSelected) || one.options[0] || { value: "" }).value;
}

function wordsOf(one) {
  if (ticks(one)) return one.checked ? (one.closest("label") || one).textContent.trim() : "";
  return one.tagName === "SELECT" ? (one.selectedOptions[0] || { textContent: "" }).textContent.trim() : one.value;
}

// The row of a repeated control is the largest part of the form without a second one of its name.
function rowOf(form, one, counts) {
  if (ticks(one) || counts[one.name] < 2) return one;
  const own = `[name="${CSS.escape(one.name)}"]`;
  let row = one;
  while (row.parentNode !== form && row.parentNode.querySelectorAll(own).length === 1) row = row.parentNode;
  return row;
}

export function partsOf(form) {
  const controls = [...form.elements].filter((one) => one.name && !NEVER.includes(one.type) && !LOOSE.includes(one.name) && !SECRET.test(one.autocomplete || ""));
  const counts = {};
  for (const one of controls) counts[one.name] = (counts[one.name] || 0) + 1;
  const rows = new Map();
  for (const one of controls) {
    const row = rowOf(form, one, counts);
    rows.set(row, [...(rows.get(row) || []), one]);
  }
  return [...rows.values()].map((all) => ({
    all,
    names: all.map((one) => (ticks(one) ? `${one.name}=${one.value}` : one.name)),
    served: all.map(servedValue),
  }));
}

// One draft: for each part its names, what was served, what is there now, and the words a person would know it by.
export function taken(parts, base) {
  return parts.map((part, at) => {
    const [names, served] = base[at] || [];
    return [part.names, alike(names, part.names) ? served : part.served, part.all.map(valueOf), part.all.map(wordsOf).filter(Boolean).join(" ")];
  });
}

export const asServed = (parts) => parts.map((part) => [part.names, part.served]);
export const changed = (rows) => rows.filter(([, served, typed]) => !alike(served, typed));
export const written = (rows) => changed(rows).some(([names]) => !names[0].includes("="));

export function fits(parts, rows) {
  return alike(asServed(parts), rows.map(([names, served]) => [names, served]));
}

// For each row the part it belongs to: by what it held, first where it stood, or the only one of its names.
function places(parts, rows, held) {
  const free = new Set(parts);
  return rows.map((row, at) => {
    const same = (part) => part && free.has(part) && alike(part.names, row[0]);
    const right = (part) => same(part) && alike(part.served, row[held]);
    const single = parts.filter((part) => alike(part.names, row[0])).length === 1 && rows.filter((one) => alike(one[0], row[0])).length === 1;
    const found = right(parts[at]) ? parts[at] : parts.find(right) || (held === 1 && single && parts.find(same));
    free.delete(found);
    return found || null;
  });
}

// The page that came back with what was sent: all changes stand in it. Its base is then the draft's.
export function adopted(parts, rows) {
  const found = places(parts, rows, 2);
  if (rows.some((row, at) => !found[at] && !alike(row[1], row[2]))) return null;
  return parts.map((part) => [part.names, found.includes(part) ? rows[found.indexOf(part)][1] : part.served]);
}

// Puts the changes into the form and returns the words of those that have no place in it.
export function pour(parts, rows) {
  const found = places(parts, rows, 1);
  const left = [];
  for (const [at, [, served, typed, words]] of rows.entries()) {
    if (alike(served, typed)) continue;
    if (!found[at]) {
      left.push(words);
      continue;
    }
    for (const [number, one] of found[at].all.entries()) {
      if (typed[number] === served[number] || one.type === "hidden") continue;
      if (ticks(one)) one.checked = typed[number] !== "";
      else if (one.tagName !== "SELECT" || [...one.options].some((option) => option.value === typed[number])) one.value = typed[number];
      else left.push(words);
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
  return left.filter(Boolean);
}

export function clean(parts) {
  for (const { all, served } of parts) {
    for (const [at, one] of all.entries()) {
      if (ticks(one)) one.checked = served[at] !== "";
      else if (one.type !== "hidden") one.value = served[at];
      one.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}
