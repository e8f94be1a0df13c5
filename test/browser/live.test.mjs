/*
 * live.js without a browser: when it comes back, and when it does not.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, mock, test } from "node:test";

const source = readFileSync(new URL("../../cmd/live/internal/demo/web/live.js", import.meta.url), "utf8");
const { backoff, comesBackAfter, connect } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

/** A WebSocket that does what the test says. */
class Socket {
  static made = [];
  sent = [];
  constructor(url) {
    this.url = url;
    Socket.made.push(this);
  }
  send(frame) {
    this.sent.push(frame);
  }
  close() {
    this.closed = true;
  }
}

let live, states;
beforeEach(async () => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  Socket.made = [];
  states = [];
  live = connect("ws://example.test/ws", { WebSocket: Socket });
  live.on("state", (state) => states.push(state));
  await null; // the first attempt follows in a microtask
});

const newest = () => Socket.made.at(-1);

test("a client comes back after the codes that ask for it, and after no others", () => {
  const back = [1001, 1006, 1011, 1012, 1013, 4000, 4001, 4008, 4499];
  const gone = [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1014, 1015, 3000, 3999, 4500, 4501, 4503, 4999];
  for (const code of back) assert.equal(comesBackAfter(code), true, `after ${code}`);
  for (const code of gone) assert.equal(comesBackAfter(code), false, `after ${code}`);
});

test("the wait is a random part of a delay that doubles from one second to thirty", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 100].map((n) => backoff(n, () => 1));
  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  assert.equal(backoff(3, () => 0), 0);
  assert.equal(backoff(3, () => 0.5), 4000);
});

test("frames go both ways as topic and data", () => {
  const heard = [];
  live.on("message", (topic, data) => heard.push([topic, data]));
  newest().onopen();
  assert.equal(live.send("chat:lobby", { text: "hi" }), true);
  assert.equal(live.send("rooms"), true);
  assert.deepEqual(newest().sent, ['{"topic":"chat:lobby","data":{"text":"hi"}}', '{"topic":"rooms","data":null}']);
  newest().onmessage({ data: '{"topic":"chat:lobby","data":[1]}' });
  assert.deepEqual(heard, [["chat:lobby", [1]]]);
});

test("nothing is queued while there is no connection", () => {
  assert.equal(live.send("chat:lobby", {}), false);
  newest().onopen();
  newest().onclose({ code: 1006, reason: "" });
  assert.equal(live.send("chat:lobby", {}), false);
  assert.deepEqual(newest().sent, []);
});

test("a lost connection is made again, and open is emitted each time", () => {
  let opened = 0;
  live.on("open", () => opened++);
  newest().onopen();
  newest().onclose({ code: 1006, reason: "" });
  assert.equal(live.state, "waiting");
  assert.ok(live.retryAt <= Date.now() + 1000);
  mock.timers.tick(1000);
  assert.equal(Socket.made.length, 2);
  newest().onopen();
  assert.equal(opened, 2);
  assert.deepEqual(states, ["connecting", "open", "waiting", "connecting", "open"]);
});

test("the delay grows until a connection has lasted", () => {
  mock.method(Math, "random", () => 1);
  const wait = () => live.retryAt - Date.now();
  const seen = [];
  for (let n = 0; n < 3; n++) {
    newest().onopen(); // accepted, and dropped at once
    newest().onclose({ code: 1013, reason: "" });
    seen.push(wait());
    mock.timers.tick(wait());
  }
  newest().onopen();
  mock.timers.tick(5001);
  newest().onclose({ code: 1006, reason: "" });
  seen.push(wait());
  mock.restoreAll();
  assert.deepEqual(seen, [1000, 2000, 4000, 1000]);
});

test("a connection that was ended for good stays ended until retry", () => {
  newest().onopen();
  newest().onclose({ code: 4503, reason: "not allowed to connect" });
  assert.deepEqual([live.state, live.code, live.reason], ["closed", 4503, "not allowed to connect"]);
  mock.timers.tick(120_000);
  assert.equal(Socket.made.length, 1);
  live.retry();
  assert.equal(Socket.made.length, 2);
});

test("close ends the connection, and a late event of its socket means nothing", () => {
  newest().onopen();
  live.close();
  assert.equal(newest().closed, true);
  newest().onclose({ code: 1006, reason: "" });
  newest().onmessage({ data: "late" });
  mock.timers.tick(120_000);
  assert.equal(live.state, "closed");
  assert.equal(Socket.made.length, 1);
});

test("an attempt that nobody answers is given up after ten seconds", () => {
  mock.timers.tick(10_000);
  assert.equal(newest().closed, true);
  assert.equal(live.state, "waiting");
  mock.timers.tick(1000);
  assert.equal(Socket.made.length, 2);
});

test("reconnect lets go of a connection that seems dead", () => {
  newest().onopen();
  live.reconnect();
  assert.equal(newest().closed, true);
  assert.equal(live.state, "waiting");
  live.retry();
  assert.equal(Socket.made.length, 2);
});
