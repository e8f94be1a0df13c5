/*
 * Two people who chat on, while each server of a cluster is restarted in turn.
 */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Person } from "./browser.mjs";
import { Cluster } from "./cluster.mjs";
import { Proxy } from "./proxy.mjs";

let cluster, browser, balancer;
before(async () => {
  cluster = await Cluster.of(3, ["--drain=2s"]);
  browser = await launch();
  balancer = await Proxy.to(...cluster.ports);
});
after(async () => {
  await browser?.close();
  balancer?.close();
  await cluster?.stop();
});

/** Somebody in the room, whose page writes down what it shows of its connection. */
async function somebody(name) {
  const person = new Person();
  person.context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  person.sockets = [];
  person.context.on("page", (page) => page.on("websocket", (socket) => person.sockets.push(socket)));
  await person.open(`${balancer.url}#rolling`);
  await person.join(name);
  await person.notes(`You joined as ${name}`);
  await person.page.evaluate(() => {
    window.shown = [];
    const look = () => {
      const { dataset, classList } = document.documentElement;
      const trouble = document.getElementById("strip").hidden ? "" : document.getElementById("trouble").textContent;
      const now = [dataset.state, document.getElementById("state").textContent, classList.contains("stale"), trouble].join("|");
      if (window.shown.at(-1) !== now) window.shown.push(now);
    };
    new MutationObserver(look).observe(document.documentElement, { subtree: true, childList: true, attributes: true });
    look();
  });
  return person;
}

test("a conversation goes on through a rolling restart, and nobody sees anything of it", async () => {
  const ada = await somebody("Ada");
  const grace = await somebody("Grace");
  await ada.notes("Grace joined");

  let rolling = true;
  const talk = async (person, name) => {
    const said = [];
    while (rolling || said.length < 3) {
      said.push(`${name} ${said.length}`);
      await person.say(said.at(-1));
      await person.sees("You", said.at(-1));
    }
    return said;
  };
  const talks = [talk(ada, "Ada"), talk(grace, "Grace")];
  const restart = async () => {
    for (const n of cluster.servers.keys()) assert.equal(await cluster.restart(n), 0, `server ${n} leaves cleanly`);
  };
  await restart().finally(() => (rolling = false));
  const said = await Promise.all(talks);

  await ada.sees("Grace", said[1].at(-1));
  await grace.sees("Ada", said[0].at(-1));
  const heard = await ada.page.locator(".bubble").allTextContents();
  assert.deepEqual(await grace.page.locator(".bubble").allTextContents(), heard, "both see the same");
  for (const [n, name] of ["Ada", "Grace"].entries()) {
    assert.deepEqual(heard.filter((text) => text.startsWith(name)), said[n], "all that was said, once and in order");
  }
  for (const person of [ada, grace]) {
    assert.deepEqual(await person.page.evaluate(() => window.shown), ["open|Connected|false|"]);
    assert.deepEqual(await person.page.locator("#strip").isVisible(), false);
    assert.deepEqual((await person.members()).sort(), ["Ada", "Grace"]);
    assert.equal(await person.page.locator(".recovered").count(), 0, "nobody was away");
    assert.ok(person.sockets.length > 1, `moved: ${person.sockets.length} connections`);
    assert.equal(person.sockets.filter((socket) => !socket.isClosed()).length, 1, "one connection is left");
  }
  assert.deepEqual(await ada.page.locator(".note").allTextContents(), ["You joined as Ada", "Grace joined"]);
  assert.deepEqual(await grace.page.locator(".note").allTextContents(), ["You joined as Grace"]);
  await ada.leave();
  await grace.leave();
});
