/*
 * Who is here, and which rooms there are.
 */

import { $, avatar, make } from "./dom.js";

/** The members of the present room. */
export class Members {
  you = "";
  #members = new Map(); // by user, in the order in which they came
  #count = 0; // of all: of a crowd only a part is listed

  /** Replaces all: a list of {user, sessions}, and how many there are. `you` is the one who looks. */
  set(members, count, you) {
    this.#members = new Map(members.map((member) => [member.user, member]));
    this.#count = count;
    this.you = you;
    this.#show();
  }

  /** Adds one, or takes in what changed of one. */
  add(member) {
    if (!this.#members.has(member.user)) this.#count++;
    this.#members.set(member.user, member);
    this.#show();
  }

  /** Takes one out. */
  remove(user) {
    if (this.#members.delete(user)) this.#count--;
    this.#show();
  }

  /** Returns how many are here. */
  get count() {
    return this.#count;
  }

  #show() {
    const items = [...this.#members.values()].map(({ user }) => {
      const item = make("li", { className: "member" }, avatar(user), make("bdi", {}, user));
      if (user === this.you) item.append(make("span", { className: "aside" }, "you"));
      return item;
    });
    const more = this.#count - items.length;
    if (more > 0) items.push(make("li", { className: "member aside" }, `and ${more} more`));
    $("members").replaceChildren(...items);
    $("here").textContent = this.#count === 1 ? "Only you" : `${this.#count} people`;
  }
}

/** The list of rooms. */
export class Rooms {
  #open = new Set();
  #current = "";
  #unsent;

  /** @param unsent  (room) returns how many texts for it were not sent */
  constructor(unsent) {
    this.#unsent = unsent;
  }

  /** Replaces all: a list of {room, open}. */
  set(list) {
    this.#open.clear();
    this.update(list);
  }

  /** Takes in what changed. */
  update(list) {
    for (const { room, open } of list) {
      if (open) this.#open.add(room);
      else this.#open.delete(room);
    }
    this.show(this.#current);
  }

  /** Draws the list, with the present room marked. */
  show(current) {
    this.#current = current;
    const names = new Set(["lobby", ...this.#open, current].filter(Boolean));
    const lobbyFirst = (a, b) => (b === "lobby") - (a === "lobby") || a.localeCompare(b);
    $("rooms").replaceChildren(...[...names].sort(lobbyFirst).map((name) => make("li", {}, this.#link(name))));
  }

  #link(name) {
    const link = make("a", { href: `#${name}`, className: "room" },
      make("span", { className: "hash" }, "#"), make("bdi", {}, name));
    if (name === this.#current) link.setAttribute("aria-current", "page");
    const unsent = this.#unsent(name);
    if (unsent > 0) link.append(make("span", { className: "unsent" }, `${unsent} unsent`));
    if (this.#open.has(name)) link.append(make("i", { className: "dot", title: "Somebody is here" }));
    return link;
  }
}
