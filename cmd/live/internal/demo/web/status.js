/*
 * The state of the connection, in plain sight: the sign at the top, and a line
 * above the text box while something is wrong.
 */

import { $ } from "./dom.js";

/** A connection made this quickly is not worth a line: milliseconds. */
const PATIENCE = 400;

/** How often a countdown is looked at: milliseconds. */
const TICK = 250;

export class Status {
  #live;
  #timer = 0;
  #lost = false; // there was a connection, or an attempt at one, and it failed

  /** Shows the state of a Connection, with a button that connects now. */
  constructor(live) {
    this.#live = live;
    live.on("state", () => this.#show());
    $("retry").addEventListener("click", () => live.retry());
    this.#show();
  }

  #show() {
    clearTimeout(this.#timer);
    switch (this.#live.state) {
      case "open": return this.#showOpen();
      case "connecting": return this.#showConnecting();
      case "waiting": return this.#showWaiting();
      case "closed": return this.#showClosed();
    }
  }

  #showOpen() {
    this.#sign("open", "Connected");
    this.#line("");
    if (this.#lost) this.#say("Connected again.");
    this.#lost = false;
  }

  #showConnecting() {
    if (this.#lost) {
      this.#sign("waiting", "Reconnecting…");
      this.#line("No connection. Trying now…");
      return;
    }
    this.#sign("connecting", "Connecting…");
    this.#timer = setTimeout(() => this.#line("Connecting…"), PATIENCE);
  }

  #showWaiting() {
    if (!this.#lost) this.#say("Connection lost. Trying to connect again.");
    this.#lost = true;
    const seconds = Math.max(1, Math.ceil((this.#live.retryAt - Date.now()) / 1000));
    const network = navigator.onLine ? "" : "This device seems to have no network. ";
    this.#sign("waiting", `Reconnecting in ${seconds} s`);
    this.#line(`No connection. ${network}Trying again in ${seconds} s.`, "Try now");
    this.#timer = setTimeout(() => this.#show(), TICK);
  }

  #showClosed() {
    this.#lost = true;
    const why = this.#live.reason ? `: ${this.#live.reason}` : "";
    this.#sign("closed", "Offline");
    this.#line(`The connection was ended (${this.#live.code}${why}).`, "Connect");
    this.#say("Offline. The server ended the connection.");
  }

  #sign(state, text) {
    document.documentElement.dataset.state = state;
    if ($("state").textContent !== text) $("state").textContent = text;
  }

  #line(text, button = "") {
    $("strip").hidden = text === "";
    if ($("trouble").textContent !== text) $("trouble").textContent = text;
    $("retry").hidden = button === "";
    $("retry").textContent = button;
  }

  /** Tells a screen reader: changes only, not every second of a countdown. */
  #say(text) {
    $("spoken").textContent = text;
  }
}
