/*
 * The conversation: what was said, who came and went.
 */

import { $, avatar, clock, make, tint } from "./dom.js";

/** Texts of one person in a row share a byline within this time: milliseconds. */
const TOGETHER = 3 * 60_000;

/** What is further back than this many lines leaves the page. */
const MOST_LINES = 500;

/** How close to the end, in pixels, counts as being there. */
const NEAR_END = 60;

export class Feed {
  #list = $("feed");
  #scroller = $("scroller");
  #newer = $("newer");
  #last = null; // {who, at} of the text before, unless something came between
  #until = 0; // texts up to this seq were said before we came, or while we were away
  #joined = ""; // who we are, to be said after those
  #pending = new Map(); // elements of texts not confirmed, by id
  #retry;
  #discard;

  /**
   * @param retry    (id) is called to send a refused text once more
   * @param discard  (id) is called to forget a refused text
   */
  constructor({ retry, discard }) {
    this.#retry = retry;
    this.#discard = discard;
    this.#newer.addEventListener("click", () => this.toEnd());
    this.#scroller.addEventListener("scroll", () => this.#atEnd() && (this.#newer.hidden = true), { passive: true });
    // A keyboard that slides in, or a box that grows, must not hide the last line.
    new ResizeObserver(() => this.#newer.hidden && this.toEnd()).observe(this.#scroller);
  }

  /** Begins a new conversation. */
  clear() {
    this.#list.replaceChildren();
    this.#pending.clear();
    this.#last = null;
    this.#joined = "";
    this.#newer.hidden = true;
    this.#showEmpty();
  }

  /** Adds a line about what happened, as strings and elements. */
  note(...contents) {
    this.#append(make("div", { className: "note" }, ...contents), false);
    this.#last = null;
  }

  /** We are in. Texts up to seq `until` are of before; after them it says that we joined, as `name`, if there is one. */
  entered(until, name) {
    this.#until = until;
    this.#joined = name;
  }

  /** The text with that seq is shown. */
  passed(seq) {
    if (seq < this.#until || !this.#joined) return;
    this.note("You joined as ", make("bdi", {}, this.#joined));
    this.#joined = "";
  }

  /** Adds a text: {from, text, at}. `recovered` marks one that was said while we were not there. */
  add({ from, text, at }, own, recovered) {
    const line = this.#line(from, from, text, at, own);
    line.classList.toggle("recovered", recovered);
    this.#append(line, own && !recovered);
  }

  /** Adds a text of our own that the server has not confirmed. */
  addPending(entry, name) {
    const line = this.#line(name, "own", entry.text, entry.at, true);
    line.querySelector(".said").append(make("p", { className: "fate" }));
    this.#pending.set(entry.id, line);
    this.show(entry);
    this.#append(line, true);
  }

  /** Shows the present state of a text that is not confirmed. */
  show(entry) {
    const line = this.#pending.get(entry.id);
    if (!line) return;
    line.classList.add("pending");
    line.classList.toggle("failed", entry.state === "failed");
    line.querySelector(".fate").replaceChildren(...this.#fate(entry));
  }

  /** Shows that the text with that id has arrived; false if it is not on the page. */
  confirm(id) {
    const line = this.#pending.get(id);
    if (!line) return false;
    this.#pending.delete(id);
    line.classList.remove("pending", "failed");
    line.querySelector(".fate").remove();
    return true;
  }

  /** Scrolls to the newest line. */
  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#newer.hidden = true;
  }

  #fate(entry) {
    if (entry.state === "sending") return ["Sending…"];
    if (entry.state === "waiting") return ["Not sent yet. It goes out when you are connected."];
    const again = make("button", { type: "button", className: "link" }, "Send again");
    again.addEventListener("click", () => this.#retry(entry.id));
    const discard = make("button", { type: "button", className: "link" }, "Discard");
    discard.addEventListener("click", () => {
      this.#pending.get(entry.id)?.remove();
      this.#pending.delete(entry.id);
      this.#discard(entry.id);
      this.#showEmpty();
    });
    return [`Not sent: ${entry.error}. `, again, " ", discard];
  }

  #line(name, who, text, at, own) {
    const key = own ? "own" : who;
    const follows = this.#last?.who === key && at - this.#last.at < TOGETHER;
    this.#last = { who: key, at };
    const byline = make("p", { className: "byline" },
      make("bdi", { className: "name" }, own ? "You" : name), " ", clock(at));
    const line = make("div", { className: `message ${own ? "own" : "other"}${follows ? " follows" : ""}` },
      make("div", { className: "said" }, byline, make("p", { className: "bubble", dir: "auto" }, text)));
    if (!own) line.prepend(avatar(name));
    return tint(line, name);
  }

  #append(line, jump) {
    const follow = jump || this.#atEnd();
    this.#list.append(line);
    while (this.#list.childElementCount > MOST_LINES) this.#list.firstElementChild.remove();
    this.#showEmpty();
    if (follow) this.toEnd();
    else if (line.classList.contains("message")) this.#newer.hidden = false;
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #showEmpty() {
    $("empty").hidden = this.#list.querySelector(".message") !== null;
  }
}
