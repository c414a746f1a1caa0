// The station's events as they come, for as long as the page is open.

import { signIn } from "./ask.js";
import { EventReader } from "./events.js";

/** Milliseconds of silence after which a connection is given up and made anew. */
const silence = 3000;

/**
 * @param {object} options
 * @param {() => string} options.path where the events are
 * @param {() => string | null} options.lastId the last event that was taken in
 * @param {(event: import("./events.js").StationEvent) => void} options.onEvent
 * @param {() => void} options.onContact the station spoke, be it only to say that it lives
 * @param {(status: number) => void} options.onRefused
 * @param {AbortSignal} options.signal ends it
 */
export async function follow({ path, lastId, onEvent, onContact, onRefused, signal }) {
  let wait = 250;
  while (!signal.aborted) {
    const connection = new AbortController();
    const end = () => connection.abort();
    signal.addEventListener("abort", end);
    let last = performance.now();
    const watch = setInterval(() => { if (performance.now() - last > silence) connection.abort(); }, 250);
    try {
      const id = lastId();
      const answer = await fetch(path(), { cache: "no-store", signal: connection.signal,
        headers: { Accept: "text/event-stream", ...(id ? { "Last-Event-ID": id } : {}) } });
      if (answer.status === 401) {
        last = Infinity;
        await signIn();
        continue;
      }
      if (!answer.ok || !answer.body) onRefused(answer.status);
      else {
        const reader = answer.body.getReader(), decoder = new TextDecoder(), events = new EventReader();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          last = performance.now();
          onContact();
          wait = 250;
          for (const event of events.push(decoder.decode(value, { stream: true }))) onEvent(event);
        }
      }
    } catch (error) {
      // Connections end: the station restarts, networks fail. What is no such end is a fault of this page.
      if (!(error instanceof TypeError) && !(error instanceof DOMException)) throw error;
    } finally {
      clearInterval(watch);
      signal.removeEventListener("abort", end);
    }
    if (signal.aborted) return;
    await new Promise(done => setTimeout(done, wait));
    wait = Math.min(wait * 1.5, 2000);
  }
}
