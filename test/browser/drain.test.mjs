/*
 * live.js when its server is about to end: it moves to another one, with all it has.
 */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { begin, settled, Socket } from "./script.mjs";

let live, states, seen;
beforeEach(async () => {
  live = await begin();
  states = [];
  seen = [];
  live.on("state", (state) => states.push(state));
});

const drain = (socket, after) => socket.says({ event: "drain", data: { reconnect_ms: after } });
const newest = () => Socket.made.at(-1);

/** Subscribes to topics that write down all they hear, on a connection that opens with these answers. */
function follow(answers, options) {
  const [first] = Socket.made;
  for (const topic of Object.keys(answers)) {
    live.subscribe(topic, {
      subscribed: (result, again, moved) => seen.push(`${topic} subscribed${again ? " again" : ""}${moved ? " moved" : ""}`),
      publication: (data, { recovered }) => seen.push(`${topic} ${data}${recovered ? " recovered" : ""}`),
      event: (name, { user }) => seen.push(`${topic} ${name} ${user}`),
      gap: (lost) => seen.push(`${topic} gap ${JSON.stringify(lost)}`),
      current: () => seen.push(`${topic} current`),
      refused: ({ code }) => seen.push(`${topic} refused ${code}`),
    }, options);
  }
  first.welcome();
  if (first.sent.length > 0) first.answers("subscribe", { topics: answers });
  seen = [];
  states = [];
  return first;
}

/** Drains a connection, and returns the one that is opened beside it. */
function moves(first) {
  const made = Socket.made.length;
  drain(first, 0);
  mock.timers.tick(0);
  assert.equal(Socket.made.length, made + 1, "another connection is made");
  newest().welcome();
  return newest();
}

const chat = { chat: { epoch: "E", seq: 4, head: 4 } };
const says = (socket, seq, topic = "chat") => socket.says({ topic, data: `text ${seq}`, seq });

test("at the moment that the server names, another connection is made, and the state stays open", () => {
  const first = follow(chat);
  drain(first, 700);
  mock.timers.tick(699);
  assert.equal(Socket.made.length, 1);
  mock.timers.tick(1);
  const second = newest();
  assert.equal(Socket.made.length, 2);
  assert.equal(second.url, first.url);
  assert.equal(first.closed, undefined);
  second.welcome();
  second.answers("subscribe", { topics: chat });
  assert.equal(first.code, 1000);
  assert.equal(second.closed, undefined);
  assert.deepEqual([live.state, states], ["open", []]);
});

test("a topic with history moves at the answer, and nothing is lost or there twice", () => {
  const first = follow(chat);
  says(first, 5);
  const second = moves(first);
  assert.deepEqual(second.asked("subscribe")[0].topics, { chat: { epoch: "E", seq: 5 } });
  says(first, 6);
  says(first, 7);
  second.answers("subscribe", { topics: { chat: { epoch: "E", seq: 5, head: 8, recovered: true } } });
  first.onmessage({ data: JSON.stringify({ topic: "chat", data: "late", seq: 8 }) });
  for (const seq of [6, 7, 8, 9]) says(second, seq);
  assert.deepEqual(seen, ["chat text 5", "chat text 6", "chat text 7", "chat subscribed again moved", "chat text 8", "chat current", "chat text 9"]);
});

test("a topic that is moved while its past still comes goes on with that", () => {
  const first = follow({ chat: { epoch: "E", seq: 4, head: 7 } });
  says(first, 5);
  const second = moves(first);
  says(first, 6);
  second.answers("subscribe", { topics: { chat: { epoch: "E", seq: 5, head: 8, recovered: true } } });
  for (const seq of [6, 7, 8]) says(second, seq);
  assert.deepEqual(seen, ["chat text 5 recovered", "chat text 6 recovered", "chat subscribed again moved", "chat text 7 recovered", "chat text 8", "chat current"]);
});

test("a topic without history moves at the answer, and so does who is there", () => {
  const first = follow({ news: {} }, { presence: true });
  const second = moves(first);
  first.says({ topic: "news", data: 1 });
  first.says({ topic: "news", event: "join", data: { user: "Ada" } });
  second.says({ topic: "news", event: "join", data: { user: "too early" } });
  second.answers("subscribe", { topics: { news: { members: [], count: 0 } } });
  second.says({ topic: "news", data: 2 });
  second.says({ topic: "news", event: "join", data: { user: "Grace" } });
  first.says({ topic: "news", event: "leave", data: { user: "Ada" } });
  assert.deepEqual(seen, ["news 1", "news join Ada", "news subscribed again moved", "news current", "news 2", "news join Grace"]);
});

