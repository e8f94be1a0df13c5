/*
 * The few ways in which the page makes elements. Data becomes text, never markup.
 */

/** Returns the element with that id. */
export const $ = (id) => document.getElementById(id);

/** Makes an element; what it contains are elements and strings, and strings become text. */
export function make(tag, properties = {}, ...contents) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...contents);
  return element;
}

/** Gives an element the colour of a name: the same for everybody, on every page. */
export function tint(element, name) {
  let hash = 0;
  for (const character of name.normalize("NFC").toLowerCase()) {
    hash = (Math.imul(hash, 31) + character.codePointAt(0)) >>> 0;
  }
  // The golden angle keeps names that differ little apart in colour.
  element.style.setProperty("--hue", String(Math.round((hash * 137.508) % 360)));
  return element;
}

/** Makes the round sign of a name: its first character in its colour. */
export function avatar(name) {
  const [first] = new Intl.Segmenter().segment(name);
  const sign = make("span", { className: "avatar" }, first.segment.toUpperCase());
  sign.setAttribute("aria-hidden", "true");
  return tint(sign, name);
}

/** Makes a time of day that says the whole date to those who ask. */
export function clock(milliseconds) {
  const date = new Date(milliseconds);
  return make("time", { dateTime: date.toISOString(), title: date.toLocaleString() },
    date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
}
