/*
 * Who is here: a person with two windows, who goes away.
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
  assert.equal(await server.stop(), 0);
});

test("a person leaves with the last window, and only after a while", async () => {
  const grace = await Person.at(browser, `${server.url}#windows`);
  await grace.join("Grace");
  const ada = await Person.at(browser, `${server.url}#windows`);
  await ada.join("Ada");
  await grace.notes("Ada joined");
  const first = ada.page;
  await ada.open(`${server.url}#windows`);
  await ada.page.getByRole("button", { name: "Join" }).click();
  await ada.notes("You joined as Ada");
  assert.deepEqual(await grace.members(), ["Grace", "Ada"]);

  await first.close();
  await ada.page.reload();
  await ada.notes("You joined as Ada");
  await ada.say("still here");
  await grace.sees("Ada", "still here");
  assert.equal(await grace.page.locator(".note", { hasText: "left" }).count(), 0, "reloading makes no noise");

  await ada.leave();
  assert.deepEqual(await grace.members(), ["Grace", "Ada"], "whoever goes may be back in a moment");
  await grace.notes("Ada left");
  assert.deepEqual(await grace.members(), ["Grace"]);
  assert.equal(await grace.page.locator(".note", { hasText: "Ada joined" }).count(), 1);
  await grace.leave();
});
