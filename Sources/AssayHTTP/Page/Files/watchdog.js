// Whether the station still speaks. A verdict is shown only as long as it does.

export class Watchdog {
  /** @param {number} limit milliseconds without a word from the station after which it counts as gone */
  constructor(limit = 3000) {
    this.limit = limit;
    /** @type {number | null} */
    this.last = null;
    /** @type {number | null} */
    this.begun = null;
  }

  /**
   * Waiting for the first word counts too.
   * @param {number} now milliseconds of a clock that does not jump
   */
  begin(now) { this.begun ??= now; }

  contact(/** @type {number} */ now) { this.last = now; }

  /** Milliseconds of silence. */
  silence(/** @type {number} */ now) { return now - (this.last ?? this.begun ?? now); }

  isLost(/** @type {number} */ now) { return this.silence(now) > this.limit; }
}
