// Passkeys of staff: asks the server for its question, the browser for the answer, and sends that
// as a field of the form. Without this file the pages say what works instead.
"use strict";

const BYTES = new Set(["challenge", "id", "rawId"]);

function readBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

function writeBytes(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

// Numbers of keys and questions come as base64url, and the browser wants bytes.
function readQuestion(value, name) {
  if (Array.isArray(value)) return value.map((one) => readQuestion(one));
  if (value && typeof value === "object") {
    const entries = Object.entries(value);
    // The name of the site is an id too, and stays a text.
    return Object.fromEntries(
      entries.map(([key, one]) => [key, name === "rp" ? one : readQuestion(one, key)]),
    );
  }
  return BYTES.has(name) ? readBytes(value) : value;
}

function writeAnswer({ rawId, type, response }) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const held = names.filter((name) => response[name]);
  const bytes = Object.fromEntries(held.map((name) => [name, writeBytes(response[name])]));
  return JSON.stringify({ id: writeBytes(rawId), rawId: writeBytes(rawId), type, response: bytes });
}

async function fetchQuestion(form) {
  const answer = await fetch(form.dataset.question, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    redirect: "error",
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.said);
  return readQuestion(said.publicKey, "publicKey");
}

// What the page says for a reason, in its own language.
function readWords(form, why) {
  return form.querySelector(`[data-why="${why}"]`)?.textContent;
}

function explain(form, error) {
  const why = ["TypeError", "SyntaxError"].includes(error.name) ? "NoAnswer" : error.name;
  return readWords(form, why) || error.message;
}

function say(form, text) {
  const place = form.querySelector("[role=alert]");
  place.textContent = text;
  place.hidden = !text;
}

async function ask(event) {
  const form = event.currentTarget;
  if (form.elements.answer.value) return; // it is on its way
  event.preventDefault();
  say(form, "");
  if (location.origin !== form.dataset.origin) {
    say(form, readWords(form, "Elsewhere"));
    return;
  }
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const publicKey = await fetchQuestion(form);
    form.elements.answer.value = writeAnswer(await navigator.credentials[form.dataset.passkey]({ publicKey }));
    form.submit();
  } catch (error) {
    say(form, explain(form, error));
    button.disabled = false;
    button.focus();
  }
}

for (const form of document.querySelectorAll("[data-passkey]")) {
  const without = form.querySelector(".passkey-without");
  if (!window.PublicKeyCredential) {
    without.textContent = readWords(form, "Unknown");
    continue;
  }
  without.remove();
  for (const part of form.querySelectorAll(".act-field, .act-buttons")) part.hidden = false;
  form.addEventListener("submit", ask);
}
