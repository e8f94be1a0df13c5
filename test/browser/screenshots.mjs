/*
 * Pictures of the chat, to be looked at: node screenshots.mjs FOLDER, with BROWSER
 * and LIVE_BINARY set as run.sh sets them.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, Person } from "./browser.mjs";
import { Proxy } from "./proxy.mjs";
import { Server } from "./server.mjs";

const folder = process.argv[2] ?? "screenshots";
mkdirSync(folder, { recursive: true });

const phone = {
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, reducedMotion: "reduce",
};
const dark = { colorScheme: "dark" };

const server = await Server.start();
const browser = await launch();
const proxy = await Proxy.to(server.port);
process.on("exit", () => server.stop("SIGKILL"));
const shoot = (person, name) => person.page.screenshot({ path: join(folder, `${name}.png`) });

const ada = await Person.at(browser, proxy.url, { viewport: { width: 1120, height: 860 } });
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

const say = async (person, text, seenBy = ada) => {
  await person.say(text);
  await seenBy.sees(person === seenBy ? "You" : new Map([[ada, "Ada"], [grace, "Grace"], [linus, "Linus"]]).get(person), text);
};
await say(grace, "Is this thing on?");
await say(ada, "It is! I opened it in a second window, and here you are.");
await say(linus, "And when the train goes into a tunnel?");
await say(ada, "Then the page says so, tries again, and shows what I mi");
proxy.cut();
await ada.state("Reconnecting");
await say(grace, "Ada?", grace);
await say(linus, "She is in the tunnel.", linus);
proxy.mend();
await ada.sees("Linus", "She is in the tunnel.");
await say(ada, "…what I missed. Nothing is lost.");
await linus.page.getByLabel("Your message").pressSequentially("Hone");
await ada.page.locator("#typing", { hasText: "Linus is typing" }).waitFor();
await shoot(ada, "chat");
await linus.page.getByLabel("Your message").fill("");
await say(linus, "Honest software. I like it.");
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

proxy.cut();
await server.stop("SIGKILL");
await light.state("Reconnecting");
await ada.state("Reconnecting");
await light.say("Is anybody there?");
await ada.say("I typed this while the server was gone.");
await shoot(ada, "offline");
await shoot(light, "offline-phone");

await browser.close();
proxy.close();
