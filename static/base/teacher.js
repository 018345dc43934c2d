// Everything a teacher's page does by itself; htmx carries the forms, these modules the hands.
import htmx from "htmx.org";
import { startAttendance } from "../classes/attendance.js";
import { startKeys } from "../classes/keys.js";
import { startPraise } from "../classes/praise.js";
import { draw, grid, startPupils } from "../classes/pupils.js";
import { startCatchUp } from "./catchup.js";
import { startCopies } from "./copy.js";
import { carry, keepTyping } from "./keep.js";
import { loadLive } from "./loader.js";
import { startRefresh } from "./refresh.js";
import { startSheets } from "./sheet.js";
import { startToasts, toast } from "./toast.js";

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
document.addEventListener("htmx:sendError", () => toast("没有连上网络，内容还在，请再试一次", { bad: true }));
document.addEventListener("htmx:responseError", (event) => {
  const form = event.detail.elt.closest("form");
  if (event.detail.xhr.status === 401) {
    if (form) carry(form);
    location.reload();
  }
  else toast(wordsOf(event.detail.xhr.responseText) || "没有保存成功，请再试一次", { bad: true });
});
