// The station's time: its hours are those of its own zone, and its now is its own, whatever the browser's clock says.

const fields = /** @type {const} */ ({
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  hourCycle: "h23",
});

export class StationClock {
  /** @param {{ zone?: string | null, offset?: number | null, ahead?: number }} hello zone: IANA's name; offset: seconds
   * east of Greenwich, which counts where the browser does not know the zone; ahead: seconds that the station's clock is
   * ahead of the browser's. Without any, the browser's own zone. */
  constructor({ zone = null, offset = null, ahead = 0 } = {}) {
    this.ahead = ahead;
    this.offset = offset;
    this.zone = zone;
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const format = (/** @type {string} */ name) => new Intl.DateTimeFormat("en-GB", { ...fields, timeZone: name });
    if (zone) {
      try { this.format = format(zone); } catch { /* a zone that the browser does not know: its offset counts */ }
    }
    this.isFixed = !this.format && offset != null;
    this.format ??= format(this.isFixed ? "UTC" : own);
  }

  /** Seconds since 1970 by the station's clock. */
  now(local = Date.now()) { return local / 1000 + this.ahead; }

  /** @param {number} time seconds since 1970 */
  parts(time) {
    const shown = this.isFixed ? time + (this.offset ?? 0) : time;
    /** @type {Record<string, string>} */
    const found = {};
    for (const { type, value } of this.format.formatToParts(new Date(shown * 1000))) found[type] = value;
    return found;
  }

  /** Seconds east of Greenwich at a time. */
  offsetAt(/** @type {number} */ time) {
    const at = this.parts(time);
    const wall = Date.UTC(+at.year, +at.month - 1, +at.day, +at.hour, +at.minute, +at.second) / 1000;
    return wall - Math.floor(time);
  }

  /** `14:03` */
  minute(/** @type {number} */ time) {
    const at = this.parts(time);
    return `${at.hour}:${at.minute}`;
  }

  /** `14:03:22` */
  second(/** @type {number} */ time) { return `${this.minute(time)}:${this.parts(time).second}`; }

  /** `2026-11-30`, as inputs of dates take it. */
  day(/** @type {number} */ time) {
    const at = this.parts(time);
    return `${at.year}-${at.month}-${at.day}`;
  }

  /** Day and time as the language writes them; days are numbers, so that they need no words. */
  text(/** @type {number} */ time, language = "en") {
    const at = this.parts(time);
    const day = language === "de" ? `${at.day}.${at.month}.${at.year}`
      : language === "zh" ? `${at.year}/${at.month}/${at.day}` : `${at.day}/${at.month}/${at.year}`;
    return `${day} ${at.hour}:${at.minute}:${at.second}`;
  }

  /** Seconds since 1970 of a time on the station's wall, `2026-11-30T14:03`; null for what is none.
   * @param {string} wall */
  seconds(wall) {
    const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(wall);
    if (!match) return null;
    const [year, month, day, hour, minute, second] = match.slice(1).map(text => Number(text ?? 0));
    const plain = Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
    // The offset of that hour is not yet known; where clocks change, the second look finds it.
    const first = plain - this.offsetAt(plain);
    return plain - this.offsetAt(first);
  }

  /** The day's first second. */
  midnight(time = this.now()) { return this.seconds(this.day(time)) ?? time; }

  /** The first second of a day so many days before. */
  daysBefore(/** @type {number} */ count, time = this.now()) {
    const at = this.parts(time);
    const date = new Date(Date.UTC(+at.year, +at.month - 1, +at.day - count)).toISOString().slice(0, 10);
    return this.seconds(date) ?? time;
  }

  /** What an input of date and time shows. */
  wall(/** @type {number} */ time) {
    return `${this.day(time)}T${this.minute(time)}`;
  }
}
