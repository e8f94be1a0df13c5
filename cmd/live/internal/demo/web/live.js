/*
 * live.js: a connection to a Live server that comes back by itself.
 *
 * One file without dependencies, for any page:
 *
 *   <script type="module">
 *     import { connect } from "/live.js";
 *
 *     const live = connect("/ws");
 *     live.on("open", () => live.send("join", { room: "lobby", name: "Ada" }));
 *     live.on("message", (topic, data) => console.log(topic, data));
 *   </script>
 *
 * Both ways, a frame is one JSON object: {"topic": "chat:lobby", "data": {…}}.
 *
 * A lost connection is tried again after a random part of a delay that doubles
 * from one second to thirty, so that many clients do not come back at the same
 * moment. "open" is emitted each time: it is the place to subscribe again.
 * Nothing is queued: send returns false while there is no connection, and what
 * was said meanwhile is not repeated.
 */

/** The delay before the first new attempt is up to `first`, and doubles up to `most`: milliseconds. */
export const delays = { first: 1000, most: 30_000 };

/** A connection that lasted this long starts again from the first delay: milliseconds. */
const STABLE_AFTER = 5000;

/** An attempt that has come to nothing after this long is given up: milliseconds. */
const ATTEMPT_TIMEOUT = 10_000;

/** Connects to a Live server; see Connection. */
export function connect(url, options) {
  return new Connection(url, options);
}

/**
 * Reports whether a client should come back after this close code: after 1001
 * (going away), 1006 (no close frame), 1011 to 1013 (server trouble) and 4000 to
 * 4499; after all others the server meant it for good.
 */
export function comesBackAfter(code) {
  return code === 1001 || code === 1006 || (code >= 1011 && code <= 1013) || (code >= 4000 && code <= 4499);
}

/** Returns the milliseconds to wait before attempt n, counted from 0: full jitter. */
export function backoff(n, random = Math.random) {
  return random() * Math.min(delays.most, delays.first * 2 ** n);
}

/**
 * A connection and its state:
 *
 *   connecting   an attempt is under way
 *   open         frames flow
 *   waiting      lost; the next attempt is at `retryAt` (as Date.now() counts)
 *   closed       for good, by close() or by the server; retry() begins anew
 *
 * Events, each for on():
 *
 *   open     ()              connected, the first time or again
 *   message  (topic, data)   a frame came
 *   state    (state)         the state changed; `code` and `reason` say how the last connection ended
 */
export class Connection {
  state = "connecting";
  retryAt = 0;
  code = 0;
  reason = "";

  #url;
  #options;
  #socket = null;
  #attempts = 0; // since the last stable connection
  #openedAt = 0;
  #timer = 0; // the next attempt, or the end of the present one
  #handlers = { open: new Set(), message: new Set(), state: new Set() };

  /**
   * @param url      absolute (wss://…) or relative to the page ("/ws")
   * @param options  protocols: offered subprotocols; WebSocket: another implementation
   */
  constructor(url, options = {}) {
    this.#url = url;
    this.#options = options;
    // Who looks at the page again, or has a network again, should not wait.
    globalThis.addEventListener?.("online", () => this.#hurry());
    globalThis.document?.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#hurry();
    });
    // Not in the constructor itself, so that the caller's on() comes first.
    queueMicrotask(() => this.#attempt());
  }

  /** Calls handler on each event of that name; the function returned ends it. */
  on(event, handler) {
    this.#handlers[event].add(handler);
    return () => this.#handlers[event].delete(handler);
  }

  /** Sends one frame. Returns false, and does nothing, unless the connection is open. */
  send(topic, data = null) {
    if (this.state !== "open") return false;
    this.#socket.send(JSON.stringify({ topic, data }));
    return true;
  }

  /** Ends the connection for good. */
  close() {
    this.#drop();
    this.#end(1000, "closed by the page");
  }

  /** Connects now, without waiting any longer, also after the connection was closed for good. */
  retry() {
    if (this.state === "waiting" || this.state === "closed") this.#attempt();
  }

  /** Gives up an open connection that seems dead, and makes a new one. */
  reconnect() {
    if (this.state !== "open") return;
    this.#drop();
    this.#lost(1006, "no answer");
  }

  #hurry() {
    if (this.state === "waiting") this.#attempt();
  }

  #attempt() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    const socket = new (this.#options.WebSocket ?? WebSocket)(absolute(this.#url), this.#options.protocols ?? []);
    this.#socket = socket;
    this.#timer = setTimeout(() => {
      this.#drop();
      this.#lost(1006, "no answer");
    }, ATTEMPT_TIMEOUT);
    // Events of a socket that was dropped come late and mean nothing.
    const ours = (handle) => (event) => socket === this.#socket && handle(event);
    socket.onopen = ours(() => this.#opened());
    socket.onmessage = ours((event) => this.#received(event.data));
    socket.onclose = ours((event) => {
      this.#socket = null;
      if (comesBackAfter(event.code)) this.#lost(event.code, event.reason);
      else this.#end(event.code, event.reason);
    });
    this.#become("connecting");
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#openedAt = Date.now();
    this.#become("open");
    this.#emit("open");
  }

  #received(text) {
    const { topic, data } = JSON.parse(text);
    this.#emit("message", topic, data);
  }

  /** The connection is gone, or an attempt failed: try again later. */
  #lost(code, reason) {
    clearTimeout(this.#timer);
    if (this.#openedAt && Date.now() - this.#openedAt > STABLE_AFTER) this.#attempts = 0;
    this.#openedAt = 0;
    const wait = backoff(this.#attempts++);
    this.#timer = setTimeout(() => this.#attempt(), wait);
    this.retryAt = Date.now() + wait;
    this.#become("waiting", code, reason);
  }

  /** The connection is over. */
  #end(code, reason) {
    clearTimeout(this.#timer);
    this.#attempts = 0;
    this.#openedAt = 0;
    this.#become("closed", code, reason);
  }

  /** Lets go of the socket, and of whatever it may still report. */
  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #become(state, code = this.code, reason = this.reason) {
    Object.assign(this, { state, code, reason });
    this.#emit("state", state);
  }

  #emit(event, ...values) {
    for (const handler of this.#handlers[event]) handler(...values);
  }
}

/** Makes "/ws" the WebSocket address beside the page's own; others stay as they are. */
function absolute(url) {
  const full = new URL(url, globalThis.location?.href);
  full.protocol = full.protocol.replace(/^http/, "ws");
  return full.href;
}
