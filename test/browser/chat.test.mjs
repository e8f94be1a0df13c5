/*
 * Two people and their rooms.
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
  await browser.close();
  assert.equal(await server.stop(), 0, "the server leaves cleanly");
});

test("two people hear each other, with names, in order", async () => {
  const ada = await Person.at(browser, server.url);
  await ada.join("Ada");
  await ada.page.getByRole("heading", { name: "Open this page in a second window" }).waitFor();
  const grace = await Person.at(browser, server.url);
  await grace.join("Grace");
  await ada.notes("Grace joined");

  await ada.say("Hello, Grace");
  await grace.sees("Ada", "Hello, Grace");
  await grace.say("Hello, Ada");
  await ada.sees("Grace", "Hello, Ada");
  await ada.sees("You", "Hello, Grace");
  for (const text of ["one", "two", "three"]) await grace.say(text);
  await ada.sees("Grace", "three");
  assert.deepEqual(await ada.page.locator(".bubble").allTextContents(), ["Hello, Grace", "Hello, Ada", "one", "two", "three"]);
  assert.equal(await ada.page.locator("#empty").isVisible(), false);

  const side = (selector) => ada.page.locator(selector).evaluate((element) => element.getBoundingClientRect().x);
  assert.ok(await side(".own .bubble >> nth=0") > await side(".other .bubble >> nth=0"), "own texts stand on the right");
  assert.deepEqual(await ada.members(), ["Ada", "Grace"]);

  await grace.leave();
  await ada.notes("Grace left");
  assert.deepEqual(await ada.members(), ["Ada"]);
  await ada.leave();
});

test("what is said in a room stays there, and the address is the room", async () => {
  const ada = await Person.at(browser, `${server.url}#kitchen`);
  assert.equal(await ada.page.getByLabel("Room", { exact: true }).inputValue(), "kitchen");
  await ada.join("Ada");
  const grace = await Person.at(browser, server.url);
  await grace.join("Grace", "Garden Shed");
  assert.match(grace.page.url(), /#garden-shed$/);
  await grace.say("Nobody hears me");

  const kitchen = grace.page.locator("#rooms a", { hasText: "kitchen" });
  await kitchen.locator(".dot").waitFor();
  await kitchen.click();
  await ada.notes("Grace joined");
  await grace.say("Now somebody does");
  await ada.sees("Grace", "Now somebody does");
  assert.deepEqual(await ada.page.locator(".bubble").allTextContents(), ["Now somebody does"]);

  await ada.page.getByLabel("Go to a room").fill("attic");
  await ada.page.getByLabel("Go to a room").press("Enter");
  await grace.notes("Ada left");
  assert.match(ada.page.url(), /#attic$/);
  await ada.page.goBack();
  await grace.page.locator("#feed .note", { hasText: "Ada joined" }).waitFor();
  await ada.leave();
  await grace.leave();
});

test("a name is remembered, and two windows of one name are one person", async () => {
  const ada = await Person.at(browser, `${server.url}#names`);
  await ada.join("Ada");
  const first = ada.page;
  await first.reload();
  await first.locator("#feed .note", { hasText: "You joined as Ada" }).waitFor();
  assert.equal(await first.getByRole("dialog").isVisible(), false, "reloading asks for nothing");

  await ada.open(`${server.url}#names`);
  assert.equal(await ada.page.getByLabel("Name", { exact: true }).inputValue(), "Ada");
  await ada.page.getByRole("button", { name: "Join" }).click();
  await ada.notes("You joined as Ada");
  assert.deepEqual(await ada.members(), ["Ada"]);

  await ada.page.getByRole("button", { name: "Change name" }).click();
  await ada.join("Augusta");
  await ada.notes("You are now called Augusta");
  await first.locator("#feed .note", { hasText: "Augusta joined" }).waitFor();
  await ada.page.locator("#members").getByText("Augusta").waitFor();
  assert.deepEqual(await ada.members(), ["Ada", "Augusta"]);
  await ada.leave();
});

test("whoever joins sees the last of what was said", async () => {
  const ada = await Person.at(browser, `${server.url}#past`);
  await ada.join("Ada");
  for (const text of ["one", "two", "three"]) await ada.say(text);
  await ada.sees("You", "three");
  const grace = await Person.at(browser, `${server.url}#past`);
  await grace.join("Grace");
  await grace.notes("You joined as Grace");
  await grace.sees("Ada", "three");
  assert.deepEqual(await grace.page.locator(".bubble").allTextContents(), ["one", "two", "three"]);
  assert.equal(await grace.page.locator(".recovered").count(), 0, "what was said before one came was not missed");
  await ada.leave();
  await grace.leave();
});

test("one sees who is typing, until the text is there", async () => {
  const ada = await Person.at(browser, `${server.url}#typing`);
  await ada.join("Ada");
  const grace = await Person.at(browser, `${server.url}#typing`);
  await grace.join("Grace");
  await ada.page.getByLabel("Your message").pressSequentially("Hel");
  await grace.page.locator("#typing", { hasText: "Ada is typing…" }).waitFor();
  assert.equal(await ada.page.locator("#typing").textContent(), "", "nobody is told of themselves");
  await ada.say("Hello");
  await grace.sees("Ada", "Hello");
  assert.equal(await grace.page.locator("#typing").textContent(), "");
  await ada.leave();
  await grace.leave();
});

test("markup in names and texts is shown as it was typed", async () => {
  const markup = `<img src=x onerror="document.title='broken'"><b>&amp;`;
  const eve = await Person.at(browser, `${server.url}#markup`);
  await eve.join("<b>Eve</b>");
  const ada = await Person.at(browser, `${server.url}#markup`);
  await ada.join("Ada");
  await eve.say(markup);
  await ada.sees("<b>Eve</b>", markup);
  assert.equal(await ada.page.locator("#main b, #main img, #side b").count(), 0);
  assert.equal(await ada.page.title(), "#markup · live");
  await eve.leave();
  await ada.leave();
});

test("Enter sends, Shift+Enter begins a new line, and nothing is said with an empty box", async () => {
  const ada = await Person.at(browser, `${server.url}#keys`);
  await ada.join("Ada");
  const box = ada.page.getByLabel("Your message");
  await box.press("Enter");
  await box.pressSequentially("one");
  await box.press("Shift+Enter");
  await box.pressSequentially("two");
  await box.press("Enter");
  await ada.sees("You", "one\ntwo");
  assert.deepEqual(await ada.page.locator(".bubble").allTextContents(), ["one\ntwo"]);
  await ada.leave();
});

test("the title counts what came while nobody looked", async () => {
  const ada = await Person.at(browser, `${server.url}#title`);
  await ada.join("Ada");
  const grace = await Person.at(browser, `${server.url}#title`);
  await grace.join("Grace");
  const look = (hidden) => ada.page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await look(true);
  await grace.say("Ada?");
  await ada.sees("Grace", "Ada?");
  assert.equal(await ada.page.title(), "(1) #title · live");
  await look(false);
  assert.equal(await ada.page.title(), "#title · live");
  await ada.leave();
  await grace.leave();
});
