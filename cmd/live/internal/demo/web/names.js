/*
 * What a room can be called.
 */

/** The server takes names of up to so many characters. */
const MOST = 32;

/** Returns the room that is meant by what somebody typed or by an address, "" for none. */
export function roomFrom(text) {
  const name = text.normalize("NFC").trim().replace(/^#/, "").toLowerCase()
    .replace(/\s+/g, "-").replace(/[^\p{L}\p{M}\p{Nd}_-]/gu, "");
  return [...name].slice(0, MOST).join("");
}
