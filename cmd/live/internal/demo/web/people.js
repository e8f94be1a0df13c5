/*
 * Who is here, and which rooms there are.
 */

import { $, avatar, make } from "./dom.js";

/** The members of the present room. */
export class Members {
  #members = [];

  /** Replaces all: a list of {id, name}. `you` is the one who looks. */
  set(members, you) {
    this.#members = members.slice();
    this.you = you;
    this.#show();
  }

  /** Adds one; false if they are here already. */
  add(member) {
    if (this.#members.some(({ id }) => id === member.id)) return false;
    this.#members.push(member);
    this.#show();
    return true;
  }

  /** Takes one out; false if they were not here. */
  remove(member) {
    const before = this.#members.length;
    this.#members = this.#members.filter(({ id }) => id !== member.id);
    this.#show();
    return this.#members.length < before;
  }

  /** Returns how many are here. */
  get count() {
    return this.#members.length;
  }

  #show() {
    $("members").replaceChildren(...this.#members.map((member) => {
      const item = make("li", { className: "member" }, avatar(member.name), make("bdi", {}, member.name));
      if (member.id === this.you?.id) item.append(make("span", { className: "aside" }, "you"));
      return item;
    }));
    const count = this.#members.length;
    $("here").textContent = count === 1 ? "Only you" : `${count} people`;
  }
}

/** The list of rooms. */
export class Rooms {
  #counts = new Map();
  #current = "";
  #unsent;

  /** @param unsent  (room) returns how many texts for it were not sent */
  constructor(unsent) {
    this.#unsent = unsent;
  }

  /** Replaces all counts: after a new connection the old ones mean nothing. */
  reset() {
    this.#counts.clear();
  }

  /** Takes in rooms: a list of {room, members}, with 0 members for those that are gone. */
  update(list) {
    for (const { room, members } of list) {
      if (members > 0) this.#counts.set(room, members);
      else this.#counts.delete(room);
    }
    this.show(this.#current);
  }

  /** Draws the list, with the present room marked. */
  show(current) {
    this.#current = current;
    const names = new Set(["lobby", ...this.#counts.keys(), current].filter(Boolean));
    const lobbyFirst = (a, b) => (b === "lobby") - (a === "lobby") || a.localeCompare(b);
    $("rooms").replaceChildren(...[...names].sort(lobbyFirst).map((name) => make("li", {}, this.#link(name))));
  }

  #link(name) {
    const link = make("a", { href: `#${name}`, className: "room" },
      make("span", { className: "hash" }, "#"), make("bdi", {}, name));
    if (name === this.#current) link.setAttribute("aria-current", "page");
    const unsent = this.#unsent(name);
    if (unsent > 0) link.append(make("span", { className: "unsent" }, `${unsent} unsent`));
    const count = this.#counts.get(name) ?? 0;
    if (count > 0) link.append(make("span", { className: "count", title: `${count} here` }, String(count)));
    return link;
  }
}
