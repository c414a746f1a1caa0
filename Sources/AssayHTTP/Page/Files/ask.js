// Questions to the station. A restart is waited out, a missing token asked for, a refusal said in the page's language.

import { app, word } from "./app.js";
import { $ } from "./dom.js";
import { refusal } from "./messages.js";

/** The station's no. */
export class Refused extends Error {
  /** @param {number} status @param {string} text its own words */
  constructor(status, text) {
    super(refusal(app.language, status, text));
    this.status = status;
  }
}

/** @type {Promise<void> | null} */
let signingIn = null;

/** Asks for the token, until the station knows it. */
export function signIn() {
  signingIn ??= new Promise(resolve => {
    $("loginWrong").hidden = true;
    // Escape would leave a page that can do nothing.
    $("login").oncancel = (/** @type {Event} */ event) => event.preventDefault();
    $("loginForm").onsubmit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      const answer = await fetch("/v1/session", { method: "POST",
        headers: { Authorization: "Bearer " + $("token").value.trim() } }).catch(() => null);
      $("token").value = "";
      if (!answer?.ok) {
        $("loginWrong").textContent = word(answer ? "wrongToken" : "lost");
        $("loginWrong").hidden = false;
        return;
      }
      $("login").close();
      signingIn = null;
      resolve();
    };
    $("login").showModal();
  });
  return signingIn;
}

const pause = (/** @type {number} */ milliseconds) => new Promise(done => setTimeout(done, milliseconds));

/** @param {string} path @param {RequestInit} options @returns {Promise<any>} */
export async function ask(path, options = {}) {
  for (let wait = 500; ; wait = Math.min(wait * 1.5, 5000)) {
    let answer;
    try { answer = await fetch(path, options); } catch {
      // What changes something is not repeated by itself: it may have arrived.
      if (options.method === "POST") throw new Error(word("lost"));
      await pause(wait);
      continue;
    }
    if (answer.status === 401) { await signIn(); continue; }
    if (!answer.ok) {
      const document = await answer.json().catch(() => ({}));
      throw new Refused(answer.status, typeof document.error === "string" ? document.error : "");
    }
    return answer.status === 204 ? null : answer.json();
  }
}

/** @param {string} path @param {unknown} [body] */
export const post = (path, body) => ask(path, { method: "POST", headers: { "Content-Type": "application/json" },
  body: body === undefined ? undefined : JSON.stringify(body) });
