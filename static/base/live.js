// The only thing that speaks Socket.IO in the browser. It carries hints; pages fetch the truth.
import { io } from "socket.io-client";

const HIDDEN_LONG = 60_000;
const OFFLINE_NOTICE = 5_000;
let heard = 0; // hints heard on this connection; the server's beat says how many it sent
let hiddenSince = 0;
let noticeTimer = 0;
let leaving = false;
let first = true;
let missed = false; // hints heard while hidden are made up for when the page is seen

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`campus:${name}`, { detail }));

function online() {
  clearTimeout(noticeTimer);
  noticeTimer = 0;
  document.getElementById("offline").hidden = true;
}

function offline() {
  if (leaving) return;
  noticeTimer = noticeTimer || setTimeout(() => { document.getElementById("offline").hidden = false; }, OFFLINE_NOTICE);
}

const socket = io({
  path: `${document.body.dataset.school || ""}/socket.io`, transports: ["websocket"], withCredentials: true,
  reconnectionDelay: 1000, reconnectionDelayMax: 20_000, randomizationFactor: 0.5, // 1 to 30 s with the jitter
});

function rest() {
  leaving = true;
  online();
  socket.disconnect();
}

function wake() {
  if (!leaving) return;
  leaving = false;
  socket.connect();
}

socket.on("connect", () => {
  online();
  heard = 0;
  tell("catch-up", { first });
  first = false;
});
socket.on("disconnect", (reason) => {
  offline();
  if (reason === "io server disconnect" && !leaving) setTimeout(() => socket.connect(), 1000 + Math.random() * 4000);
});
socket.on("connect_error", offline);
socket.on("hint", (hint) => {
  heard += 1;
  missed = missed || document.hidden;
  tell("hint", hint);
});
socket.on("beat", (beat) => {
  if (beat.n !== heard) tell("catch-up");
  heard = beat.n;
});
socket.on("bye", ({ reason }) => {
  rest();
  // "too-many": this person has newer pages open; this one sleeps until it is looked at again.
  if (reason !== "too-many") location.reload(); // the reload meets the sign-in page
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    hiddenSince = Date.now();
    return;
  }
  wake();
  if (missed || (hiddenSince && Date.now() - hiddenSince >= HIDDEN_LONG)) tell("catch-up");
  missed = false;
});
window.addEventListener("pagehide", rest);
window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
