// A plain WebSocket is client enough: one JSON object per frame, {"topic":…,"data":…}, both ways.
"use strict";

const byId = (id) => document.getElementById(id);
const shown = 200; // lines of the log that are kept
let socket = null;
let timer = 0;
let attempts = 0; // to reconnect, since the last that succeeded

// show adds a line on top, as text: what others send is never taken for HTML.
function show(kind, text) {
  const line = document.createElement("li");
  line.className = kind;
  line.textContent = text;
  byId("log").prepend(line);
  while (byId("log").children.length > shown) byId("log").lastChild.remove();
}

function connect() {
  clearTimeout(timer);
  if (socket) {
    socket.onclose = null;
    socket.close();
  }
  const url = new URL(byId("path").value, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  byId("state").value = "connecting …";
  socket = new WebSocket(url);
  socket.onopen = () => {
    attempts = 0;
    byId("state").value = "connected";
  };
  socket.onmessage = (event) => show("in", "← " + event.data);
  socket.onclose = (event) => {
    // After 4500 and above the server does not want this client back; otherwise later each time, and by
    // chance, so that a thousand clients do not return to a restarted server at the same moment.
    const final = event.code === 1000 || event.code >= 4500;
    const wait = (0.5 + Math.random() / 2) * Math.min(30, 2 ** attempts++);
    const next = final ? "" : `, again in ${wait.toFixed(1)} s`;
    byId("state").value = `closed, ${event.code} ${event.reason}${next}`;
    if (!final) timer = setTimeout(connect, wait * 1000);
  };
}

function send(topic, data) {
  let frame;
  try {
    frame = JSON.stringify({ topic, data: JSON.parse(data) });
  } catch (error) {
    show("", "The data is not JSON: " + error.message);
    return;
  }
  if (!socket || socket.readyState !== WebSocket.OPEN) {
    show("", "Not connected: not sent.");
    return;
  }
  socket.send(frame);
  show("out", "→ " + frame);
}

byId("connect").addEventListener("submit", (event) => {
  event.preventDefault();
  attempts = 0;
  connect();
});
byId("send").addEventListener("submit", (event) => {
  event.preventDefault();
  send(byId("topic").value, byId("data").value);
});
byId("try")?.addEventListener("click", (event) => {
  const { topic, message } = event.target.dataset;
  if (topic === undefined) return;
  byId("topic").value = topic;
  byId("data").value = message;
  send(topic, message);
});
connect();