test("each topic moves for itself, and the old connection is kept for those that have not", () => {
  const first = follow({ a: {}, b: {} });
  const second = moves(first);
  const [{ id }] = second.asked("subscribe");
  second.says({ id, result: { topics: { a: {}, b: { error: { code: "unavailable", message: "later" } } } } });
  assert.equal(first.closed, undefined);
  for (const socket of [first, second]) for (const topic of ["a", "b"]) socket.says({ topic, data: socket === first ? 1 : 2 });
  mock.timers.tick(3000);
  assert.deepEqual(second.asked("subscribe")[1].topics, { b: null });
  second.answers("subscribe", { topics: { b: {} } });
  assert.equal(first.code, 1000);
  assert.deepEqual(seen, ["a subscribed again moved", "a current", "b 1", "a 2", "b subscribed again moved", "b current"]);
});

test("what is missing is told once, without what came on the old connection meanwhile", () => {
  const first = follow({ ...chat, other: { epoch: "F", seq: 1, head: 1 } });
  const second = moves(first);
  for (const seq of [5, 6, 7]) says(first, seq);
  second.answers("subscribe", { topics: {
    chat: { epoch: "E", seq: 9, head: 10, recovered: false, lost: { from: 5, to: 9 } },
    other: { epoch: "G", seq: 0, head: 0, recovered: false, lost: {} },
  } });
  second.says({ topic: "chat", event: "gap", data: { from: 8, to: 9 } });
  says(second, 10);
  says(second, 1, "other");
  assert.deepEqual(seen.slice(3), [
    "chat subscribed again moved", 'chat gap {"from":8,"to":9}', "other subscribed again moved", "other gap {}", "other current",
    "chat text 10", "chat current", "other text 1",
  ]);
});

test("a gap that the old connection did not have is no gap, and a new epoch that it told of is told once", () => {
  const first = follow({ ...chat, other: { epoch: "F", seq: 1, head: 1 } });
  const second = moves(first);
  for (const seq of [5, 6, 7]) says(first, seq);
  first.says({ topic: "other", event: "gap", data: { epoch: "G" } });
  says(first, 1, "other");
  second.answers("subscribe", { topics: {
    chat: { epoch: "E", seq: 6, head: 7, recovered: false, lost: { from: 5, to: 6 } },
    other: { epoch: "G", seq: 0, head: 2, recovered: false, lost: {} },
  } });
  for (const seq of [1, 2]) says(second, seq, "other");
  assert.deepEqual(seen.slice(3), [
    'other gap {"epoch":"G"}', "other text 1", "chat subscribed again moved", "chat current", "other subscribed again moved",
    "other text 2", "other current",
  ]);
});

test("a history that was set back is told as a gap, and heard from where it is", () => {
  const second = moves(follow(chat));
  second.answers("subscribe", { topics: { chat: { epoch: "E", seq: 0, head: 1, recovered: false, lost: {} } } });
  says(second, 1);
  assert.deepEqual(seen, ["chat subscribed again moved", "chat gap {}", "chat text 1 recovered", "chat current"]);
});

test("a snapshot takes the place of what was heard, and what follows it is heard again", () => {
  const first = follow(chat);
  const second = moves(first);
  says(first, 5);
  second.answers("subscribe", { topics: { chat: { epoch: "E", seq: 4, head: 5, recovered: false, snapshot: {} } } });
  says(second, 5);
  assert.deepEqual(seen, ["chat text 5", "chat subscribed again moved", "chat text 5 recovered", "chat current"]);
});

test("a subscription that the old connection had not answered begins on the new one", () => {
  const first = follow({});
  live.subscribe("chat", { publication: (data) => seen.push(data), subscribed: (_, ...how) => seen.push(how) }, { last: 2 });
  const second = moves(first);
  first.answers("subscribe", { topics: { chat: { epoch: "E", seq: 2, head: 4 } } });
  says(first, 3);
  assert.equal(second.asked("subscribe")[0].last, 2);
  second.answers("subscribe", { topics: { chat: { epoch: "E", seq: 3, head: 5 } } });
  says(second, 4);
  assert.deepEqual(seen, [[false, false], "text 4"]);
  assert.equal(first.code, 1000);
});

test("a subscription that ends meanwhile ends on both connections, and nothing is left of it", () => {
  const first = follow({});
  live.on("message", (topic) => seen.push(topic));
  const ended = live.subscribe("a");
  live.subscribe("b", { refused: () => seen.push("b refused") });
  first.answers("subscribe", { topics: { b: {} } });
  const second = moves(first);
  ended.unsubscribe();
  for (const socket of [first, second]) {
    assert.deepEqual(socket.asked("unsubscribe").map(({ topic }) => topic), ["a"]);
    socket.says({ topic: "a", data: "late" });
  }
  const [{ id }] = second.asked("subscribe");
  second.says({ id, result: { topics: { a: {}, b: { error: { code: "forbidden", message: "no" } } } } });
  first.says({ topic: "b", data: "late" });
  assert.equal(first.asked("unsubscribe").at(-1).topic, "b");
  assert.deepEqual(seen, ["b refused"]);
});

