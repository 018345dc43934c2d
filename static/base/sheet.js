import { toast } from "./toast.js";

// Opens <dialog class="sheet"> from links to its #id; without script the :target rule shows it instead.
// An open dialog lies above everything else, so the messages go into it, and home again when it closes.
function holdMessages(place) {
  const messages = document.getElementById("toasts");
  if (messages && messages.parentNode !== place) place.append(messages);
}

// What was refused is said in the sheet it came from and stays until the next try; elsewhere it is a message.
export function complain(words, form) {
  const sheet = form?.querySelector("dialog[open]") || form?.closest("dialog[open]");
  hush();
  if (!sheet) return toast(words, { bad: true });
  const box = document.createElement("p");
  box.className = "form-error";
  box.setAttribute("role", "alert");
  box.textContent = words;
  return sheet.querySelector(".sheet-end").prepend(box);
}

export function hush() {
  document.querySelector(".sheet-end .form-error")?.remove();
}

export function openSheet(sheet) {
  if (sheet.hasAttribute("open")) return;
  if (sheet.showModal) sheet.showModal();
  else sheet.setAttribute("open", "");
  holdMessages(sheet);
}

export function closeSheet(sheet) {
  if (sheet.close) sheet.close();
  else sheet.removeAttribute("open"); // a browser of 2019 without dialogs
  hush();
  holdMessages(document.body);
}

export function startSheets() {
  document.documentElement.classList.add("js");
  document.addEventListener("close", () => { hush(); holdMessages(document.body); }, true); // Escape closes too
  document.addEventListener("click", (event) => {
    const opener = event.target.closest('a[href^="#"]');
    const wanted = opener && document.getElementById(opener.getAttribute("href").slice(1));
    if (wanted?.matches("dialog.sheet")) {
      event.preventDefault();
      openSheet(wanted);
    } else if (event.target.closest("[data-close]") || event.target.matches("dialog.sheet")) {
      event.preventDefault();
      closeSheet(event.target.closest("dialog.sheet"));
    }
  });
}
