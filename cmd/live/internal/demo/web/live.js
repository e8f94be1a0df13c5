/*
 * live.js: a connection to a Live server that comes back by itself and misses nothing.
 *
 * One file without dependencies, for any page:
 *
 *   <script type="module">
 *     import { connect } from "/live.js";
 *
 *     const live = connect("/ws?name=Ada");
 *     live.subscribe("chat:lobby", {
 *       publication: (data) => console.log(data.from, data.text),
 *       gap: () => console.log("(something was lost)"),
 *     }, { last: 50 });
 *     await live.publish("chat:lobby", { text: "hello" });
 *   </script>
 *
 * A lost connection is tried again after a random part of a delay that doubles from one
 * second to thirty, so that many clients do not come back at the same moment. Then every
 * subscription goes on where it was: what was published meanwhile comes first, in order,
 * as far as the topic's history has it; what it has no more is told as a gap. A request
 * that a lost connection leaves without an answer is rejected: the page decides whether
 * to ask again (with the same `dedup`, a publication is made once).
 */

/** The delay before the first new attempt is up to `first`, and doubles up to `most`: milliseconds. */
export const delays = { first: 1000, most: 30_000 };

/** A connection that lasted this long starts again from the first delay: milliseconds. */
const STABLE_AFTER = 5000;

/** An attempt or a request that has come to nothing after this long is given up: milliseconds. */
const PATIENCE = 10_000;

/** A connection on which nothing was heard for this long is asked for a sign of life: milliseconds. */
const SILENCE = 25_000;

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

/** Why a request failed: `code` is the server's, or "disconnected" where no answer came. */
export class RequestError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
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
 *   open     ()              connected, the first time or again; requests made here come before the subscriptions
 *   message  (topic, data)   something came that no subscription takes: what the program sent to this client
 *   state    (state)         the state changed; `code` and `reason` say how the last connection ended
 */
export class Connection {
  state = "connecting";
  retryAt = 0;
  code = 0;
  reason = "";
  session = ""; // the server's name for this connection, once it is open

  #url;
  #options;
  #client = randomID(); // by which the server knows us again
  #socket = null;
  #attempts = 0; // since the last stable connection
  #openedAt = 0;
  #heardAt = 0;
  #timer = 0; // the next attempt, or the end of the present one
  #watcher = 0; // looks for silence while the connection is open
  #lastID = 0;
  #requests = new Map(); // by id: {resolve, reject, timer}
  #subscriptions = new Map(); // by topic
  #handlers = { open: new Set(), message: new Set(), state: new Set() };

