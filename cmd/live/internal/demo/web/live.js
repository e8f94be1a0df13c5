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
 * second to thirty. Then every subscription goes on where it was: what was published
 * meanwhile comes first, in order; what the server does not have any more is told as a gap.
 * A request without an answer is rejected: with the same `dedup` a publication may be sent
 * again, and is made once.
 */

/** The delay before the first new attempt is up to `first`, and doubles up to `most`: milliseconds. */
export const delays = { first: 1000, most: 30_000 };

/** A connection that lasted this long starts again from the first delay: milliseconds. */
const STABLE_AFTER = 5000;

/** An attempt or a request that has come to nothing after this long is given up: milliseconds. */
const PATIENCE = 10_000;

/** A connection on which nothing was heard for this long is asked for a sign of life: milliseconds. */
const SILENCE = 25_000;

const TOGETHER = 100; // topics in one frame: the server takes frames of a limited size

/** After these a subscription is asked for again a little later; other refusals end it. */
const PASSING = new Set(["unavailable", "rate_limited", "internal"]);

/** Connects to a Live server; see Connection. */
export function connect(url, options) {
  return new Connection(url, options);
}

/** Reports whether a client comes back after this close code: after all others the server meant it for good. */
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

  #url;
  #options;
  #client = randomID(); // by which the server knows us again
  #socket = null;
  #attempts = 0; // since the last stable connection
  #openedAt = 0;
  #timer = 0; // the next attempt, or the end of the present one
  #watch = 0; // what to do about silence while the connection is open
  #lastID = 0;
  #requests = new Map(); // by id: {resolve, reject}
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
   * Subscribes to a topic, now and after each reconnect, until `unsubscribe()` of what is returned.
   * There is one subscription per topic.
   * @param handlers  each optional:
   *   publication (data, {seq, key, recovered})  recovered: it was published while we were away, or before we came
   *   subscribed  (result, again)                the server's answer; again: after a reconnect
   *   event       (name, data)                   join, leave, update, count: who is there
   *   gap         (lost)                         publications are missing here: {from, to}, {count}, {epoch} or {}
   *   current     ()                             what there was has come: what follows is new
   *   refused     (error)                        a RequestError; the subscription has ended
   * @param options   last: begin with the newest so many; presence: tell who is there
   */
  subscribe(topic, handlers = {}, { last, presence } = {}) {
    if (this.#subscriptions.has(topic)) throw new Error(`${topic} is subscribed to already`);
    const subscription = { topic, handlers, last, presence, epoch: "", seq: 0, head: 0, known: false };
    this.#subscriptions.set(topic, subscription);
    if (this.state === "open") this.#subscribe([subscription]);
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
    if (this.state === "open") this.#giveUp();
  }

  #request(frame) {
    if (this.state !== "open") return Promise.reject(new RequestError("disconnected", "There is no connection."));
    const id = ++this.#lastID;
    return new Promise((resolve, reject) => {
      this.#requests.set(id, { resolve, reject });
      if (this.#requests.size === 1) this.#listen(); // from now on silence means something
      this.#socket.send(JSON.stringify({ id, ...frame }));
    });
  }

  /** Subscribes for the first time, or goes on where it was: those that ask for the same in one frame. */
  #subscribe(subscriptions) {
    const kind = ({ presence, last, epoch }) => JSON.stringify({ presence, last: epoch ? undefined : last });
    for (const members of new Set(subscriptions.map(kind))) {
      const alike = subscriptions.filter((subscription) => kind(subscription) === members);
      while (alike.length > 0) this.#subscribeTogether(JSON.parse(members), alike.splice(0, TOGETHER));
    }
  }

  #subscribeTogether(members, subscriptions) {
    const topics = Object.fromEntries(subscriptions.map(({ topic, epoch, seq }) => [topic, epoch ? { epoch, seq } : null]));
    const each = (tell) => subscriptions.filter((one) => this.#has(one)).forEach((one) => tell(one));
    this.#request({ op: "subscribe", topics, ...members }).then(
      (result) => each((one) => this.#subscribed(one, result.topics[one.topic])),
      ({ code, message }) => code !== "disconnected" && each((one) => this.#subscribed(one, { error: { code, message } })),
    );
  }

  #subscribed(subscription, result) {
    const { handlers, known } = subscription;
    if (result.error) return this.#refused(subscription, result.error);
    const { epoch = "", seq = 0, head = 0 } = result;
    Object.assign(subscription, { epoch, seq, head, known: true });
    handlers.subscribed?.(result, known);
    if (result.recovered === false && !("snapshot" in result)) handlers.gap?.(result.lost ?? {});
    if (seq >= head) handlers.current?.();
  }

  #refused(subscription, { code, message }) {
    if (!PASSING.has(code)) {
      this.#subscriptions.delete(subscription.topic);
      subscription.handlers.refused?.(new RequestError(code, message));
      return;
    }
    const socket = this.#socket;
    const again = () => socket === this.#socket && this.#has(subscription) && this.#subscribe([subscription]);
    setTimeout(again, delays.first + backoff(1));
  }

  #unsubscribe(subscription) {
    if (!this.#has(subscription)) return;
    this.#subscriptions.delete(subscription.topic);
    this.#request({ op: "unsubscribe", topic: subscription.topic }).catch(() => {}); // without a connection there is no subscription
  }

  #has(subscription) {
    return this.#subscriptions.get(subscription.topic) === subscription;
  }

  #hurry() {
    if (this.state === "waiting") this.#attempt();
    else this.#ask();
  }

  /** Something was heard, or asked: begins to wait anew, for an answer or for a silence. */
  #listen() {
    clearTimeout(this.#watch);
    if (this.#requests.size > 0) this.#watch = setTimeout(() => this.reconnect(), PATIENCE);
    else this.#watch = setTimeout(() => this.#ask(), SILENCE);
  }

  /** Asks for a sign of life: a browser does not show pings. */
  #ask() {
    this.#request({ op: "ping" }).catch(() => {}); // that none comes ends the connection
  }

  #attempt() {
    if (this.#socket) return;
    clearTimeout(this.#timer);
    const protocols = ["live.v1", ...(this.#options.protocols ?? [])];
    const socket = new (this.#options.WebSocket ?? WebSocket)(absolute(this.#url(), this.#client), protocols);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#giveUp(), PATIENCE);
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
    this.#openedAt = Date.now();
    this.#listen();
    const before = [...this.#subscriptions.values()]; // those made in a handler are asked for there
    this.#become("open");
    this.#emit("open");
    this.#subscribe(before.filter((subscription) => this.#has(subscription)));
  }

  #received(frame) {
    if ("id" in frame || "error" in frame) this.#answered(frame);
    this.#listen();
    if ("event" in frame) this.#happened(frame);
    else if ("topic" in frame) this.#published(frame);
  }

  #answered({ id, result, error }) {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    if (error) request?.reject(new RequestError(error.code, error.message));
    else request?.resolve(result);
  }

  #happened({ topic, event, data }) {
    const subscription = this.#subscriptions.get(topic);
    if (!subscription) return;
    if (event === "gap") {
      const { epoch, to } = data; // with an epoch all that follows is of that, from its beginning
      this.#pass(subscription, epoch ? subscription.head : to, () => {
        if (epoch) Object.assign(subscription, { epoch, seq: 0, head: 0 });
        subscription.handlers.gap?.(data);
      });
    } else if (event === "revoked") {
      this.#refused(subscription, data);
    } else {
      subscription.handlers.event?.(event, data);
    }
  }

  #published({ topic, data, seq, key }) {
    const subscription = this.#subscriptions.get(topic);
    if (!subscription) return this.#emit("message", topic, data);
    const about = { seq, key, recovered: seq <= subscription.head };
    this.#pass(subscription, seq, () => subscription.handlers.publication?.(data, about));
  }

  /** The stream has come so far, also where the page fails over what it is told. */
  #pass(subscription, seq, tell) {
    const { head, seq: before } = subscription;
    if (seq !== undefined) subscription.seq = seq;
    try {
      tell();
    } finally {
      if (before < head && seq >= head) subscription.handlers.current?.();
    }
  }

  /** The connection is gone, or an attempt failed: try again later. */
  #lost(code, reason) {
    this.#abandon();
    if (this.#openedAt && Date.now() - this.#openedAt > STABLE_AFTER) this.#attempts = 0;
    this.#openedAt = 0;
    const wait = backoff(this.#attempts++);
    this.#timer = setTimeout(() => this.#attempt(), wait);
    this.retryAt = Date.now() + wait;
    this.#become("waiting", code, reason);
  }

  /** The connection is over. */
  #end(code, reason) {
    this.#abandon();
    this.#attempts = this.#openedAt = 0;
    this.#become("closed", code, reason);
  }

  /** Rejects what will not be answered any more, and waits for nothing. */
  #abandon() {
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    const error = new RequestError("disconnected", "The connection was lost before the answer came.");
    this.#requests.forEach(({ reject }) => reject(error));
    this.#requests.clear();
  }

  #giveUp() {
    this.#drop();
    this.#lost(1006, "no answer");
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
