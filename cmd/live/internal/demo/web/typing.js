/*
 * Who is typing. It is said again and again while it is true, and forgotten when it is
 * not heard for a moment.
 */

import { $, make } from "./dom.js";

/** How often we say that we are typing: milliseconds. */
const SAY_EVERY = 2000;

/** How long after that somebody counts as typing: milliseconds. */
const BELIEVE = 4000;

export class Typing {
  #say;
  #saidAt = 0;
  #timers = new Map(); // by name

  /** @param say  (room) tells the others that we are typing */
  constructor(say) {
    this.#say = say;
  }

  /** We have typed something. */
  mine(room) {
    if (Date.now() - this.#saidAt < SAY_EVERY) return;
    this.#saidAt = Date.now();
    this.#say(room);
  }

  /** What we typed is sent: the next word is worth telling at once. */
  said() {
    this.#saidAt = 0;
  }

  /** Somebody is typing. */
  theirs(name) {
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(() => this.done(name), BELIEVE));
    this.#show();
  }

  /** Somebody is not typing any more. */
  done(name) {
    clearTimeout(this.#timers.get(name));
    if (this.#timers.delete(name)) this.#show();
  }

  /** Nobody is, as far as we know. */
  clear() {
    for (const name of [...this.#timers.keys()]) this.done(name);
  }

  #show() {
    const names = [...this.#timers.keys()];
    const some = names.slice(0, 2).flatMap((name, i) => [i ? " and " : "", make("bdi", {}, name)]);
    const text = { 0: [], 1: [...some, " is typing…"], 2: [...some, " are typing…"] };
    $("typing").replaceChildren(...(text[names.length] ?? ["Several people are typing…"]));
  }
}
