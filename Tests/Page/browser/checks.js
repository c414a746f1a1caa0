// What is looked at on every view. The functions are sent to the page as text.

/** Elements wider than the screen, and a Live that is higher. @returns {string[]} */
export function overflow() {
  const found = [], [wide, high] = [document.documentElement.clientWidth, innerHeight];
  const name = node => `${node.tagName.toLowerCase()}${node.id ? "#" + node.id : ""}.${String(node.className?.baseVal ?? node.className).replace(/ /g, ".")}`;
  const scrolls = node => {
    for (let above = node.parentElement; above; above = above.parentElement) {
      const style = getComputedStyle(above);
      if (/auto|scroll|hidden|clip/.test(style.overflowX)) return true;
    }
    return false;
  };
  if (document.scrollingElement.scrollWidth > wide + 1) found.push(`the page is ${document.scrollingElement.scrollWidth} wide, the screen ${wide}`);
  for (const node of document.querySelectorAll("body *")) {
    const box = node.getBoundingClientRect();
    if (box.width === 0 || box.height === 0 || node.closest(".quiet, .skip") || node.closest("svg") !== null && node.tagName !== "svg") continue;
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(node)) found.push(`${name(node)} from ${Math.round(box.left)} to ${Math.round(box.right)}`);
  }
  if (document.body.dataset.tab === "live") {
    if (document.scrollingElement.scrollHeight > high + 1) found.push(`Live is ${document.scrollingElement.scrollHeight} high, the screen ${high}`);
    for (const id of ["tile", "view-live"]) {
      const node = document.getElementById(id);
      if (node.scrollHeight > node.clientHeight + 2 || node.scrollWidth > node.clientWidth + 2)
        found.push(`${id} holds ${node.scrollWidth} x ${node.scrollHeight} in ${node.clientWidth} x ${node.clientHeight}`);
    }
    const tile = document.getElementById("tile").getBoundingClientRect();
    for (const node of document.getElementById("tile").children) {
      const box = node.getBoundingClientRect();
      if (box.height > 0 && (box.top < tile.top - 1 || box.bottom > tile.bottom + 1 || box.left < tile.left - 1 || box.right > tile.right + 1))
        found.push(`${name(node)} leaves the tile`);
    }
    for (const node of document.querySelectorAll("#view-live > *, .tile > *, .look > *")) {
      const box = node.getBoundingClientRect();
      if (box.height > 0 && !node.closest(".quiet") && !node.matches(".quiet") && box.bottom > high + 1) found.push(`${name(node)} ends at ${Math.round(box.bottom)} of ${high}`);
    }
    const picture = document.querySelector(".look .picture").getBoundingClientRect();
    if (picture.height < 60) found.push(`the picture is ${Math.round(picture.height)} high`);
  }
  for (const node of document.querySelectorAll("button, .button, nav a")) {
    if (node.offsetParent && node.scrollWidth > node.clientWidth + 1 && !node.querySelector("img")) found.push(`${name(node)} cuts its text "${node.textContent}"`);
  }
  return found;
}

/** Texts below WCAG 2.1's contrast (AA, 1.4.3): 4.5, or 3 from 24 pixels or 18.66 bold ones on. @returns {string[]} */
export function contrast() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const color = text => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map(at => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const light = ([r, g, b]) => {
    const part = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.textContent.trim() || !node || node.closest("script, .quiet, .skip, option")) continue;
    // What cannot be pressed is exempt, and so is what cannot be seen.
    if (node.closest(":disabled, .off") || !node.checkVisibility?.({ checkOpacity: true, checkVisibilityCSS: true }) || node.getBoundingClientRect().width === 0) continue;
    if (node.closest("dialog:not([open])")) continue;
    const layers = [];
    let opacity = 1;
    for (let at = node; at; at = at.parentElement) {
      layers.push(color(getComputedStyle(at).backgroundColor));
      opacity *= Number(getComputedStyle(at).opacity);
    }
    let back = color(getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches ? "#14171a" : "#fff");
    for (const layer of layers.reverse()) back = over(layer, back);
    const style = getComputedStyle(node), svg = node.closest("svg");
    const front = color(svg ? style.fill : style.color);
    front[3] *= opacity;
    const [high, low] = [light(over(front, back)), light(back)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05), size = parseFloat(style.fontSize);
    const needed = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700 ? 3 : 4.5;
    if (ratio < needed) found.add(`"${text.textContent.trim().slice(0, 40)}" ${ratio.toFixed(2)} of ${needed} (${style.color} on ${back.slice(0, 3).map(Math.round)})`);
  }
  return [...found];
}

/** Words of another language that are seen. @param {string[]} others texts of the English table @param {string} known what may be
 * seen in any language @param {string[]} data names of classes, which people choose @param {boolean} isChinese
 * @returns {string[]} */
export function foreign(others, known, data, isChinese) {
  const found = new Set(), texts = new Set(others.filter(text => !data.includes(text)));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement, own = text.textContent.trim();
    if (!own || !node || node.closest("script, code, #language, .brand")) continue;
    if (!node.offsetParent && !node.closest("option")) continue;
    if (texts.has(own)) found.add(own);
    if (isChinese) for (const word of own.match(/[A-Za-z]{4,}/g) ?? []) if (!known.includes(word)) found.add(`${word} in "${own.slice(0, 60)}"`);
  }
  return [...found];
}

/** Controls that a screen reader could not name. @returns {string[]} */
export function unnamed() {
  const inputs = [...document.querySelectorAll("input, select")].filter(node => !node.closest("label") && !node.labels?.length && !node.getAttribute("aria-label"));
  const others = [...document.querySelectorAll("button, a")].filter(node => node.offsetParent && !node.textContent.trim() && !node.getAttribute("aria-label"));
  return [...inputs, ...others].map(node => `${node.tagName} ${node.id || node.className} has no name`);
}
