/*
 * live.js without a browser, on sockets that do what a test says.
 */

import { readFileSync } from "node:fs";
import { mock } from "node:test";

const source = readFileSync(new URL("../../cmd/live/internal/demo/web/live.js", import.meta.url), "utf8");
export const { backoff, comesBackAfter, connect } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/** A WebSocket whose other side is the test. */
export class Socket {
  /** All that were made since begin(). */
  static made = [];

  /** The frames that the client sent. */
  sent = [];

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    Socket.made.push(this);
  }

  send(frame) {
    this.sent.push(frame);
  }

  close(code) {
    this.closed ??= true;
    this.code ??= code;
  }

  /** Lets the client in, with a welcome. */
  welcome() {
    this.onopen();
    this.says({ event: "welcome", data: { session: "S" } });
  }

  /** Sends the client a frame. */
  says(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  /** Ends the connection from the server's side. */
  ends(code, reason = "") {
    this.onclose({ code, reason });
  }

  /** Returns what the client asked for with an operation, the newest last. */
  asked(op) {
    return this.sent.map((frame) => JSON.parse(frame)).filter((frame) => frame.op === op);
  }

  /** Answers the newest request of an operation. */
  answers(op, result) {
    this.says({ id: this.asked(op).at(-1).id, result });
  }
}

/** Starts a connection in a time that stands still; its first socket is made. */
export async function begin() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  Socket.made = [];
  const live = connect("ws://example.test/ws", { WebSocket: Socket });
  await null; // the first attempt follows in a microtask
  return live;
}

/** Resolves when all that follows from what was heard has been done. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
