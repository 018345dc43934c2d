// Passkeys: ask the server for a question, the device for its answer, put that into the form and send it.
// Where a browser knows no passkeys (or the page has no script) nothing of it shows, and the password works.
const WORDS = {
  InvalidStateError: "这台设备已经添加过通行密钥了。",
};

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");

async function question(form) {
  const answer = await fetch(form.dataset.question, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRF-Token": form.elements.csrf_token.value },
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

function opened(asked) {
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const found = { ...asked, challenge: bytes(asked.challenge) };
  if (asked.user) found.user = { ...asked.user, id: bytes(asked.user.id) };
  if (asked.excludeCredentials) found.excludeCredentials = known(asked.excludeCredentials);
  if (asked.allowCredentials) found.allowCredentials = known(asked.allowCredentials);
  return found;
}

function closed(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
}

async function go(form) {
  const asked = opened(await question(form));
  const made = await navigator.credentials[form.dataset.passkey]({ publicKey: asked });
  form.elements.credential.value = closed(made);
  form.submit();
}

function start(form) {
  const words = form.querySelector("[data-words]");
  const button = form.querySelector("button");
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    words.hidden = button.disabled = true;
    go(form).catch((error) => {
      const again = error.name === "NotAllowedError" && `没有完成，可以再试一次${form.dataset.otherwise || ""}。`;
      words.textContent = again || WORDS[error.name] || error.message || "没有连上网络，请再试一次。";
      words.hidden = button.disabled = false;
    });
  });
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const note of document.querySelectorAll("[data-no-passkey]")) note.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) start(form);
}
