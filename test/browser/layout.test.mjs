/*
 * What the page looks like, as far as a program can tell.
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
  await server.stop();
});

const overflow = (person) => person.page.evaluate(() => {
  const page = document.scrollingElement;
  const wide = [page, ...document.querySelectorAll("#scroller, .head, .foot, dialog")]
    .filter((element) => element.scrollWidth > element.clientWidth + 1);
  return wide.map((element) => `${element.id || element.className || element.tagName}: ${element.scrollWidth} > ${element.clientWidth}`);
});

for (const width of [320, 390, 768, 1440]) {
  test(`nothing is wider than a window of ${width} pixels`, async () => {
    const small = width < 760;
    const room = `wide-${width}-${"x".repeat(20)}`;
    const ada = await Person.at(browser, `${server.url}#${room}`, {
      viewport: { width, height: 700 }, isMobile: small, hasTouch: small,
    });
    assert.deepEqual(await overflow(ada), []);
    await ada.join(`Ada ${"W".repeat(28)}`);
    assert.deepEqual(await overflow(ada), []);
    const grace = await Person.at(browser, `${server.url}#${room}`);
    await grace.join(`Grace ${"W".repeat(26)}`);
    const word = "unbreakable".repeat(40);
    await grace.say(word);
    await ada.say(word);
    await ada.sees("You", word);
    await ada.sees(`Grace ${"W".repeat(26)}`, word);
    assert.deepEqual(await overflow(ada), []);
    for (const part of ["#state", "#composer", "#room"]) {
      const box = await ada.page.locator(part).boundingBox();
      assert.ok(box.x >= 0 && box.x + box.width <= width, `${part} is within the window`);
    }
    await ada.leave();
    await grace.leave();
  });
}

test("on a phone the rooms slide in, and keep the keyboard's focus to themselves", async () => {
  const ada = await Person.at(browser, `${server.url}#phone`, {
    viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, reducedMotion: "reduce",
  });
  await ada.join("Ada");
  const rooms = ada.page.getByRole("navigation", { name: "Rooms" });
  assert.equal(await rooms.isVisible(), false);
  await ada.page.getByRole("button", { name: "Rooms and people" }).tap();
  await rooms.waitFor();
  assert.equal(await ada.page.locator("#main").evaluate((main) => main.inert), true);
  await ada.page.keyboard.press("Escape");
  await rooms.waitFor({ state: "hidden" });
  assert.equal(await ada.page.evaluate(() => document.activeElement.id), "menu");

  await ada.page.getByRole("button", { name: "Rooms and people" }).tap();
  await rooms.getByRole("link", { name: "lobby" }).tap();
  await rooms.waitFor({ state: "hidden" });
  await ada.page.locator("#room", { hasText: "lobby" }).waitFor();
  await ada.leave();
});

test("whoever reads back is not pulled away, and is told of what is new", async () => {
  const ada = await Person.at(browser, `${server.url}#long`);
  await ada.join("Ada");
  const grace = await Person.at(browser, `${server.url}#long`);
  await grace.join("Grace");
  await ada.say("line\n".repeat(60) + "end");
  await grace.page.locator(".bubble").waitFor();
  await grace.page.locator("#scroller").evaluate((scroller) => {
    const there = new Promise((resolve) => scroller.addEventListener("scrollend", resolve, { once: true }));
    scroller.scrollTop = 0;
    return there;
  });
  await ada.say("news");
  const button = grace.page.getByRole("button", { name: "New messages" });
  await button.waitFor();
  assert.equal(await grace.page.locator("#scroller").evaluate((scroller) => scroller.scrollTop), 0);
  await button.click();
  await grace.page.locator(".bubble", { hasText: "news" }).waitFor();
  await button.waitFor({ state: "hidden" });
  await ada.leave();
  await grace.leave();
});

for (const colorScheme of ["light", "dark"]) {
  test(`text stands out from what is behind it, in ${colorScheme} colours`, async () => {
    const ada = await Person.at(browser, `${server.url}#${colorScheme}`, { colorScheme });
    await ada.join("Ada");
    const others = [];
    for (const name of ["Grace", "Edsger", "Barbara", "Ken", "Margaret", "Donald"]) {
      const other = await Person.at(browser, `${server.url}#${colorScheme}`);
      await other.join(name);
      await other.say("hello");
      others.push(other);
    }
    await ada.sees("Donald", "hello");
    await ada.say("hello, all");
    await ada.sees("You", "hello, all");
    assert.deepEqual(await ada.page.evaluate(faint), []);
    await Promise.all([ada, ...others].map((person) => person.leave()));
  });
}

/** Runs in the page: lists texts with less contrast than 4.5 to 1, as WCAG 2.2 asks for in 1.4.3. */
function faint() {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const bytes = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = bytes(getComputedStyle(element).backgroundColor);
      if (color[3] === 255) return color;
    }
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!text || !element.checkVisibility() || element.disabled || element.closest("noscript")) continue;
    const [a, b] = [luminance(bytes(getComputedStyle(element).color)), luminance(behind(element))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) found.push(`${element.textContent.trim()}: ${contrast.toFixed(2)}`);
  }
  return found;
}
