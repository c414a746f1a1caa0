// What a run found: a line for each thing that was looked at, and an exit status.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

export class Report {
  /** @param {string | null} folder for screenshots */
  constructor(folder) {
    this.folder = folder;
    this.failures = 0;
    this.looks = 0;
    if (folder) mkdirSync(folder, { recursive: true });
  }

  /** @param {string} what @param {unknown[]} faults none when it is well */
  say(what, faults = []) {
    this.looks += 1;
    if (faults.length === 0) return;
    this.failures += 1;
    console.log(`failed: ${what}`);
    for (const fault of faults.slice(0, 12)) console.log(`  ${fault}`);
    if (faults.length > 12) console.log(`  and ${faults.length - 12} more`);
  }

  ok(what) {
    this.looks += 1;
    console.log(`ok: ${what}`);
  }

  is(isTrue, what, more = "") { if (isTrue) this.ok(what); else this.say(what, [more]); }

  async shot(browser, name) { if (this.folder) await browser.shot(join(this.folder, `${name}.png`)); }

  end() {
    console.log(`${this.looks} looks, ${this.failures} of them failed${this.folder ? `; pictures are in ${this.folder}` : ""}`);
    return this.failures === 0 ? 0 : 1;
  }
}
