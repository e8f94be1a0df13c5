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
 *
 * A server that is about to end says so in time. Then the next connection is made, to
 * another one, while the old connection goes on: the state stays "open", and each
 * subscription moves when the new one has answered. On topics with history nothing is
 * missing or there twice. On others what is published at that moment may be, and so may
 * messages that belong to no subscription.
 */

/** The delay before the first new attempt is up to `first`, and doubles up to `most`: milliseconds. */
export const delays = { first: 1000, most: 30_000 };

/** A connection that lasted this long starts again from the first delay: milliseconds. */
const STABLE_AFTER = 5000;

/** An attempt or a request that has come to nothing after this long is given up: milliseconds. */
const PATIENCE = 10_000;

/** A connection that another one replaces is kept for answers on their way no longer than this: milliseconds. */
const LINGER = 5000;

/** A connection on which nothing was heard for this long is asked for a sign of life: milliseconds. */
const SILENCE = 25_000;

/** A timer cannot wait longer: milliseconds. */
const LONGEST = 2 ** 31 - 1;

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
 *   open     ()              connected, the first time, again, or to another server while the state stays "open";
 *                            requests made here come before the subscriptions
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
  #link = null; // what requests go to, while the state is open
  #next = null; // the attempt under way, perhaps to replace #link
  #old = new Set(); // links that were replaced, and are still good for something
  #attempts = 0; // since the last stable connection
  #timer = 0; // the next attempt, or the end of the present one
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
    queueMicrotask(() => this.state === "connecting" && this.#attempt());
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
   *   subscribed  (result, again, moved)         the server's answer; again: not for the first time; moved: on a
   *                                              connection that replaced an open one, so that we were never away
   *   event       (name, data)                   join, leave, update, count: who is there
   *   gap         (lost)                         publications are missing here: {from, to}, {count}, {epoch} or {}
   *   current     ()                             what there was has come: what follows is new
   *   refused     (error)                        a RequestError; the subscription has ended
   * @param options   last: begin with the newest so many; presence: tell who is there
   */
  subscribe(topic, handlers = {}, { last, presence } = {}) {
    if (this.#subscriptions.has(topic)) throw new Error(`${topic} is subscribed to already`);
    const subscription = { topic, handlers, last, presence, epoch: "", seq: 0, head: 0, past: 0, known: false, asked: null, link: null };
    this.#subscriptions.set(topic, subscription);
    if (this.state === "open") this.#subscribe(this.#link, [subscription]);
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
    this.#link.send({ topic, data });
    return true;
  }

  /** Ends the connection for good. */
  close() {
    this.#end(1000, "closed by the page");
  }

  /** Connects now, without waiting any longer, also after the connection was closed for good. */
  retry() {
    if (this.state === "waiting" || this.state === "closed") this.#attempt();
  }

  /** Gives up an open connection that seems dead, and makes a new one. */
  reconnect() {
    if (this.state === "open") this.#link.giveUp();
  }

  async #request(frame) {
    if (this.state !== "open") throw new RequestError("disconnected", "There is no connection.");
    const { result, error } = await new Promise((resolve) => this.#link.ask(frame, resolve));
    if (error) throw new RequestError(error.code, error.message);
    return result;
  }

  #hurry() {
    if (this.state === "waiting") this.#attempt();
    else if (this.state === "open") this.#link.ping();
  }

  #attempt() {
    if (this.#next) return;
    clearTimeout(this.#timer);
    const protocols = ["live.v1", ...(this.#options.protocols ?? [])];
    const socket = new (this.#options.WebSocket ?? WebSocket)(absolute(this.#url(), this.#client), protocols);
    const link = new Link(socket, {
      // Who refuses us lets us in first, to say why: what works is not let go of for that.
      opened: () => this.#link || this.#adopt(link),
      heard: (frame) => this.#heard(link, frame),
      ended: (code, reason) => this.#ended(link, code, reason),
    });
    this.#next = link;
    this.#timer = setTimeout(() => link.giveUp(), PATIENCE);
    if (!this.#link) this.#become("connecting");
  }

  /** From now on requests go to this link. One that it replaces is kept until nothing comes of it any more. */
  #adopt(link) {
    clearTimeout(this.#timer);
    const old = this.#link;
    this.#link = link;
    this.#next = null;
    link.replaces = old !== null;
    const before = [...this.#subscriptions.values()]; // those made in a handler are asked for there
    if (old) {
      this.#old.add(old);
      old.timer = setTimeout(() => this.#letGo(old), LINGER);
    } else {
      this.#become("open");
    }
    this.#emit("open");
    this.#subscribe(link, before.filter((subscription) => this.#has(subscription)));
    this.#tidy();
  }

  /** Lets go of the old links that nothing is expected of any more. */
  #tidy() {
    if (this.#old.size === 0) return;
    const wanted = new Set([...this.#subscriptions.values()].map(({ link }) => link));
    for (const old of this.#old) if (old.idle && !wanted.has(old)) this.#letGo(old);
  }

  #letGo(old) {
    this.#old.delete(old);
    clearTimeout(old.timer);
    old.close();
  }

  #heard(link, frame) {
    if (link === this.#next) this.#adopt(link);
    if ("id" in frame) this.#tidy();
    else if ("event" in frame) this.#happened(link, frame);
    else if ("topic" in frame) this.#published(link, frame);
  }

  /** The server asks us to go elsewhere after so many milliseconds. */
  #drain(link, after) {
    if (link.told) return;
    link.told = true;
    if (link.lasted) this.#attempts = 0;
    // A server that sends us round in circles is not asked faster and faster.
    const least = this.#attempts > 0 ? backoff(this.#attempts - 1) : 0;
    this.#attempts++;
    this.#timer = setTimeout(() => this.#attempt(), Math.max(least, Math.min(after || 0, LONGEST)));
  }

  /** A link is gone, or an attempt failed. */
  #ended(link, code, reason) {
    if (this.#old.delete(link)) return clearTimeout(link.timer);
    const back = comesBackAfter(code);
    if (link === this.#next) {
      this.#next = null;
      clearTimeout(this.#timer);
      if (!this.#link) return back ? this.#wait(code, reason) : this.#end(code, reason);
      // The old link works still. Where it will end anyway we need not be told again that we are refused.
      if (back) this.#timer = setTimeout(() => this.#attempt(), backoff(this.#attempts++));
      return;
    }
    this.#link = null;
    if (!back) return this.#end(code, reason);
    if (link.lasted || link.told) this.#attempts = 0;
    if (this.#next) this.#become("connecting", code, reason);
    else this.#wait(code, reason);
  }

  /** Tries again later. */
  #wait(code, reason) {
    clearTimeout(this.#timer);
    const wait = backoff(this.#attempts++);
    this.#timer = setTimeout(() => this.#attempt(), wait);
    this.retryAt = Date.now() + wait;
    this.#become("waiting", code, reason);
  }

  /** The connection is over. */
  #end(code, reason) {
    clearTimeout(this.#timer);
    for (const link of [...this.#links(), this.#next]) {
      clearTimeout(link?.timer);
      link?.close();
    }
    this.#link = this.#next = null;
    this.#old.clear();
    this.#attempts = 0;
    this.#become("closed", code, reason);
  }

  /** Returns the links that are open: more than one while subscriptions move. */
  #links() {
    return this.#link ? [this.#link, ...this.#old] : [...this.#old];
  }

  /** Subscribes for the first time, or goes on where it was: those that ask for the same in one frame. */
  #subscribe(link, subscriptions) {
    if (link !== this.#link) return;
    const kind = ({ presence, last, epoch }) => JSON.stringify({ presence, last: epoch ? undefined : last });
    for (const members of new Set(subscriptions.map(kind))) {
      const alike = subscriptions.filter((subscription) => kind(subscription) === members);
      while (alike.length > 0) this.#subscribeTogether(link, JSON.parse(members), alike.splice(0, TOGETHER));
    }
  }

  #subscribeTogether(link, members, subscriptions) {
    const topics = Object.fromEntries(subscriptions.map(({ topic, epoch, seq }) => [topic, epoch ? { epoch, seq } : null]));
    for (const one of subscriptions) {
      one.asked = link;
      link.topics.add(one.topic);
    }
    link.ask({ op: "subscribe", topics, ...members }, ({ result, error }) => {
      if (error?.code === "disconnected") return;
      for (const one of subscriptions) {
        if (!this.#has(one) || one.asked !== link) continue; // it has ended, or is asked for elsewhere
        const answer = result?.topics[one.topic] ?? { error };
        safely(() => (answer.error ? this.#refused(one, link, answer.error) : this.#subscribed(one, link, answer, topics[one.topic])));
      }
    });
  }

  /** The subscription goes on with this link: what comes on another does not count any more. */
  #subscribed(subscription, link, result, since) {
    const { handlers, known } = subscription;
    const { epoch = "", seq = 0, head = 0 } = result;
    const moved = known && link.replaces;
    const failed = result.recovered === false && !("snapshot" in result);
    // Of the same stream we may have heard more meanwhile, on an old link.
    const same = epoch !== "" && epoch === subscription.epoch && !("snapshot" in result) &&
      !(failed && since?.epoch === epoch && !result.lost?.to);
    const heard = same ? subscription.seq : 0;
    const lost = failed && (!same || seq > heard) ? missing(result.lost ?? {}, heard) : null;
    const past = moved && same ? subscription.past : head;
    Object.assign(subscription, { link, epoch, seq: Math.max(seq, heard), head, past, known: true });
    handlers.subscribed?.(result, known, moved);
    if (lost) handlers.gap?.(lost);
    if (subscription.seq >= head) handlers.current?.();
  }

  #refused(subscription, link, { code, message }) {
    if (!PASSING.has(code)) {
      link.topics.delete(subscription.topic);
      this.#unsubscribe(subscription);
      subscription.handlers.refused?.(new RequestError(code, message));
      return;
    }
    const again = () => this.#has(subscription) && this.#subscribe(link, [subscription]);
    setTimeout(again, delays.first + backoff(1));
  }

  #unsubscribe(subscription) {
    if (!this.#has(subscription)) return;
    const { topic } = subscription;
    this.#subscriptions.delete(topic);
    for (const link of this.#links()) {
      if (!link.topics.has(topic)) continue;
      link.ask({ op: "unsubscribe", topic }, () => this.#subscriptions.has(topic) || link.topics.delete(topic));
    }
  }

  #has(subscription) {
    return this.#subscriptions.get(subscription.topic) === subscription;
  }

  #happened(link, { topic, event, data }) {
    if (topic === undefined) {
      if (event === "drain") this.#drain(link, data?.reconnect_ms);
      return;
    }
    const subscription = this.#subscriptions.get(topic);
    if (subscription?.link !== link) return;
    if (event === "gap") {
      const { epoch, to } = data; // with an epoch all that follows is of that, from its beginning
      const lost = missing(data, subscription.seq);
      if (lost) this.#pass(subscription, epoch ? subscription.head : to, () => {
        if (epoch) Object.assign(subscription, { epoch, seq: 0, head: 0, past: 0 });
        subscription.handlers.gap?.(lost);
      });
    } else if (event === "revoked") {
      this.#refused(subscription, link, data);
    } else {
      subscription.handlers.event?.(event, data);
    }
  }

  #published(link, { topic, data, seq, key }) {
    const subscription = this.#subscriptions.get(topic);
    if (!subscription) {
      if (this.#isForNone(link, topic)) this.#emit("message", topic, data);
      return;
    }
    if (subscription.link !== link || seq <= subscription.seq) return;
    const about = { seq, key, recovered: seq <= subscription.past };
    this.#pass(subscription, seq, () => subscription.handlers.publication?.(data, about));
  }

  /** Reports whether something without a subscription is a message: not a rest of what has ended or moved. */
  #isForNone(link, topic) {
    if (link.topics.has(topic)) return false;
    if (this.#old.size === 0) return true;
    const wild = [...this.#subscriptions.values()].filter((one) => matches(one.topic, topic));
    return wild.length === 0 || wild.some((one) => one.link === link);
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

  #become(state, code = this.code, reason = this.reason) {
    Object.assign(this, { state, code, reason });
    this.#emit("state", state);
  }

  #emit(event, ...values) {
    for (const handler of this.#handlers[event]) handler(...values);
  }
}

/** One socket, and the requests that wait for an answer on it. */
class Link {
  topics = new Set(); // asked for here, and not left yet
  replaces = false; // it was opened beside another one
  told = false; // that the server is about to end
  timer = 0; // when it is let go of, after it was replaced
  #socket;
  #heard;
  #ended;
  #over = false;
  #openedAt = 0;
  #lastID = 0;
  #requests = new Map(); // by id: what takes the answer
  #watch = 0; // what to do about silence

  /** @param handlers  opened (), heard (frame) after its answer was taken if it is one, ended (code, reason) */
  constructor(socket, { opened, heard, ended }) {
    this.#socket = socket;
    this.#heard = heard;
    this.#ended = ended;
    // Events of a socket that was let go of come late and mean nothing.
    const ours = (handle) => (event) => this.#over || handle(event);
    socket.onopen = ours(() => {
      this.#openedAt = Date.now();
      this.#listen();
      opened();
    });
    socket.onmessage = ours(({ data }) => this.#received(JSON.parse(data)));
    socket.onclose = ours(({ code, reason }) => {
      this.close();
      ended(code, reason);
    });
  }

  /** Whether it was open long enough to count as stable. */
  get lasted() {
    return this.#openedAt > 0 && Date.now() - this.#openedAt > STABLE_AFTER;
  }

  /** Whether no request waits for an answer. */
  get idle() {
    return this.#requests.size === 0;
  }

  send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** Sends a request; done gets {result} or {error}, whose code is "disconnected" where no answer comes. */
  ask(frame, done) {
    const id = ++this.#lastID;
    this.send({ id, ...frame });
    this.#requests.set(id, done);
    if (this.#requests.size === 1) this.#listen(); // from now on silence means something
  }

  /** Asks for a sign of life: a browser does not show pings. That none comes ends the link. */
  ping() {
    this.ask({ op: "ping" }, () => {});
  }

  /** Ends a link that seems dead. */
  giveUp() {
    this.close();
    this.#ended(1006, "no answer");
  }

  /** Lets go of the socket, and of whatever it may still report. */
  close() {
    this.#over = true;
    clearTimeout(this.#watch);
    this.#socket.close(1000);
    const error = { code: "disconnected", message: "The connection was lost before the answer came." };
    for (const done of this.#requests.values()) done({ error });
    this.#requests.clear();
  }

  /** Something was heard, or asked: begins to wait anew, for an answer or for a silence. */
  #listen() {
    clearTimeout(this.#watch);
    if (this.idle) this.#watch = setTimeout(() => this.ping(), SILENCE);
    else this.#watch = setTimeout(() => this.giveUp(), PATIENCE);
  }

  #received(frame) {
    const done = this.#requests.get(frame.id);
    this.#requests.delete(frame.id);
    this.#listen();
    done?.(frame);
    this.#heard(frame);
  }
}

/** Returns what of a gap is news to who has heard all up to seq, and null if nothing is. */
function missing(gap, seq) {
  if (gap.to === undefined) return gap;
  return gap.to > seq ? { ...gap, from: Math.max(gap.from, seq + 1) } : null;
}

/** Reports whether a wildcard matches the topic: * is one segment, ** at the end all that is left. */
function matches(wildcard, topic) {
  const [want, have] = [wildcard.split(":"), topic.split(":")];
  const open = want.at(-1) === "**";
  if (open ? have.length < want.length : have.length !== want.length) return false;
  return want.every((segment, i) => segment === "*" || segment === have[i] || (open && i === want.length - 1));
}

/** Lets what fails in the page's hands fail there, so that the rest is done all the same. */
function safely(tell) {
  try {
    tell();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
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
