// Everything a teacher's page does by itself; htmx carries the forms, these modules the hands.
import htmx from "htmx.org";
import { startAttendance } from "../classes/attendance.js";
import { startKeys } from "../classes/keys.js";
import { startPraise } from "../classes/praise.js";
import { draw, grid, startPupils } from "../classes/pupils.js";
import { startCatchUp } from "./catchup.js";
import { startCopies } from "./copy.js";
import { forget, keep, keepTyping } from "./keep.js";
import { loadLive } from "./loader.js";
import { startRefresh } from "./refresh.js";
import { complain, hush, startSheets } from "./sheet.js";
import { startToasts } from "./toast.js";

startRefresh(); // first: it remembers the page as it was served
startToasts();
startSheets();
keepTyping();
startPupils();
startPraise();
startAttendance();
startKeys();
startCopies();
startCatchUp();
loadLive();

// The server's refusal is a toast too; only its words are taken, so that nothing on the page is replaced.
function wordsOf(html) {
  const page = document.createElement("template");
  page.innerHTML = html;
  return page.content.querySelector(".toast span")?.textContent.trim();
}

document.addEventListener("campus:drawn", ({ detail }) => {
  htmx.process(detail);
  if (grid()?.contains(detail)) draw();
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && detail.elt.matches("form[data-keep]")) forget(detail.elt);
});
document.addEventListener("htmx:beforeRequest", hush, true);
document.addEventListener("htmx:sendError", ({ detail }) => complain("没有连上网络，内容还在，请再试一次", detail.elt.closest("form")));
document.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.elt.closest("form");
  if (event.detail.xhr.status === 401) {
    if (form) keep(form, true);
    location.reload(); // to the sign-in page and back; then what was being sent is offered
  }
  else complain(wordsOf(event.detail.xhr.responseText) || "没有保存成功，请再试一次", form);
});
