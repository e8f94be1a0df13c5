/*
 * The browser, and what a person does in it.
 */

import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Starts a headless browser with a fresh profile. */
export function launch() {
  return chromium.launch({ executablePath: process.env.BROWSER, args: flags });
}

/** Somebody at a window of their own, with nothing remembered from others. */
export class Person {
  /** What the page complained of: errors, and violations of its security policy. */
  complaints = [];

  /** Opens the address in a new window. */
  static async at(browser, url, options = {}) {
    const person = new Person();
    person.context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options });
    await person.open(url);
    return person;
  }

  /** Opens the address in one more window of the same person. */
  async open(url) {
    const page = await this.context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    await page.goto(url);
    this.page = page;
  }

  /** Fills in the greeting. */
  async join(name, room) {
    const greeting = this.page.getByRole("dialog");
    await greeting.getByLabel("Name").fill(name);
    if (room) await greeting.getByLabel("Room").fill(room);
    await greeting.getByRole("button", { name: "Join" }).click();
    await greeting.waitFor({ state: "hidden" });
  }

  /** Says something. */
  async say(text) {
    await this.page.getByLabel("Your message").fill(text);
    await this.page.getByLabel("Your message").press("Enter");
  }

  /** Waits until a text of that person is shown as having arrived; "You" is the one who looks. */
  async sees(name, text) {
    const message = this.page.locator("#feed .message:not(.pending)")
      .filter({ has: this.page.locator(".name", { hasText: exactly(name) }) })
      .filter({ has: this.page.locator(".bubble", { hasText: exactly(text) }) });
    await message.first().waitFor();
    assert.equal(await message.count(), 1, `${name}: ${text} is there once`);
  }

  /** Waits until a line about what happened is shown. */
  notes(text) {
    return this.page.locator("#feed .note", { hasText: text }).first().waitFor();
  }

  /** Waits until the sign at the top says this. */
  state(text) {
    return this.page.locator("#state", { hasText: text }).waitFor();
  }

  /** Returns the names of those in the room. */
  members() {
    return this.page.locator("#members bdi").allTextContents();
  }

  /** Closes the windows, and fails if the page complained of anything but what is expected. */
  async leave(expected = /^$/) {
    const unexpected = this.complaints.filter((text) => !expected.test(text));
    await this.context.close();
    assert.deepEqual(unexpected, []);
  }
}

function exactly(text) {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
