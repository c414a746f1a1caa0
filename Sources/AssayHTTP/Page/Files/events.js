// Server-sent events (WHATWG HTML, 9.2.6), read by hand: a browser's EventSource hides the comments that say that the
// station lives.

/** @typedef {{ event: string, data: string, id: string | null }} StationEvent */

export class EventReader {
  constructor() {
    this.rest = "";
    /** @type {string | null} */
    this.lastId = null;
    this.event = "";
    /** @type {string[]} */
    this.data = [];
  }

  /** What is complete with this text; comments only show that somebody spoke.
   * @param {string} text @returns {StationEvent[]} */
  push(text) {
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    /** @type {StationEvent[]} */
    const found = [];
    for (const line of lines) {
      if (line === "") {
        if (this.data.length) found.push({ event: this.event || "message", data: this.data.join("\n"), id: this.lastId });
        [this.event, this.data] = ["", []];
        continue;
      }
      const colon = line.indexOf(":");
      if (colon === 0) continue;
      const name = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (name === "event") this.event = value;
      if (name === "data") this.data.push(value);
      if (name === "id" && !value.includes("\0")) this.lastId = value;
    }
    return found;
  }
}
