// Opens <dialog class="sheet"> from links to its #id; without script the :target rule shows it instead.
// An open dialog lies above everything else, so the messages go into it, and home again when it closes.
function holdMessages(place) {
  const messages = document.getElementById("toasts");
  if (messages && messages.parentNode !== place) place.append(messages);
}

export function openSheet(sheet) {
  if (sheet.open) return;
  if (sheet.showModal) sheet.showModal();
  else sheet.setAttribute("open", "");
  holdMessages(sheet);
}

export function closeSheet(sheet) {
  if (sheet.close) sheet.close();
  else sheet.removeAttribute("open");
  holdMessages(document.body);
}

export function startSheets() {
  document.documentElement.classList.add("js");
  document.addEventListener("close", () => holdMessages(document.body), true); // Escape closes too
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
