/*
 * A connection that breaks in the middle of a conversation.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Person } from "./browser.mjs";
import { Proxy } from "./proxy.mjs";
import { Server } from "./server.mjs";

/** What a browser itself writes to the console while nobody answers. */
const refused = /WebSocket connection to .* failed|ERR_CONNECTION/;

let server, browser, proxy;
before(async () => {
  server = await Server.start();
  browser = await launch();
  proxy = await Proxy.to(server.port);
});
after(async () => {
  await browser.close();
  proxy.close();
  assert.equal(await server.stop(), 0);
});

/** Mends the network, and waits until the page has noticed; without this its next attempt may be far off. */
async function mend(person) {
  proxy.mend();
  await person.page.waitForFunction(() => {
    dispatchEvent(new Event("online"));
    return document.documentElement.dataset.state === "open";
  }, null, { polling: 100 });
}

const texts = (person) => person.page.locator(".bubble").allTextContents();

test("who was cut off gets what was said meanwhile, once and in order", async () => {
  const ada = await Person.at(browser, `${proxy.url}#cut`);
  await ada.join("Ada");
  const grace = await Person.at(browser, `${server.url}#cut`);
  await grace.join("Grace");
  const said = [];
  const say = async (person, text) => {
    said.push(text);
    await person.say(text);
    await grace.sees(person === grace ? "You" : "Ada", text);
  };
  for (let round = 1; round <= 3; round++) {
    await say(ada, `${round}: from Ada`);
    await say(grace, `${round}: before the cut`);
    proxy.cut();
    for (let n = 1; n <= 5; n++) await say(grace, `${round}: while away, ${n}`);
    await mend(ada);
    await ada.sees("Grace", `${round}: while away, 5`);
    await say(grace, `${round}: after`);
    await ada.sees("Grace", `${round}: after`);
  }
  assert.deepEqual(await texts(ada), said);
  assert.deepEqual(await texts(grace), said);
  await ada.notes("You are back. While you were away 5 messages were written:");
  assert.equal(await ada.page.locator(".recovered").count(), 15);
  assert.equal(await grace.page.locator(".note", { hasText: "left" }).count(), 0, "a short absence makes no noise");
  await ada.leave(refused);
  await grace.leave();
});

test("what is written without a connection goes out when there is one, once", async () => {
  const ada = await Person.at(browser, `${proxy.url}#unsent`);
  await ada.join("Ada");
  const grace = await Person.at(browser, `${server.url}#unsent`);
  await grace.join("Grace");
  await ada.say("before");
  await grace.sees("Ada", "before");
  proxy.cut();
  await ada.state(/Reconnecting/);
  await ada.say("one");
  await ada.say("two");
  await grace.say("meanwhile");
  await grace.sees("You", "meanwhile");
  await mend(ada);
  await grace.sees("Ada", "two");
  await ada.sees("You", "two");
  assert.deepEqual(await texts(grace), ["before", "meanwhile", "one", "two"]);
  assert.deepEqual(await texts(ada), ["before", "meanwhile", "one", "two"]);
  await ada.leave(refused);
  await grace.leave();
});
