import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { read, root } from "./swift.js";

const folder = "Sources/AssayHTTP/Page/Files/";
const files = readdirSync(new URL(folder, root));

test("the station serves every file of the page, and no other", () => {
  const swift = read("Sources/AssayHTTP/Page/PageFiles.swift");
  const named = new Set([...swift.matchAll(/PackageResources\.(\w+)/g)].map(match => match[1]));
  assert.deepEqual([...named].sort(), files.map(name => name.replace(/[^A-Za-z0-9]/g, "_")).sort());
  for (const [, address, resource] of swift.matchAll(/\("([\w-]+)", PackageResources\.(\w+)\)/g))
    assert.equal(resource, `${address}.js`.replace(/[^A-Za-z0-9]/g, "_"));
});

test("what scripts import is there", () => {
  for (const name of files.filter(name => name.endsWith(".js")))
    for (const [, path] of read(folder + name).matchAll(/from "\.\/([^"]+)"/g)) assert.ok(files.includes(path), `${name} imports ${path}`);
});

test("what scripts look for is in the document, and no id is there twice", () => {
  const ids = [...read(folder + "page.html").matchAll(/\bid="([^"]+)"/g)].map(match => match[1]);
  assert.equal(ids.length, new Set(ids).size);
  for (const name of files.filter(name => name.endsWith(".js")))
    for (const [, id] of read(folder + name).matchAll(/\$\("([\w-]+)"\)/g)) assert.ok(ids.includes(id), `${name}: #${id}`);
});

test("no address of a view is an id, so that a browser does not scroll the header away", () => {
  const document = read(folder + "page.html");
  const views = [.../<nav.*<\/nav>/s.exec(document)[0].matchAll(/href="#(\w+)"/g)].map(match => match[1]);
  assert.equal(views.length, 6);
  for (const view of views) assert.ok(!document.includes(`id="${view}"`), view);
});

test("the policy of the page forbids what is written into the document", () => {
  const document = read(folder + "page.html");
  assert.ok(!/ style="| on\w+="|<style|<script>/.test(document));
});