test("what a wildcard brings is heard on one of the connections", () => {
  const first = follow({ "orders:*": {}, "log:**": {}, "a:*:c": {} });
  live.on("message", (topic, data) => seen.push(`${topic} ${data}`));
  const second = moves(first);
  const both = () => {
    for (const topic of ["orders:7", "log:a:b", "a:b:c", "orders:7:9", "own"]) {
      first.says({ topic, data: "first" });
      second.says({ topic, data: "second" });
    }
  };
  live.call("slow").catch(() => {});
  both();
  assert.deepEqual(seen, [
    "orders:7 first", "log:a:b first", "a:b:c first", "orders:7:9 first", "orders:7:9 second", "own first", "own second",
  ]);
});

test("an old connection that nothing is expected of is closed at once", () => {
  const first = follow({});
  const second = moves(first);
  assert.deepEqual([first.code, second.code], [1000, undefined]);
});

test("requests go to the new connection, and answers on their way are awaited", async () => {
  const first = follow({});
  const before = live.call("before");
  const second = moves(first);
  const after = live.call("after");
  assert.equal(live.send("say", 1), true);
  assert.equal(second.sent.at(-1), '{"topic":"say","data":1}');
  second.answers("call", "new");
  assert.equal(await after, "new");
  mock.timers.tick(4000);
  assert.equal(first.closed, undefined);
  first.answers("call", "old");
  assert.equal(await before, "old");
  assert.equal(first.code, 1000);
});

test("an answer that does not come is not awaited for long", async () => {
  const first = follow({});
  const before = live.call("before");
  before.catch(() => {});
  const second = moves(first);
  mock.timers.tick(5000);
  await assert.rejects(before, { code: "disconnected" });
  assert.equal(first.code, 1000);
  assert.deepEqual([live.state, states, second.closed], ["open", [], undefined]);
});

test("open is emitted on the new connection, and what is asked there comes before the subscriptions", () => {
  const first = follow(chat);
  live.on("open", () => live.call("name").catch(() => {}));
  const second = moves(first);
  assert.deepEqual(second.sent.map((frame) => JSON.parse(frame).op), ["call", "subscribe"]);
});

test("a new connection that is not had is tried again, while the old one goes on", () => {
  const first = follow(chat);
  drain(first, 0);
  mock.timers.tick(0);
  newest().ends(1006);
  says(first, 5);
  mock.timers.tick(2000);
  assert.equal(Socket.made.length, 3);
  mock.timers.tick(10_000); // nobody answers
  assert.equal(newest().closed, true);
  first.says({ topic: "chat", data: "alive", seq: 6 });
  mock.timers.tick(4000);
  assert.equal(Socket.made.length, 4);
  newest().onopen();
  newest().ends(1013, "full"); // let in only to be told
  says(first, 7);
  mock.timers.tick(8000);
  assert.equal(Socket.made.length, 5);
  newest().welcome();
  newest().answers("subscribe", { topics: { chat: { epoch: "E", seq: 7, head: 7, recovered: true } } });
  assert.deepEqual(seen, ["chat text 5", "chat alive", "chat text 7", "chat subscribed again moved", "chat current"]);
  assert.deepEqual([live.state, states, first.code], ["open", [], 1000]);
});

test("an old connection that ends before there is another is made again, at the first delay", () => {
  mock.method(Math, "random", () => 1);
  const first = follow(chat);
  drain(first, 0);
  mock.timers.tick(0);
  for (const wait of [2000, 4000]) {
    newest().ends(1006);
    mock.timers.tick(wait);
  }
  newest().ends(1006);
  first.ends(1001, "the server is shutting down");
  assert.deepEqual([live.state, live.code, live.retryAt - Date.now()], ["waiting", 1001, 1000]);
  mock.timers.tick(1000);
  newest().welcome();
  newest().answers("subscribe", { topics: chat });
  mock.restoreAll();
  assert.deepEqual(seen, ["chat subscribed again", "chat current"]);
  assert.deepEqual(states, ["waiting", "connecting", "open"]);
});

test("an attempt that is under way when the old connection ends is the next one", () => {
  const first = follow(chat);
  drain(first, 0);
  mock.timers.tick(0);
  first.ends(1001);
  assert.deepEqual([states, Socket.made.length], [["connecting"], 2]);
  newest().welcome();
  assert.deepEqual(states, ["connecting", "open"]);
  assert.equal(newest().asked("subscribe").length, 1);
});

