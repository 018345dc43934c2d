// The praise sheet: an area, a kind, perhaps a sentence and a photo. A quick kind on the bar is one tap.
import { closeSheet, complain, openSheet } from "../base/sheet.js";
import { chosen, clear, grid } from "./pupils.js";
import { startPhoto } from "./photo.js";
import { toast } from "../base/toast.js";

const form = () => document.getElementById("class-form");
const sheet = () => document.getElementById("praise");

function renewKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  form().elements.idempotency_key.value = crypto.randomUUID ? crypto.randomUUID() : [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
}

function showArea() {
  const area = form().querySelector('[name="area"]:checked')?.value;
  for (const box of sheet().querySelectorAll(".kinds")) {
    const on = box.dataset.area === area;
    box.classList.toggle("on", on);
    if (!on) for (const one of box.querySelectorAll(":checked")) one.checked = false;
  }
  for (const chip of sheet().querySelectorAll(".chip")) chip.classList.toggle("picked", Boolean(chip.querySelector(":checked")));
}

export function openPraise() {
  if (!chosen().length) toast("先点选要点评的孩子");
  else openSheet(sheet());
}

function quick(button) {
  const { area, kind } = button.dataset;
  form().querySelector(`[name="area"][value="${CSS.escape(area)}"]`).checked = true;
  showArea();
  form().querySelector(`.kinds[data-area="${CSS.escape(area)}"] [value="${CSS.escape(kind)}"]`).checked = true;
  document.getElementById("praise-send").click(); // requestSubmit is too new for some phones
}

function sent(dropPhoto) {
  if (sheet().hasAttribute("open")) closeSheet(sheet());
  for (const one of sheet().querySelectorAll(".kinds :checked")) one.checked = false;
  form().elements.comment.value = "";
  sheet().dispatchEvent(new Event("input", { bubbles: true }));
  dropPhoto();
  showArea();
  clear();
  renewKey();
}

export function startPraise() {
  if (!sheet() || !grid()) return;
  const dropPhoto = startPhoto(form());
  sheet().addEventListener("change", showArea);
  document.getElementById("act-praise").addEventListener("click", (event) => {
    event.preventDefault();
    event.stopPropagation();
    openPraise();
  });
  for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => quick(button));
  document.querySelector(".quick").classList.add("quick-ready");
  form().addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== form() || form().querySelector(".kinds :checked")) return;
    event.preventDefault();
    complain("再选一项表现", form());
  });
  form().addEventListener("htmx:afterRequest", (event) => {
    if (event.target === form() && event.detail.successful) sent(dropPhoto);
  });
  renewKey();
  showArea();
}
