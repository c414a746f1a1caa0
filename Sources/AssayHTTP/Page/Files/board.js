// What Live shows: the latest part, the last ones, and every defect that nobody has acknowledged yet.

/**
 * @typedef {object} Part
 * @property {number | null} [id] number in the record
 * @property {number | string} time
 * @property {string | null} [serial]
 * @property {string} [model]
 * @property {string} [bundle]
 * @property {string} verdict
 * @property {string} class empty of a part without verdict
 * @property {number | null} [score]
 * @property {number | null} [threshold]
 * @property {number | null} [probability]
 * @property {boolean} [isUncertain]
 * @property {boolean | null} [isTrial]
 * @property {boolean} [hasImage]
 * @property {boolean} [hasHeat]
 * @property {{ class: string, probability: number, threshold: number }[]} [found]
 * @property {Record<string, { class?: string, value?: number }>} [tasks]
 * @property {string} [key]
 */

/** Held defects whose facts are kept; of more the number is kept. */
export const mostHeld = 500;

export class Board {
  /** @param {number} stripLength */
  constructor(stripLength = 24) {
    this.stripLength = stripLength;
    /** @type {Part | null} */
    this.latest = null;
    /**
     * The newest first.
     * @type {Part[]}
     */
    this.strip = [];
    /**
     * The oldest first.
     * @type {Part[]}
     */
    this.held = [];
    /** Held, but too many to be listed. */
    this.beyond = 0;
    /**
     * Key of the one that a person looks at.
     * @type {string | null}
     */
    this.chosen = null;
    /** The highest number seen. */
    this.seen = 0;
    /**
     * Numbers of the last ones, so that nothing counts twice after a new connection, and whether each was held.
     * @type {Map<number, boolean>}
     */
    this.numbers = new Map();
    this.taken = 0;
  }

  /** Another bundle: all is forgotten. */
  clear() { Object.assign(this, new Board(this.stripLength)); }

  /** Parts that must be looked at: bad ones, and those without a verdict because something failed. */
  static mustBeSeen(/** @type {Part} */ part) { return part.verdict === "defect" || part.verdict === "error"; }

  /** Takes a part in.
   * @param {Part} part @param {boolean} holds whether it waits for a person when it must be seen: not what was there before
   * the page was opened for the first time @returns {boolean} whether it is new */
  take(part, holds = true) {
    if (part.isTrial) return false;
    const mustHold = holds && Board.mustBeSeen(part);
    if (part.id != null && this.numbers.has(part.id)) {
      // It was read from the record a moment before it was told: it waits all the same, once.
      if (!mustHold || this.numbers.get(part.id)) return false;
      this.numbers.set(part.id, true);
      this.hold({ ...part, class: part.class ?? "", key: String(part.id) });
      return true;
    }
    if (part.id != null) {
      this.numbers.set(part.id, mustHold);
      if (this.numbers.size > 4 * mostHeld) this.numbers.delete(this.numbers.keys().next().value ?? 0);
    }
    this.taken += 1;
    const known = { ...part, class: part.class ?? "", key: part.id != null ? String(part.id) : `t${Date.now()}-${this.taken}` };
    // What is told again after a new connection may be older than what is shown.
    const isNewest = part.id == null || this.latest?.id == null || part.id > this.latest.id;
    if (part.id != null) this.seen = Math.max(this.seen, part.id);
    if (isNewest) this.latest = known;
    this.strip = part.id == null ? [known, ...this.strip].slice(0, this.stripLength)
      : [known, ...this.strip].sort((a, b) => (b.id ?? Infinity) - (a.id ?? Infinity)).slice(0, this.stripLength);
    if (mustHold) this.hold(known);
    return true;
  }

  hold(/** @type {Part} */ part) {
    this.held.push(part);
    if (this.held.length > mostHeld) {
      const gone = this.held.shift();
      this.beyond += 1;
      if (gone?.key === this.chosen) this.chosen = null;
    }
  }

  /**
   * The one to look at: what a person chose, or the last.
   * @returns {Part | null}
   */
  get shown() { return this.held.find(part => part.key === this.chosen) ?? this.held.at(-1) ?? null; }

  get heldCount() { return this.held.length + this.beyond; }

  choose(/** @type {string} */ key) { this.chosen = key; }

  /** A person has seen it. */
  acknowledge(key = this.shown?.key) {
    this.held = this.held.filter(part => part.key !== key);
    if (this.chosen === key) this.chosen = null;
  }

  acknowledgeAll() { [this.held, this.beyond, this.chosen] = [[], 0, null]; }

  /** What must outlive a reload of the page. */
  saved() {
    return { seen: this.seen, beyond: this.beyond, held: this.held.map(part => ({ ...part, probabilities: undefined })) };
  }

  /** @param {{ seen?: number, beyond?: number, held?: Part[] } | null} saved */
  restore(saved) {
    if (!saved || !Array.isArray(saved.held)) return;
    this.seen = Number(saved.seen) || 0;
    this.beyond = Number(saved.beyond) || 0;
    this.held = saved.held.filter(part => part && typeof part.key === "string");
    for (const part of this.held) if (part.id != null) this.numbers.set(part.id, true);
  }
}
