// A station on a free port, with bundles that the repository has for its tests, and a record of its own.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const fixtures = join(root, "Tests/AssayKindTests/Fixtures/schema1");
export const program = process.env.ASSAY ?? join(root, ".build/release/assay");

/** A class name as long as people write them. */
export const longName = "scratch-on-the-inner-sealing-surface-left-of-the-second-rib";

export class Station {
  /** @param {{ token?: string, bundles?: Record<string, string> }} options bundles: name and kind */
  constructor({ token, bundles = {} } = {}) {
    this.folder = mkdtempSync(join(tmpdir(), "assay-station-"));
    this.bundles = join(this.folder, "bundles");
    mkdirSync(this.bundles);
    this.token = token;
    if (token) writeFileSync(join(this.folder, "token"), token + "\n", { mode: 0o600 });
    for (const [name, kind] of Object.entries(bundles)) this.put(name, kind);
  }

  /** Copies a bundle; those called `long...` have a class with a long name. */
  put(name, kind) {
    const path = join(this.bundles, `${name}.assay`);
    cpSync(join(fixtures, `${kind}.assay`), path, { recursive: true });
    if (!name.startsWith("long")) return;
    const manifest = join(path, "manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replaceAll('"scratch"', `"${longName}"`));
  }

  remove(name) { rmSync(join(this.bundles, `${name}.assay`), { recursive: true, force: true }); }

  /** What is at a bundle's place and is none. */
  spoil(name) { writeFileSync(join(this.bundles, `${name}.assay`, "manifest.json"), "{ \"schema\": 1 }"); }

  async start(port = this.port ?? 0, more = []) {
    const options = ["serve", this.bundles, "--port", String(port), "--record-folder", join(this.folder, "record"), ...more];
    if (this.token) options.push("--token-file", join(this.folder, "token"));
    this.process = spawn(program, options, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, TZ: "Europe/Berlin" } });
    this.ended = new Promise(resolve => this.process.on("exit", resolve));
    let log = "";
    await new Promise((resolve, reject) => {
      this.process.stderr.on("data", data => {
        log = (log + data).slice(-20_000);
        for (const line of log.split("\n")) if (line.includes('"station open"')) {
          this.port = JSON.parse(line).port;
          resolve();
        }
      });
      this.ended.then(() => reject(new Error(`the station ended: ${log}`)));
    });
    this.address = `http://127.0.0.1:${this.port}/`;
  }

  headers(more = {}) { return { ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}), ...more }; }

  /** @returns the answer */
  async inspect(name, picture, serial) {
    const answer = await fetch(`${this.address}v1/inspect/${name}?serial=${encodeURIComponent(serial)}`,
      { method: "POST", body: picture, headers: this.headers({ "Content-Type": "image/png" }) });
    if (!answer.ok) throw new Error(`${name} ${serial}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async get(path) { return (await fetch(this.address + path, { headers: this.headers() })).json(); }

  /** Stops it as a user would, or at once. */
  async stop(signal = "SIGTERM") {
    this.process.kill(signal);
    await this.ended;
  }

  async close() {
    if (this.process?.exitCode == null) await this.stop("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
