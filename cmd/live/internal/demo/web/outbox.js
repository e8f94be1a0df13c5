/*
 * The texts that the server has not confirmed. One is sent at a time, so that they
 * keep their order whatever happens to one of them. A text that was under way when
 * the connection broke is sent again: with the id it had, by which everybody who
 * has it already knows it.
 */

/** A text without confirmation after this long means that the connection is dead: milliseconds. */
const CONFIRM_WITHIN = 10_000;

/** After "too fast", the next attempt: milliseconds. */
const SLOW_DOWN = 1000;

export class Outbox {
  #texts = new Map(); // by id, the oldest first: {id, room, text, at, state, error}
  #room = null; // where texts can be sent now
  #timer = 0;
  #send;
  #dead;
  #changed;

  /**
   * @param send     (room, text, id) sends one text
   * @param dead     () is called when no confirmation came in time
   * @param changed  (entry) is called when a text's state changed: "waiting", "sending" or "failed"
   */
  constructor({ send, dead, changed }) {
    this.#send = send;
    this.#dead = dead;
    this.#changed = changed;
  }

  /** Takes in a text, and sends it as soon as that is possible. */
  add(room, text) {
    const entry = { id: randomID(), room, text, at: Date.now(), state: "waiting", error: "" };
    this.#texts.set(entry.id, entry);
    return entry;
  }

  /** Returns the texts meant for that room. */
  of(room) {
    return [...this.#texts.values()].filter((entry) => entry.room === room);
  }

  /** Returns how many texts there are in all. */
  get size() {
    return this.#texts.size;
  }

  /** Says that texts can be sent to that room now, or with null to none. */
  ready(room) {
    this.#room = room;
    clearTimeout(this.#timer);
    for (const entry of this.#texts.values()) {
      if (entry.state === "sending") this.#set(entry, "waiting");
    }
    this.flush();
  }

  /** Sends the next text, if there is one and none is under way. */
  flush() {
    if (this.#room === null) return;
    const here = this.of(this.#room).filter((entry) => entry.state !== "failed");
    if (here.length === 0 || here.some((entry) => entry.state === "sending")) return;
    const [next] = here;
    this.#set(next, "sending");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#dead, CONFIRM_WITHIN);
    this.#send(next.room, next.text, next.id);
  }

  /** Notes that everybody has the text with that id. Returns it, or undefined if it is not from here. */
  confirm(id) {
    const entry = this.#remove(id);
    if (entry) this.flush();
    return entry;
  }

  /** Notes that the server refused the text with that id. */
  refuse(id, code, message) {
    const entry = this.#texts.get(id);
    if (!entry) return;
    clearTimeout(this.#timer);
    if (code === "rate_limited") {
      this.#set(entry, "waiting");
      this.#timer = setTimeout(() => this.flush(), SLOW_DOWN);
      return;
    }
    this.#set(entry, "failed", message);
    this.flush();
  }

  /** Sends a refused text once more. */
  again(id) {
    const entry = this.#texts.get(id);
    if (entry) this.#set(entry, "waiting");
    this.flush();
  }

  /** Forgets a refused text. */
  discard(id) {
    this.#remove(id);
  }

  #remove(id) {
    const entry = this.#texts.get(id);
    if (entry?.state === "sending") clearTimeout(this.#timer);
    this.#texts.delete(id);
    return entry;
  }

  #set(entry, state, error = "") {
    Object.assign(entry, { state, error });
    this.#changed(entry);
  }
}

/** Returns an id that no one else comes up with. crypto.randomUUID is missing on pages without TLS. */
function randomID() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