test("an old connection that ends before its moment is made again", () => {
  const first = follow(chat);
  drain(first, 20_000);
  first.ends(1006);
  mock.timers.tick(1000);
  assert.equal(Socket.made.length, 2);
  newest().welcome();
  newest().answers("subscribe", { topics: chat });
  mock.timers.tick(20_000);
  assert.equal(Socket.made.length, 2, "the moment has no meaning any more");
});

test("who is refused for good on the new connection stays on the old one, and hears it when that ends", () => {
  const first = follow(chat);
  drain(first, 0);
  mock.timers.tick(0);
  newest().onopen();
  newest().ends(4503, "no");
  mock.timers.tick(20_000);
  says(first, 5);
  assert.deepEqual([live.state, Socket.made.length, seen], ["open", 2, ["chat text 5"]]);
  first.ends(1001);
  mock.timers.tick(1000);
  newest().onopen();
  newest().ends(4503, "no");
  assert.deepEqual(states, ["waiting", "connecting", "open", "closed"]);
});

test("an old connection may break once there is another", async () => {
  const first = follow(chat);
  const before = live.call("before");
  before.catch(() => {});
  const second = moves(first);
  first.ends(1006);
  await assert.rejects(before, { code: "disconnected" });
  second.answers("subscribe", { topics: { chat: { epoch: "E", seq: 4, head: 5, recovered: true } } });
  says(second, 5);
  assert.deepEqual(seen, ["chat subscribed again moved", "chat text 5", "chat current"]);
  assert.deepEqual([live.state, states], ["open", []]);
});

test("a second word of the same connection is ignored, and one of the next begins the same again", () => {
  mock.method(Math, "random", () => 0);
  const first = follow(chat);
  drain(first, 1000);
  drain(first, 0);
  mock.timers.tick(999);
  assert.equal(Socket.made.length, 1);
  mock.timers.tick(1);
  const second = newest();
  second.welcome();
  drain(first, 0);
  mock.timers.tick(0);
  assert.equal(Socket.made.length, 2);
  drain(second, 500);
  mock.timers.tick(1000);
  assert.equal(Socket.made.length, 3);
  newest().welcome();
  assert.equal(first.closed, undefined, "the topic is still taken from the first");
  says(first, 5);
  second.answers("subscribe", { topics: chat });
  says(second, 6);
  newest().answers("subscribe", { topics: { chat: { epoch: "E", seq: 4, head: 6, recovered: true } } });
  for (const seq of [5, 6]) says(newest(), seq);
  mock.restoreAll();
  assert.deepEqual([first.code, second.code], [1000, 1000]);
  assert.deepEqual(seen, ["chat text 5", "chat subscribed again moved", "chat text 6", "chat current"]);
  assert.deepEqual(states, []);
});

test("a server that sends its clients round in circles is not asked faster and faster", () => {
  mock.method(Math, "random", () => 1);
  follow({});
  const waits = [];
  for (let n = 0; n < 4; n++) {
    const made = Socket.made.length;
    drain(newest(), 0);
    let waited = 0;
    for (mock.timers.tick(0); Socket.made.length === made && waited < 60_000; waited += 500) mock.timers.tick(500);
    newest().welcome();
    waits.push(waited);
  }
  mock.timers.tick(6000);
  drain(newest(), 0);
  mock.timers.tick(0);
  assert.equal(Socket.made.length, 6, "one that has lasted is left when it says so");
  mock.restoreAll();
  assert.deepEqual(waits, [0, 1000, 2000, 4000]);
});

test("a silent connection that is to be left is given up, and made again", () => {
  const first = follow(chat);
  drain(first, 600_000);
  mock.timers.tick(25_000);
  mock.timers.tick(10_000);
  assert.equal(first.closed, true);
  assert.equal(live.state, "waiting");
});

test("close ends all connections, and the attempt at one", async () => {
  const first = follow({});
  const open = live.call("before");
  const second = moves(first);
  drain(second, 0);
  mock.timers.tick(1000);
  assert.equal(Socket.made.length, 3);
  live.close();
  await assert.rejects(open, { code: "disconnected" });
  assert.deepEqual(Socket.made.map(({ closed }) => closed), [true, true, true]);
  mock.timers.tick(120_000);
  assert.deepEqual([Socket.made.length, live.state], [3, "closed"]);
});

test("a word that cannot be understood is a word to go at once", async () => {
  const first = follow({});
  first.says({ event: "drain" });
  mock.timers.tick(0);
  assert.equal(Socket.made.length, 2);
  first.says({ event: "something else", data: 1 });
  await settled();
  assert.equal(live.state, "open");
});
