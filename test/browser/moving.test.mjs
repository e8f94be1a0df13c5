/*
 * What somebody does in the page while its connection moves to another server.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Person } from "./browser.mjs";
import { Server } from "./server.mjs";

let server, browser;
before(async () => {
  server = await Server.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

/** Somebody whose page is told to move by the test; `keep` says which of its frames reach the server. */
async function somebody(name, keep = () => true) {
  const person = new Person();
  person.context = await browser.newContext();
  person.links = [];
  await person.context.routeWebSocket(/\/ws\?/, (page) => {
    const link = { page, server: page.connectToServer() };
    link.closed = new Promise((resolve) => page.onClose((code) => {
      link.server.close({ code });
      resolve(code);
    }));
    page.onMessage((frame) => keep(frame, link === person.links[0]) && link.server.send(frame));
    person.links.push(link);
  });
  person.move = () => person.links.at(-1).page.send(JSON.stringify({ event: "drain", data: { reconnect_ms: 0 } }));
  await person.open(server.url);
  await person.join(name);
  await person.notes(`You joined as ${name}`);
  return person;
}

test("a text that the old connection did not carry goes out on the new one, once", async () => {
  const ada = await somebody("Ada", (frame, first) => !(first && frame.includes("just once")));
  await ada.say("just once");
  await ada.page.locator(".pending", { hasText: "just once" }).getByText("Sending").waitFor();
  ada.move();
  assert.equal(await ada.links[0].closed, 1000);
  await ada.sees("You", "just once");
  await ada.say("and on");
  await ada.sees("You", "and on");
  assert.deepEqual(await ada.page.locator(".bubble").allTextContents(), ["just once", "and on"]);
  assert.deepEqual(await ada.page.locator(".note").allTextContents(), ["You joined as Ada"]);
  assert.equal(ada.links.length, 2);
  await ada.leave();
});

test("who is changing their name is left in peace, and has the new one on the new server", async () => {
  const ada = await somebody("Ada");
  const grace = await Person.at(browser, server.url);
  await grace.join("Grace");
  await ada.page.getByRole("button", { name: "Change name" }).click();
  await ada.page.getByRole("dialog").getByLabel("Name").fill("Augu");
  ada.move();
  assert.equal(await ada.links[0].closed, 1000);
  assert.equal(await ada.page.getByRole("dialog").getByLabel("Name").inputValue(), "Augu");
  await ada.join("Augusta");
  await ada.notes("You are now called Augusta");
  ada.move();
  assert.equal(await ada.links[1].closed, 1000);
  await ada.say("hello");
  await grace.sees("Augusta", "hello");
  await ada.leave();
  await grace.leave();
});
