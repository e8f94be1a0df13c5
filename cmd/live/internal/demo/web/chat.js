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

let room = ""; // the one we want to be in
let name = ""; // the one we asked for
let me = null; // who we are there, {id, name}; null while we are not in
let shown = ""; // the room whose conversation is on the page
let away = false; // the connection broke while we were in
let unread = 0;

const live = connect("/ws");
new Status(live);
const members = new Members();
const outbox = new Outbox({
  send: (room, text, id) => live.send(`chat:${room}`, { text, id }),
  dead: () => live.reconnect(),
  changed: (entry) => feed.show(entry),
});
const feed = new Feed({
  retry: (id) => outbox.again(id),
  discard: (id) => outbox.discard(id),
});
const rooms = new Rooms((name) => (name === room ? 0 : outbox.of(name).length));
const greeting = new Greeting((asked) => {
  name = asked.name;
  rememberName(name);
  if (live.state !== "open") {
    greeting.ask(name, asked.room, false, "No connection yet. You are in as soon as there is one.");
    live.retry();
  }
  if (asked.room === room) join();
  else location.hash = asked.room;
});
const composer = new Composer((text) => {
  feed.addPending(outbox.add(room, text), me?.name ?? name);
  outbox.flush();
});
const sidebar = new Sidebar({
  go: (wanted) => (location.hash = wanted),
  rename: () => greeting.ask(name, room, true),
});

live.on("open", () => {
  rooms.reset();
  live.send("rooms");
  join();
});
live.on("state", (state) => {
  if (state === "open" || !me) return;
  me = null;
  away = true;
  outbox.ready(null);
  document.documentElement.classList.add("stale");
});
live.on("message", (topic, data) => {
  if (topic === `chat:${room}`) hear(data);
  else if (topic === "joined" && data.room === room) joined(data);
  else if (topic === "rooms") rooms.update(data.rooms);
  else if (topic === "error") refused(data);
});

/** Enters the room, if there is a name and a connection. */
function join() {
  if (name && room) live.send("join", { room, name });
}

/** We are in: in a room, under another name, or again after a broken connection. */
function joined({ you, members: all }) {
  me = you;
  document.documentElement.classList.remove("stale");
  greeting.done();
  members.set(all, you);
  const yourName = make("bdi", {}, you.name);
  if (shown !== room) {
    shown = room;
    feed.clear();
    feed.note("You joined as ", yourName);
    for (const entry of outbox.of(room)) feed.addPending(entry, you.name);
  } else if (away) {
    feed.note("You are back. What was said while you were away is not shown.");
  } else {
    feed.note("You are now called ", yourName);
  }
  away = false;
  rooms.show(room);
  showEmpty();
  showYou(you.name);
  outbox.ready(room);
  composer.focus();
}

/** Something happened in the room. */
function hear(event) {
  if (event.type === "message") return hearText(event);
  const { type, member } = event;
  if (member.id === me?.id) return;
  const changed = type === "join" ? members.add(member) : members.remove(member);
  const who = tint(make("bdi", { className: "name" }, member.name), member.name);
  if (changed) feed.note(who, type === "join" ? " joined" : " left");
  showEmpty();
}

/** Somebody said something, perhaps we. */
function hearText(event) {
  if (feed.seen(event.id)) return;
  const entry = outbox.confirm(event.id);
  if (entry && feed.confirm(event.id)) return;
  const own = entry !== undefined || event.from.id === me?.id;
  feed.add(event, own);
  if (!own && document.hidden) {
    unread++;
    showTitle();
  }
}

/** The server did not do what we asked for. */
function refused({ id, message, code }) {
  if (id) outbox.refuse(id, code, message);
  else if (!me || greeting.open) greeting.ask(name, room, me !== null, message);
  else feed.note(message);
}

/** Goes where the address says, which may be nowhere yet. */
function follow() {
  const wanted = roomFrom(decoded(location.hash.slice(1))) || "lobby";
  if (wanted === room) return;
  room = wanted;
  me = null;
  outbox.ready(null);
  sidebar.close();
  rooms.show(room);
  $("room").textContent = room;
  showTitle();
  join();
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
