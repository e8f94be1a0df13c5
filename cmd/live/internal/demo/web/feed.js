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
  #following = true; // the newest line is in sight, and is to stay so
  #last = null; // {who, at} of the text before, unless something came between
  #pending = new Map(); // elements of texts not confirmed, by id: they stand below all others
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
    this.#scroller.addEventListener("scroll", () => {
      this.#following = this.#atEnd();
      if (this.#following) this.#newer.hidden = true;
    }, { passive: true });
    // A keyboard that slides in, or a box that grows, must not hide the last line.
    new ResizeObserver(() => this.#following && this.toEnd()).observe(this.#scroller);
  }

  /** Begins a new conversation. */
  clear() {
    this.#list.replaceChildren();
    this.#pending.clear();
    this.#last = null;
    this.#newer.hidden = true;
    this.#showEmpty();
  }

  /** Adds a line about what happened, as strings and elements. */
  note(...contents) {
    this.#append(make("div", { className: "note" }, ...contents), false);
    this.#last = null;
  }

  /** Adds a text: {from, text, at}. `recovered` marks one that was said while we were not there. */
  add({ from, text, at }, own, recovered) {
    const line = this.#line(from, text, at, own);
    this.#said(line, own ? "own" : from, at);
    line.classList.toggle("recovered", recovered);
    this.#append(line, own && !recovered);
  }

  /** Adds a text of our own that the server has not confirmed. */
  addPending(entry, name) {
    const line = this.#line(name, entry.text, entry.at, true);
    line.classList.toggle("follows", this.#pending.size > 0 || this.#follows("own", entry.at));
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

  /**
   * Shows that the text with that id has arrived, in the place where everybody else has it:
   * after all that came before. Returns false if it is not on the page.
   */
  confirm(id, at) {
    const line = this.#pending.get(id);
    if (!line) return false;
    this.#pending.delete(id);
    line.classList.remove("pending", "failed");
    line.querySelector(".fate").remove();
    line.querySelector("time").replaceWith(clock(at));
    this.#said(line, "own", at);
    if (line.previousElementSibling?.classList.contains("pending")) this.#append(line, false);
    return true;
  }

  /** Returns the ids of the texts that are not confirmed. */
  get unconfirmed() {
    return [...this.#pending.keys()];
  }

  /** Scrolls to the newest line. */
  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#following = true;
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

  #follows(who, at) {
    return this.#last?.who === who && at - this.#last.at < TOGETHER;
  }

  /** Notes that the line is the newest text, and whose. */
  #said(line, who, at) {
    line.classList.toggle("follows", this.#follows(who, at));
    this.#last = { who, at };
  }

  #line(name, text, at, own) {
    const byline = make("p", { className: "byline" },
      make("bdi", { className: "name" }, own ? "You" : name), " ", clock(at));
    const line = make("div", { className: `message ${own ? "own" : "other"}` },
      make("div", { className: "said" }, byline, make("p", { className: "bubble", dir: "auto" }, text)));
    if (!own) line.prepend(avatar(name));
    return tint(line, name);
  }

  #append(line, jump) {
    const follow = jump || this.#atEnd();
    this.#list.insertBefore(line, line.classList.contains("pending") ? null : this.#list.querySelector(".pending"));
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
