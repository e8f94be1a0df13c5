/*
 * Pictures of the chat, to be looked at: node screenshots.mjs FOLDER, with BROWSER
 * and LIVE_BINARY set as run.sh sets them.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, Person } from "./browser.mjs";
import { Server } from "./server.mjs";

const folder = process.argv[2] ?? "screenshots";
mkdirSync(folder, { recursive: true });

const phone = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, reducedMotion: "reduce",
};
const dark = { colorScheme: "dark" };

const server = await Server.start();
const browser = await launch();
process.on("exit", () => server.stop("SIGKILL"));
const shoot = (person, name) => person.page.screenshot({ path: join(folder, `${name}.png`) });

const ada = await Person.at(browser, server.url, { viewport: { width: 1120, height: 860 } });
await shoot(ada, "greeting");
await ada.join("Ada", "lobby");
await shoot(ada, "empty");

const grace = await Person.at(browser, server.url, { ...phone, ...dark });
await shoot(grace, "greeting-phone-dark");
await grace.join("Grace", "lobby");
const linus = await Person.at(browser, server.url, { viewport: { width: 1120, height: 720 }, ...dark });
await linus.join("Linus", "lobby");
await shoot(linus, "company-dark");
await Promise.all(["design", "design", "release"].map(async (room, n) => {
  const person = await Person.at(browser, `${server.url}#${room}`);
  await person.join(["Edsger", "Barbara", "Ken"][n], room);
}));

for (const [person, text] of [
  [grace, "Is this thing on?"],
  [ada, "It is! I opened it in a second window, and here you are."],
  [linus, "What happens when the server goes away?"],
  [ada, "The page says so, tries again, and comes back to the room by itself."],
  [ada, "Stop it with Ctrl+C and see."],
  [grace, "And what I type meanwhile?"],
  [ada, "Is marked as not sent. It goes out once you are back."],
  [linus, "Honest software. I like it."],
]) {
  await person.say(text);
  await ada.sees(person === ada ? "You" : person === grace ? "Grace" : "Linus", text);
}
await ada.page.locator("#text").fill("");
await shoot(ada, "chat");
await shoot(linus, "chat-dark");
await shoot(grace, "chat-phone-dark");
await grace.page.getByRole("button", { name: "Rooms and people" }).click();
await shoot(grace, "side-phone-dark");

const light = await Person.at(browser, server.url, phone);
await light.join("Margaret", "lobby");
await shoot(light, "empty-phone");
await grace.page.getByRole("button", { name: "Close the list" }).click();
await grace.say("Welcome, Margaret!\n\nשלום, and a very long word: " + "a".repeat(120));
await light.say("Thank you.");
await shoot(light, "chat-phone");

await server.stop("SIGKILL");
await light.state("Reconnecting");
await ada.state("Reconnecting");
await light.say("Is anybody there?");
await ada.say("I typed this while the server was gone.");
await shoot(ada, "offline");
await shoot(light, "offline-phone");

await browser.close();
