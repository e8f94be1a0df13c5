/*
 * live.js without a browser: when it comes back, and when it does not.
 */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { backoff, begin, comesBackAfter, connect, settled, Socket } from "./script.mjs";

let live, states;
beforeEach(async () => {
  live = await begin();
  states = [live.state];
  live.on("state", (state) => states.push(state));
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

/** Opens the newest connection. */
const open = () => newest().onopen();
const receive = (frame) => newest().onmessage({ data: JSON.stringify(frame) });
const sent = () => newest().sent.map((frame) => JSON.parse(frame));

test("messages go both ways as topic and data", () => {
  const heard = [];
  live.on("message", (topic, data) => heard.push([topic, data]));
  open();
  assert.equal(live.send("chat:lobby", { text: "hi" }), true);
  assert.equal(live.send("rooms"), true);
  assert.deepEqual(newest().sent, ['{"topic":"chat:lobby","data":{"text":"hi"}}', '{"topic":"rooms","data":null}']);
  receive({ topic: "chat:lobby", data: [1] });
  assert.deepEqual(heard, [["chat:lobby", [1]]]);
});

test("every attempt offers live.v1 and is made under one name", () => {
  open();
  newest().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  assert.deepEqual(Socket.made.map(({ protocols }) => protocols), [["live.v1"], ["live.v1"]]);
  assert.equal(Socket.made[0].url, Socket.made[1].url);
  assert.match(Socket.made[0].url, /^ws:..example.test.ws\?client=[0-9a-f]{24}$/);
});

test("nothing is queued while there is no connection", async () => {
  assert.equal(live.send("chat:lobby", {}), false);
  await assert.rejects(live.publish("chat:lobby", {}), { code: "disconnected" });
  open();
  newest().onclose({ code: 1006, reason: "" });
  assert.equal(live.send("chat:lobby", {}), false);
  assert.deepEqual(newest().sent, []);
});

test("a request is answered by its id, or refused with a code", async () => {
  open();
  const published = live.publish("chat:lobby", { text: "hi" }, { dedup: "d", echo: false });
  const called = live.call("name", { name: "Ada" });
  const [publish, call] = sent();
  assert.deepEqual(publish, { id: publish.id, op: "publish", topic: "chat:lobby", data: { text: "hi" }, dedup: "d", echo: false });
  receive({ id: call.id, error: { code: "forbidden", message: "no" } });
  receive({ id: publish.id, result: { epoch: "E", seq: 7 } });
  assert.deepEqual(await published, { epoch: "E", seq: 7 });
  await assert.rejects(called, { code: "forbidden", message: "no" });
});

test("a request that a lost connection leaves open is rejected", async () => {
  open();
  const ping = live.call("slow");
  newest().onclose({ code: 1006, reason: "" });
  await assert.rejects(ping, { code: "disconnected" });
});

test("a request may take long while other things are heard", () => {
  open();
  live.call("slow").catch(() => {});
  for (let second = 0; second < 60; second += 6) {
    mock.timers.tick(6000);
    receive({ topic: "news", data: second });
  }
  assert.equal(live.state, "open");
});

test("a request without an answer for ten seconds means that the connection is dead", async () => {
  open();
  const call = live.call("slow");
  call.catch(() => {});
  mock.timers.tick(10_000);
  await assert.rejects(call, { code: "disconnected" });
  assert.equal(live.state, "waiting");
});

test("a silent connection is asked for a sign of life", () => {
  open();
  mock.timers.tick(20_000);
  assert.deepEqual(sent(), []);
  mock.timers.tick(10_000);
  assert.deepEqual(sent().map(({ op }) => op), ["ping"]);
});

test("a subscription goes on where it was after a lost connection", async () => {
  const seen = [];
  live.subscribe("chat:lobby", {
    subscribed: (result, again) => seen.push(["subscribed", again]),
    publication: (data, { seq, recovered }) => seen.push([data, seq, recovered]),
    gap: (lost) => seen.push(["gap", lost]),
    event: (name, data) => seen.push([name, data]),
    current: () => seen.push(["current"]),
  }, { last: 2, presence: true });
  open();
  const [first] = sent();
  assert.deepEqual(first, { id: first.id, op: "subscribe", topics: { "chat:lobby": null }, presence: true, last: 2 });
  receive({ id: first.id, result: { topics: { "chat:lobby": { epoch: "E", seq: 3, head: 4 } } } });
  await settled();
  receive({ topic: "chat:lobby", data: "d", seq: 4 });
  receive({ topic: "chat:lobby", data: "e", seq: 5 });
  receive({ topic: "chat:lobby", event: "gap", data: { from: 6, to: 8 } });
  receive({ topic: "chat:lobby", event: "join", data: { user: "Ada" } });

  newest().onclose({ code: 4008, reason: "too slow" });
  mock.timers.tick(1000);
  open();
  const [again] = sent();
  assert.deepEqual(again.topics, { "chat:lobby": { epoch: "E", seq: 8 } });
  assert.equal("last" in again, false);
  receive({ id: again.id, result: { topics: { "chat:lobby": { epoch: "F", seq: 0, head: 1, recovered: false, lost: {} } } } });
  await settled();
  receive({ topic: "chat:lobby", data: "f", seq: 1 });
  assert.deepEqual(seen, [
    ["subscribed", false], ["d", 4, true], ["current"], ["e", 5, false], ["gap", { from: 6, to: 8 }], ["join", { user: "Ada" }],
    ["subscribed", true], ["gap", {}], ["f", 1, true], ["current"],
  ]);
});

test("all subscriptions go on in one frame for those that ask for the same", async () => {
  for (const topic of ["a", "b", "c"]) live.subscribe(topic);
  live.subscribe("d", {}, { presence: true });
  open();
  assert.deepEqual(sent().map(({ topics }) => Object.keys(topics)), [["a", "b", "c"], ["d"]]);
  const [{ id }] = sent();
  receive({ id, result: { topics: { a: { epoch: "E", seq: 1, head: 1 }, b: {}, c: { epoch: "F", seq: 2, head: 2 } } } });
  await settled();
  newest().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  open();
  assert.deepEqual(sent()[0].topics, { a: { epoch: "E", seq: 1 }, b: null, c: { epoch: "F", seq: 2 } });
});

test("what is subscribed to while the connection opens is asked for once", () => {
  live.on("open", () => live.subscribe("news"));
  open();
  assert.deepEqual(sent().map(({ topics }) => topics), [{ news: null }]);
  assert.throws(() => live.subscribe("news"), /subscribed to already/);
});

test("after a gap of a new epoch a subscription goes on in that, and is current", async () => {
  const seen = [];
  live.subscribe("news", { gap: (lost) => seen.push(lost), current: () => seen.push("current") }, { last: 3 });
  open();
  receive({ id: sent()[0].id, result: { topics: { news: { epoch: "E", seq: 4, head: 7 } } } });
  await settled();
  receive({ topic: "news", event: "gap", data: { epoch: "F" } });
  receive({ topic: "news", data: "a", seq: 1 });
  newest().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  open();
  assert.deepEqual(sent()[0].topics, { news: { epoch: "F", seq: 1 } });
  assert.deepEqual(seen, [{ epoch: "F" }, "current"]);
});

test("a subscription that cannot be had for the moment is asked for again", async () => {
  live.subscribe("news", { refused: () => assert.fail("it is not refused for good") });
  open();
  receive({ id: sent()[0].id, error: { code: "unavailable", message: "later" } });
  await settled();
  mock.timers.tick(3000);
  assert.deepEqual(sent().map(({ topics }) => topics), [{ news: null }, { news: null }]);
});

test("a page that fails over a publication does not get it again", async () => {
  live.subscribe("news", { publication: () => { throw new Error("broken page"); } });
  open();
  receive({ id: sent()[0].id, result: { topics: { news: { epoch: "E", seq: 1, head: 1 } } } });
  await settled();
  assert.throws(() => receive({ topic: "news", data: 1, seq: 2 }), /broken page/);
  newest().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  open();
  assert.deepEqual(sent()[0].topics, { news: { epoch: "E", seq: 2 } });
});

test("a page that fails over one answer gets the others", async () => {
  const seen = [];
  const failures = mock.method(globalThis, "queueMicrotask", (fail) => assert.throws(fail, /broken page/));
  live.subscribe("a", { subscribed: () => { throw new Error("broken page"); } });
  live.subscribe("b", { subscribed: () => seen.push("b") });
  open();
  receive({ id: sent()[0].id, result: { topics: { a: {}, b: {} } } });
  assert.deepEqual([seen, failures.mock.callCount()], [["b"], 1]);
  mock.restoreAll();
});

test("a publication that comes in one turn with the answer moves the position", () => {
  const seen = [];
  live.subscribe("news", { publication: (data) => seen.push(data) }, { last: 1 });
  open();
  receive({ id: sent()[0].id, result: { topics: { news: { epoch: "E", seq: 6, head: 7 } } } });
  receive({ topic: "news", data: "a", seq: 7 });
  newest().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  open();
  assert.deepEqual([seen, sent()[0].topics], [["a"], { news: { epoch: "E", seq: 7 } }]);
});

test("a subscription that is refused or ended has ended, and is not asked for again", async () => {
  const refused = [];
  const ended = live.subscribe("a", { refused: () => refused.push("a") });
  live.subscribe("b", { refused: ({ code }) => refused.push(["b", code]) });
  open();
  const [{ id }] = sent();
  receive({ id, result: { topics: { a: {}, b: { error: { code: "forbidden", message: "no" } } } } });
  await settled();
  ended.unsubscribe();
  assert.equal(sent().at(-1).op, "unsubscribe");
  newest().onclose({ code: 1006, reason: "" });
  mock.timers.tick(1000);
  open();
  await settled();
  assert.deepEqual(sent(), []);
  assert.deepEqual(refused, [["b", "forbidden"]]);
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

test("what is closed at once is never connected, until retry", async () => {
  for (const made of [1, 2]) {
    const other = connect("ws://example.test/ws", { WebSocket: Socket });
    other.close();
    if (made === 2) other.retry();
    await null;
    assert.equal(Socket.made.length, made);
  }
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
