/*
 * The texts that the server has not confirmed. One is sent at a time, so that they
 * keep their order whatever happens to one of them. A text that was under way when
 * its connection ended is sent again, with the id it had: the server knows by it
 * whether it has the text already.
 */

import { randomID } from "/live.js";

/** After "too fast" or a lost answer, the next attempt: milliseconds. */
const SLOW_DOWN = 1000;

export class Outbox {
  #texts = new Map(); // by id, the oldest first: {id, room, text, at, state, error}
  #room = null; // where texts can be sent now
  #timer = 0; // the next attempt
  #send;
  #changed;

  /**
   * @param send     (room, text, id) sends one text; the promise says what became of it
   * @param changed  (entry) is called when a text's state changed: "waiting", "sending" or "failed"
   */
  constructor({ send, changed }) {
    this.#send = send;
    this.#changed = changed;
  }

  /** Takes in a text, and sends it as soon as that is possible. */
  add(room, text) {
    const entry = { id: randomID(), room, text, at: Date.now(), state: "waiting", error: "" };
    this.#texts.set(entry.id, entry);
    return entry;
  }

  /** Returns the room where texts can be sent now, or null. */
  get room() {
    return this.#room;
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
    this.#send(next.room, next.text, next.id)
      .then(() => this.confirm(next.id), ({ code, message }) => this.#refused(next.id, code, message));
  }

  /** Notes that the server has the text with that id: it said so, or everybody got it. */
  confirm(id) {
    if (this.#remove(id)) this.flush();
  }

  /** Reports whether the text with that id is still to be sent or answered. */
  has(id) {
    return this.#texts.has(id);
  }

  /** The server refused a text, or its connection ended before the answer came, perhaps while there is another. */
  #refused(id, code, message) {
    const entry = this.#texts.get(id);
    if (!entry) return;
    if (code === "rate_limited" || code === "unavailable" || code === "disconnected") {
      this.#set(entry, "waiting");
      clearTimeout(this.#timer);
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
    this.#texts.delete(id);
    return entry;
  }

  #set(entry, state, error = "") {
    Object.assign(entry, { state, error });
    this.#changed(entry);
  }
}
