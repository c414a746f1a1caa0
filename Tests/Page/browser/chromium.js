// One page of a headless Chromium, spoken to over its debugging pipe: neither packages nor a WebSocket are needed.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class Browser {
  /** @param {string} language of the browser */
  constructor(language = "en") {
    this.profile = mkdtempSync(join(tmpdir(), "assay-page-"));
    this.process = spawn(process.env.CHROMIUM ?? "chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
      "--hide-scrollbars", "--no-first-run", "--disable-background-timer-throttling", `--lang=${language}`, `--user-data-dir=${this.profile}`, "about:blank"],
    // In a group of its own, whose children end with it.
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: true });
    this.to = this.process.stdio[3];
    this.number = 0;
    this.waiting = new Map();
    /** Errors on the console since they were last taken. */
    this.errors = [];
    let rest = Buffer.alloc(0);
    this.process.stdio[4].on("data", chunk => {
      rest = Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.receive(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
    this.ended = new Promise(resolve => this.process.on("exit", resolve));
    this.process.on("error", error => { throw error; });
  }

  receive(message) {
    if (message.id) {
      const { resolve, reject, method } = this.waiting.get(message.id) ?? {};
      this.waiting.delete(message.id);
      if (message.error) reject?.(new Error(`${method}: ${JSON.stringify(message.error)}`)); else resolve?.(message.result);
      return;
    }
    const { method, params } = message;
    if (method === "Runtime.exceptionThrown")
      this.errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(params.type))
      this.errors.push(params.args.map(value => value.value ?? value.description).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error") this.errors.push(`${params.entry.text} ${params.entry.url ?? ""}`);
  }

  send(method, params = {}) {
    const id = ++this.number;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, method });
      this.to.write(JSON.stringify({ id, method, params, ...(this.session ? { sessionId: this.session } : {}) }) + "\0");
    });
  }

  async open() {
    const { targetInfos } = await this.send("Target.getTargets");
    const { targetId } = targetInfos.find(target => target.type === "page");
    this.session = (await this.send("Target.attachToTarget", { targetId, flatten: true })).sessionId;
    for (const domain of ["Page", "Runtime", "Log", "Network"]) await this.send(`${domain}.enable`);
    return this;
  }

  /** The value of an expression in the page, a promise's when it is settled. */
  async value(expression) {
    const result = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (result.exceptionDetails) throw new Error(`${expression.slice(0, 200)}: ${result.exceptionDetails.exception?.description}`);
    return result.result.value;
  }

  async wait(expression, what, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      // While a document is loaded, what is looked for is not there yet.
      if (await this.value(`(() => { try { return ${expression}; } catch { return false; } })()`).catch(() => false)) return;
      await new Promise(done => setTimeout(done, 50));
    }
    throw new Error(`${what}: not within ${seconds} s (${expression}); the page says: ${await this.value("document.body.innerText.slice(0, 600)")}`);
  }

  go(url) { return this.send("Page.navigate", { url }); }

  /** @param {[number, number]} size @param {string} scheme light or dark */
  async screen([width, height], scheme) {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 500 });
    await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  }

  async key(key) {
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, text: key.length === 1 ? key : "" });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key });
  }

  async shot(path) { writeFileSync(path, Buffer.from((await this.send("Page.captureScreenshot", { format: "png" })).data, "base64")); }

  takeErrors() { return this.errors.splice(0); }

  async close() {
    process.kill(-this.process.pid, "SIGKILL");
    await this.ended;
    await new Promise(done => setTimeout(done, 300));
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
