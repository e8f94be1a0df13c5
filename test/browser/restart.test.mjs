/*
 * What the page does when its server goes away.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Person } from "./browser.mjs";
import { Server } from "./server.mjs";

/** What a browser itself writes to the console while nobody answers. */
const refused = /WebSocket connection to .* failed|ERR_CONNECTION/;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const signal of ["SIGKILL", "SIGTERM"]) {
  test(`the chat survives a server that is ended by ${signal} and started again`, async () => {
    let server = await Server.start();
    const { port } = server;
    const ada = await Person.at(browser, `${server.url}#survivors`);
    await ada.join("Ada");
    const grace = await Person.at(browser, `${server.url}#survivors`);
    await grace.join("Grace");
    await ada.say("before");
    await grace.sees("Ada", "before");

    await server.stop(signal);
    await ada.state(/Reconnecting/);
    await ada.page.getByText("No connection").waitFor();
    await ada.say("meanwhile");
    await ada.page.locator(".pending", { hasText: "meanwhile" }).getByText("Not sent yet").waitFor();

    server = await Server.start({ port });
    await ada.state("Connected");
    await grace.state("Connected");
    await ada.notes("You are back");
    await ada.sees("You", "meanwhile");
    await grace.notes("You are back");
    await grace.notes("Some of what was said is missing here");
    await ada.page.locator("#members").getByText("Grace").waitFor();
    await grace.say("after");
    await ada.sees("Grace", "after");
    await ada.say("and after that");
    await grace.sees("Ada", "and after that");
    assert.equal(await ada.page.locator("#strip").isVisible(), false);
    assert.match(ada.page.url(), /#survivors$/);

    await ada.leave(refused);
    await grace.leave(refused);
    assert.equal(await server.stop(), 0);
  });
}

test("a text whose confirmation was lost is sent again, and is there once", async () => {
  const server = await Server.start();
  const ada = new Person();
  ada.context = await browser.newContext();
  let cut = true;
  await ada.context.routeWebSocket(/\/ws\?/, (page) => {
    const live = page.connectToServer();
    page.onMessage((frame) => live.send(frame));
    live.onMessage((frame) => {
      if (!cut || !frame.includes("just once")) return page.send(frame);
      cut = false;
      page.close({ code: 1012, reason: "cut by the test" });
      live.close();
    });
  });
  await ada.open(server.url);
  const grace = await Person.at(browser, server.url);
  await grace.join("Grace");
  await ada.join("Ada");
  await ada.say("just once");
  await ada.notes("You are back");
  await ada.sees("You", "just once");
  await ada.say("and on");
  await grace.sees("Ada", "and on");
  await grace.sees("Ada", "just once");
  assert.equal(cut, false);
  await ada.leave();
  await grace.leave();
  assert.equal(await server.stop(), 0);
});

test("a connection that the server ended for good stays ended until somebody asks", async () => {
  const server = await Server.start();
  const ada = new Person();
  ada.context = await browser.newContext();
  let opened = 0;
  await ada.context.routeWebSocket(/\/ws\?/, (page) => {
    opened++;
    const live = page.connectToServer();
    page.onMessage((frame) => {
      if (opened === 1 && frame.includes("expel me")) page.close({ code: 4501, reason: "that is enough" });
      else live.send(frame);
    });
  });
  await ada.open(server.url);
  await ada.join("Ada");
  await ada.say("expel me");
  await ada.state("Offline");
  await ada.page.getByText("The connection was ended (4501: that is enough).").waitFor();
  assert.equal(opened, 1);
  await ada.page.locator(".pending .fate").getByText("Not sent yet").waitFor();
  await ada.page.getByRole("button", { name: "Connect" }).click();
  await ada.sees("You", "expel me");
  assert.equal(opened, 2);
  await ada.leave();
  await server.stop();
});

test("joining without a connection waits for one and says so", async () => {
  const server = await Server.start();
  const { port } = server;
  const ada = await Person.at(browser, server.url);
  await ada.state("Connected");
  await server.stop("SIGKILL");
  await ada.state(/Reconnecting/);
  await ada.page.getByLabel("Name", { exact: true }).fill("Ada");
  await ada.page.getByRole("button", { name: "Join" }).click();
  await ada.page.getByRole("alert").getByText("No connection yet").waitFor();
  const again = await Server.start({ port });
  await ada.notes("You joined as Ada");
  assert.equal(await ada.page.getByRole("dialog").isVisible(), false);
  await ada.leave(refused);
  assert.equal(await again.stop(), 0);
});
