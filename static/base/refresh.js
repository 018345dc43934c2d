// The one way in which a part of an open page follows what others do. An element with an id and
// data-on="attendance.changed praise.changed" is drawn anew after such a hint: from the page's own address, or from
// data-src alone. data-about names the one child or class whose hints count. Several hints become one request, not at
// the same instant on all phones. What a person is in the middle of stays: a choice, the focus, words in a field.
const SOONEST = 150;
const SPREAD = 850;
const WAITING = 5000;
const FIELDS = "a[href], button, input, select, textarea, [tabindex]";
const served = new Map(); // what the server drew last, by id: scripts and people change what stands there
const stale = new Set();
let timer = 0;

const regions = () => [...document.querySelectorAll("[data-on][id]")];
const drawn = (node) => node.outerHTML.replace(/(name="csrf_token" value=")[^"]*/g, "$1"); // salted anew each time
const keyed = (node) => node.children.length > 0 && [...node.children].every((one) => one.id);
const ids = (node) => [...node.children].map((one) => one.id).join();

function remember(region, node = region) {
  served.set(region.id, drawn(node));
  if (keyed(node)) for (const one of node.children) served.set(one.id, drawn(one));
}

// Somebody writes here, or a tap is still on its way.
function busy(node) {
  const writes = [...node.querySelectorAll("textarea, select, input:not([type=hidden], [type=checkbox], [type=radio])")];
  return node.matches("[data-busy]") || node.querySelector("[data-busy]") || writes.some((one) => one === document.activeElement || (one.tagName !== "SELECT" && one.value !== one.defaultValue));
}

const named = (one) => [one.tagName, one.id, one.name, one.getAttribute("href"), one.getAttribute("aria-label") || one.textContent].join("\n");

function swap(node, next, put) {
  const held = node.contains(document.activeElement) && document.activeElement;
  const alone = node === held;
  const name = held && named(held);
  const ticked = [...node.querySelectorAll("input:checked")].map((one) => [one.name, one.value].join("\n"));
  const place = put(node, next);
  for (const one of place.querySelectorAll("[type=checkbox], [type=radio]")) if (ticked.includes([one.name, one.value].join("\n"))) one.checked = true;
  const same = alone ? place : held && [...place.querySelectorAll(FIELDS)].find((one) => named(one) === name);
  if (same) same.focus({ preventScroll: true });
}

function replace(node, next) {
  next.hidden = next.hidden || node.hidden; // a search may have put it away
  node.replaceWith(next);
  return next;
}

function refill(node, next) {
  node.textContent = ""; // replaceChildren is too new for some phones
  node.append(...next.childNodes);
  return node;
}

function take(region, next) {
  const fresh = drawn(next);
  if (fresh === served.get(region.id)) return true;
  let whole = true;
  const before = new Map([...next.children].map((one) => [one.id, drawn(one)]));
  if (keyed(next) && ids(next) === ids(region)) {
    for (const one of [...next.children]) {
      const known = document.getElementById(one.id);
      if (before.get(one.id) === served.get(one.id)) continue;
      if (busy(known)) whole = false;
      else {
        swap(known, one, replace);
        served.set(one.id, before.get(one.id));
      }
    }
  } else if (busy(region)) return false;
  else {
    swap(region, next, refill);
    for (const [id, html] of before) if (id) served.set(id, html);
  }
  region.hidden = next.hidden;
  if (next.hasAttribute("data-wait")) region.dataset.wait = next.dataset.wait;
  else region.removeAttribute("data-wait");
  if (next.hasAttribute("aria-label")) region.setAttribute("aria-label", next.getAttribute("aria-label"));
  if (whole) served.set(region.id, fresh);
  document.dispatchEvent(new CustomEvent("campus:drawn", { detail: region }));
  return whole;
}

async function page(address) {
  const reply = await fetch(address, { headers: { Accept: "text/html" }, credentials: "same-origin", cache: "no-store" });
  return reply.ok && !reply.redirected ? new DOMParser().parseFromString(await reply.text(), "text/html") : null;
}

async function ask() {
  timer = 0;
  const wanted = regions().filter((one) => stale.has(one.id));
  stale.clear();
  const whole = wanted.some((one) => !one.dataset.src);
  try {
    for (const address of new Set(wanted.map((one) => (whole ? location.href : one.dataset.src)))) {
      const found = await page(address);
      if (!found) continue;
      for (const one of wanted) {
        if (!whole && one.dataset.src !== address) continue;
        const next = whole ? found.getElementById(one.id) : found.body.firstElementChild;
        const waited = one.hasAttribute("data-wait");
        if (next && !take(one, next)) stale.add(one.id);
        if (waited && !one.hasAttribute("data-wait")) document.title = found.title; // what was waited for is here
      }
    }
  } catch {
    for (const one of wanted) stale.add(one.id); // no network: the next hint or connect asks again
  }
}

function soon() {
  if (stale.size && !document.hidden) timer = timer || setTimeout(ask, SOONEST + Math.random() * SPREAD); // a hidden page catches up when seen
}

function concerns(region, { event, class_id: room, pupil_id: child }) {
  const about = region.dataset.about;
  return region.dataset.on.split(" ").includes(event) && (!about || (room ?? child ?? about).toString() === about);
}

// What the page shows of these is not to be trusted: a change was refused, or it was not heard.
export function distrust(...names) {
  for (const name of names) {
    served.delete(name);
    const region = document.getElementById(name)?.closest("[data-on]");
    if (region) {
      served.delete(region.id);
      stale.add(region.id);
    }
  }
  soon();
}

export function startRefresh() {
  for (const one of regions()) remember(one);
  document.addEventListener("campus:hint", ({ detail }) => {
    for (const one of regions()) if (concerns(one, detail)) stale.add(one.id);
    soon();
  });
  document.addEventListener("campus:catch-up", ({ detail }) => {
    if (detail?.first) return; // a page just drawn is fresh
    for (const one of regions()) stale.add(one.id);
    soon();
  });
  document.addEventListener("focusout", soon);
  // A page that waits for a job asks by itself as well: a hint may not reach this phone. One that waits for somebody
  // asks every so many times.
  let turn = 0;
  setInterval(() => {
    turn += 1;
    for (const one of document.querySelectorAll("[data-on][data-wait]")) if (turn % (Number(one.dataset.wait) || 1) === 0) stale.add(one.id);
    soon();
  }, WAITING);
}
