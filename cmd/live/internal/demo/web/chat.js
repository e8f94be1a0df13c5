/*
 * The chat: what the page does with its connection. The connection itself is
 * live.js, which knows nothing of chats.
 */

import { connect } from "/live.js";
import { $, avatar, make, tint } from "./dom.js";
import { Composer, Greeting, Sidebar } from "./forms.js";
import { Feed } from "./feed.js";
import { roomFrom } from "./names.js";
import { Outbox } from "./outbox.js";
import { Members, Rooms } from "./people.js";
import { Status } from "./status.js";
import { joinedBefore, rememberName, rememberedName } from "./storage.js";
import { Typing } from "./typing.js";

/** How much of a room's past is shown to whoever joins, in texts. */
const RECENT = 50;

let room = ""; // the one we want to be in
let name = ""; // the one we asked for
let me = ""; // the one the server knows us by; "" until it does
let inside = false; // subscribed to the room
let subscriptions = []; // to the room and to who types in it
let back = false; // inside again, after a broken connection
let unread = 0;

const live = connect(() => (name ? `/ws?name=${encodeURIComponent(name)}` : "/ws"));
new Status(live);
const members = new Members();
const outbox = new Outbox({
  send: (room, text, id) => live.publish(`chat:${room}`, { text, id }, { dedup: id }),
  changed: (entry) => feed.show(entry),
});
const feed = new Feed({
  retry: (id) => outbox.again(id),
  discard: (id) => outbox.discard(id),
});
const typing = new Typing((room) => live.publish(`typing:${room}`, null, { key: me, echo: false }).catch(() => {}));
const rooms = new Rooms((name) => (name === room ? 0 : outbox.of(name).length));
const greeting = new Greeting((asked) => {
  if (live.state !== "open") {
    greeting.ask(asked.name, asked.room, false, "No connection yet. You are in as soon as there is one.");
    live.retry();
  }
  location.hash = asked.room;
  introduce(asked.name, true);
});
const composer = new Composer({
  say: (text) => {
    typing.said();
    feed.addPending(outbox.add(room, text), me || name);
    outbox.flush();
  },
  typing: () => inside && typing.mine(room),
});
const sidebar = new Sidebar({
  go: (wanted) => (location.hash = wanted),
  rename: () => greeting.ask(name, room, true),
});

live.on("open", () => {
  if (name) introduce(name);
});
live.on("state", (state) => {
  if (state === "open" || !inside) return;
  inside = false;
  outbox.ready(null);
  typing.clear();
  document.documentElement.classList.add("stale");
});
live.subscribe("rooms", {
  subscribed: ({ snapshot }) => rooms.set(snapshot.rooms),
  publication: (data) => rooms.update(data.rooms),
});

/** Tells the server who we are, which somebody may just have said, and enters the room if we are not on the way. */
async function introduce(wanted, asked = false) {
  name = wanted;
  try {
    const answer = await live.call("name", { name: wanted });
    const renamed = me !== "" && me !== answer.name;
    name = me = answer.name;
    rememberName(name);
    showYou(name);
    if (subscriptions.length === 0) enter();
    else if (inside && asked) greeting.done();
    if (renamed && inside) feed.note("You are now called ", make("bdi", {}, me));
    members.you = me;
  } catch (error) {
    if (error.code !== "disconnected") greeting.ask(wanted, room, inside, error.message);
  }
}

/** Enters the room, with the last of what was said there. */
function enter() {
  const here = room;
  feed.clear();
  subscriptions = [
    live.subscribe(`chat:${here}`, {
      subscribed: entered,
      publication: hear,
      event: somebody,
      gap: missing,
      current: caughtUp,
      refused: ({ message }) => greeting.ask(name, here, false, message),
    }, { last: RECENT, presence: true }),
    live.subscribe(`typing:${here}`, { publication: ({ from }) => typing.theirs(from) }),
  ];
}

/** We are in, for the first time or again after a broken connection, or still, on another server. */
function entered(result, again, moved) {
  if (moved) return members.set(result.members, result.count, me);
  inside = true;
  back = again;
  document.documentElement.classList.remove("stale");
  greeting.done();
  members.set(result.members, result.count, me);
  if (!again) {
    for (const entry of outbox.of(room)) feed.addPending(entry, me);
  } else {
    const missed = result.head - result.seq;
    if (missed > 0) feed.note(`You are back. While you were away ${missed === 1 ? "one message was" : `${missed} messages were`} written:`);
    else feed.note(result.recovered ? "You are back. You missed nothing." : "You are back.");
  }
  rooms.show(room);
  showEmpty();
  composer.focus();
}

/** What was said before is all there. Only now is it known which texts of ours arrived. */
function caughtUp() {
  if (outbox.room === room) return; // nothing is new on another server
  if (!back) feed.note("You joined as ", make("bdi", {}, me));
  outbox.ready(room);
}

/** Something was said that we will not get. Texts of ours that the server has may be among it. */
function missing() {
  feed.note("Some of what was said is missing here: the server does not have it any more.");
  for (const id of feed.unconfirmed) if (!outbox.has(id)) feed.confirm(id, Date.now());
}

/** Leaves the room, if we are in one. */
function leave() {
  for (const subscription of subscriptions) subscription.unsubscribe();
  subscriptions = [];
  inside = false;
  outbox.ready(null);
  typing.clear();
}

/** Somebody came, went or changed. */
async function somebody(what, data) {
  if (what === "count") {
    const { members: list, count } = await live.presence(`chat:${room}`).catch(() => ({}));
    if (list) members.set(list, count, me);
  } else if (what === "leave") {
    members.remove(data.user);
  } else {
    members.add(data);
  }
  if (data.user !== me && (what === "join" || what === "leave")) {
    feed.note(tint(make("bdi", { className: "name" }, data.user), data.user), what === "join" ? " joined" : " left");
  }
  showEmpty();
}

/** Somebody said something, perhaps we. */
function hear(text, { recovered }) {
  typing.done(text.from);
  outbox.confirm(text.id);
  if (!feed.confirm(text.id, text.at)) feed.add(text, text.from === me, recovered && back);
  if (text.from !== me && !recovered && document.hidden) {
    unread++;
    showTitle();
  }
}

/** Goes where the address says, which may be nowhere yet. */
function follow() {
  const wanted = roomFrom(decoded(location.hash.slice(1))) || "lobby";
  if (wanted === room) return;
  leave();
  room = wanted;
  sidebar.close();
  rooms.show(room);
  $("room").textContent = room;
  showTitle();
  if (me) enter();
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function showEmpty() {
  const others = members.count - 1;
  $("alone").hidden = others > 0;
  $("company").hidden = others <= 0;
}

function showYou(name) {
  $("you").replaceChildren(avatar(name), make("bdi", { className: "your-name" }, name));
}

function showTitle() {
  document.title = `${unread ? `(${unread}) ` : ""}#${room} · live`;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  unread = 0;
  showTitle();
});
addEventListener("hashchange", follow);
addEventListener("beforeunload", (event) => outbox.size > 0 && event.preventDefault());
$("second").addEventListener("click", () => window.open(location.href, "_blank", "noopener"));

follow();
name = rememberedName();
if (!joinedBefore()) {
  const suggestion = name;
  name = "";
  greeting.ask(suggestion, room, false);
}