  /**
   * @param url      absolute (wss://…) or relative to the page ("/ws"), or a function that returns it for each attempt
   * @param options  protocols: offered besides live.v1; WebSocket: another implementation
   */
  constructor(url, options = {}) {
    this.#url = typeof url === "function" ? url : () => url;
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

  /**
   * Subscribes to a topic, now and after each reconnect, until the function `unsubscribe`
   * of what is returned is called. One subscription per topic.
   *
   * @param handlers  each optional:
   *   publication (data, {seq, key, recovered})  recovered: it was published while we were away, or before we came
   *   subscribed  (result, again)                the server's answer; again: after a reconnect
   *   event       (name, data)                   join, leave, update, count: who is there
   *   gap         (lost)                         publications are missing here: {from, to}, {count} or {}
   *   refused     (error)                        a RequestError; the subscription has ended
   * @param options   last: begin with the newest so many; presence: tell who is there
   */
  subscribe(topic, handlers, { last = 0, presence = false } = {}) {
    const subscription = { topic, handlers, last, presence, epoch: "", seq: 0, head: 0, known: false };
    this.#subscriptions.set(topic, subscription);
    if (this.state === "open") this.#subscribe(subscription);
    return { topic, unsubscribe: () => this.#unsubscribe(subscription) };
  }

  /** Publishes; resolves with the position, {epoch, seq}, on topics with history. Options: key, dedup, echo. */
  publish(topic, data, options = {}) {
    return this.#request({ op: "publish", topic, data, ...options });
  }

  /** Asks for what a topic remembers: {epoch, seq, publications}. Options: since, before, limit. */
  history(topic, options = {}) {
    return this.#request({ op: "history", topic, ...options });
  }

  /** Asks who is on a topic: {members, count}. */
  presence(topic) {
    return this.#request({ op: "presence", topic });
  }

  /** Asks the program behind the server something. */
  call(name, data = null) {
    return this.#request({ op: "call", topic: name, data });
  }

  /** Hands in a new token before the old one runs out: resolves with {expires}. */
  auth(token) {
    return this.#request({ op: "auth", data: { token } });
  }

  /** Sends a message to the program. Returns false, and does nothing, unless the connection is open. */
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

  #request(frame) {
    if (this.state !== "open") return Promise.reject(new RequestError("disconnected", "There is no connection."));
    const id = ++this.#lastID;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.reconnect(), PATIENCE);
      this.#requests.set(id, { resolve, reject, timer });
      this.#socket.send(JSON.stringify({ id, ...frame }));
    });
  }

  /** Subscribes for the first time, or goes on where it was. */
  #subscribe(subscription) {
    const { topic, presence, last, known, epoch, seq } = subscription;
    const frame = { op: "subscribe", topic };
    if (presence) frame.presence = true;
    if (epoch) frame.since = { epoch, seq };
    else if (last) frame.last = last;
    this.#request(frame).then((result) => {
      if (this.#subscriptions.get(topic) !== subscription) return;
      Object.assign(subscription, { epoch: result.epoch ?? "", seq: result.seq ?? 0, head: result.head ?? 0, known: true });
      subscription.handlers.subscribed?.(result, known);
      if (result.recovered === false && !("snapshot" in result)) subscription.handlers.gap?.(result.lost ?? {});
    }, (error) => {
      if (error.code === "disconnected" || this.#subscriptions.get(topic) !== subscription) return;
      this.#subscriptions.delete(topic);
      subscription.handlers.refused?.(error);
    });
  }

  #unsubscribe(subscription) {
    const { topic } = subscription;
    if (this.#subscriptions.get(topic) !== subscription) return;
    this.#subscriptions.delete(topic);
    this.#request({ op: "unsubscribe", topic }).catch(() => {}); // without a connection there is no subscription
  }

  #hurry() {
    if (this.state === "waiting") this.#attempt();
    else this.#ask();
  }

  /** Asks for a sign of life where nothing was heard for a while: a browser does not show pings. */
  #watch() {
    if (Date.now() - this.#heardAt > SILENCE && this.#requests.size === 0) this.#ask();
  }

  #ask() {
    this.#request({ op: "ping" }).catch(() => {}); // that none comes ends the connection
  }

  #attempt() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    const protocols = ["live.v1", ...(this.#options.protocols ?? [])];
    const socket = new (this.#options.WebSocket ?? WebSocket)(absolute(this.#url(), this.#client), protocols);
    this.#socket = socket;
    this.#timer = setTimeout(() => {
      this.#drop();
      this.#lost(1006, "no answer");
    }, PATIENCE);
    // Events of a socket that was dropped come late and mean nothing.
    const ours = (handle) => (event) => socket === this.#socket && handle(event);
    socket.onopen = ours(() => this.#opened());
    socket.onmessage = ours((event) => this.#received(JSON.parse(event.data)));
    socket.onclose = ours((event) => {
      this.#socket = null;
      if (comesBackAfter(event.code)) this.#lost(event.code, event.reason);
      else this.#end(event.code, event.reason);
    });
    this.#become("connecting");
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#openedAt = this.#heardAt = Date.now();
    this.#watcher = setInterval(() => this.#watch(), SILENCE / 5);
    this.#become("open");
    this.#emit("open");
    for (const subscription of this.#subscriptions.values()) this.#subscribe(subscription);
  }

  #received(frame) {
    this.#heardAt = Date.now();
    if ("id" in frame || "error" in frame) this.#answered(frame);
    else if ("event" in frame) this.#happened(frame);
    else this.#published(frame);
  }

  #answered({ id, result, error }) {
    const request = this.#requests.get(id);
    if (!request) return;
    this.#requests.delete(id);
    clearTimeout(request.timer);
    if (error) request.reject(new RequestError(error.code, error.message));
    else request.resolve(result);
  }

  #happened({ topic, event, data }) {
    if (event === "welcome") this.session = data.session;
    const subscription = this.#subscriptions.get(topic);
    if (!subscription) return;
    if (event === "gap") {
      if (data.epoch) Object.assign(subscription, { epoch: data.epoch, seq: 0 });
      if (data.to) subscription.seq = data.to;
      subscription.handlers.gap?.(data);
    } else if (event === "revoked") {
      this.#subscriptions.delete(topic);
      subscription.handlers.refused?.(new RequestError(data.code, data.message));
    } else {
      subscription.handlers.event?.(event, data);
    }
  }

  #published({ topic, data, seq, key }) {
    const subscription = this.#subscriptions.get(topic);
    if (!subscription) {
      this.#emit("message", topic, data);
      return;
    }
    const recovered = seq !== undefined && seq <= subscription.head;
    if (seq !== undefined) subscription.seq = seq;
    subscription.handlers.publication?.(data, { seq, key, recovered });
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
    this.#abandon();
  }

  /** The connection is over. */
  #end(code, reason) {
    clearTimeout(this.#timer);
    this.#attempts = 0;
    this.#openedAt = 0;
    this.#become("closed", code, reason);
    this.#abandon();
  }

  /** Rejects what will not be answered any more. */
  #abandon() {
    clearInterval(this.#watcher);
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const { reject, timer } of requests) {
      clearTimeout(timer);
      reject(new RequestError("disconnected", "The connection was lost before the answer came."));
    }
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
function absolute(url, client) {
  const full = new URL(url, globalThis.location?.href);
  full.protocol = full.protocol.replace(/^http/, "ws");
  if (!full.searchParams.has("client")) full.searchParams.set("client", client);
  return full.href;
}

/** Returns an id that no one else comes up with. crypto.randomUUID is missing on pages without TLS. */
export function randomID() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
