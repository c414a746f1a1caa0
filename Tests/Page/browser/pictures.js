// Pictures of parts: dark ones are good, bright ones bad, for bundles that were made for tests.

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

/** A part: a disc on a table. What is bad is bright, and a line goes over it.
 * @param {boolean} isBad @param {number} number makes it another picture @param {[number, number]} size */
export function part(isBad, number, [width, height] = [320, 240]) {
  const radius = Math.min(width, height) * 0.38, [cx, cy] = [width / 2 + number % 7, height / 2 + number % 5];
  return png(width, height, (x, y) => {
    const inside = (x - cx) ** 2 + (y - cy) ** 2 < radius ** 2;
    if (!isBad) return inside ? 6 + number % 3 : 0;
    if (Math.abs(x - y * width / height + number % 9 - 4) < 3) return 210;
    return inside ? 250 : 255;
  });
}
