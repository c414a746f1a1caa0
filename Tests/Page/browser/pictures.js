// Pictures of parts, as those that the bundles of `Fixtures/schema1` have learned from (Pictures.brushedMetal in Swift).

import { deflateSync } from "node:zlib";

const table = new Uint32Array(256).map((_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});
const checksum = bytes => ~bytes.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), ~0) >>> 0;

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]), out = Buffer.alloc(12 + data.length);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(checksum(body), 8 + data.length);
  return out;
}

/** A PNG in shades of gray (W3C PNG, 2003). @param {(x: number, y: number) => number} shade 0...255 */
export function png(width, height, shade) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head[8] = 8;
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = shade(x, y);
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** The same numbers in every run (Park and Miller, 1988). */
export function numbers(seed) {
  let state = seed * 48_271 % 2_147_483_647 || 1;
  for (let turn = 0; turn < 5; turn++) state = state * 48_271 % 2_147_483_647;
  return () => (state = state * 48_271 % 2_147_483_647) / 2_147_483_647;
}

/** Brushed metal; a dark scratch goes over a bad part.
 * @param {boolean} isBad @param {number} number makes it another picture @param {[number, number]} size multiples of 64 */
export function part(isBad, number, [width, height] = [320, 256]) {
  const random = numbers(number + 20_000), between = (low, high) => low + Math.floor(random() * (high - low + 1));
  const rows = Array.from({ length: 64 }, () => between(-14, 14)), shades = new Uint8Array(64 * 64);
  for (let y = 0; y < 64; y++) for (let x = 0; x < 64; x++) {
    let value = 140 + rows[y] + between(-6, 6);
    if (isBad && Math.abs(x - (12 + number % 40) - Math.trunc((y - 32) / 8)) <= 1 && y >= 12 && y < 52) value -= 90;
    shades[y * 64 + x] = Math.max(0, Math.min(255, value));
  }
  return png(width, height, (x, y) => shades[Math.floor(y * 64 / height) * 64 + Math.floor(x * 64 / width)]);
}
