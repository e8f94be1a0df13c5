/*
 * The program under test, as a process of its own.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A running server: `url` is its page's address. */
export class Server {
  #process;

  /** Starts the binary on a port, 0 for a free one; resolves when it has said where it is. */
  static async start({ port = 0, args = [] } = {}) {
    const server = new Server();
    const child = spawn(process.env.LIVE_BINARY, ["serve", `--addr=127.0.0.1:${port}`, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    server.#process = child;
    for await (const line of createInterface({ input: child.stdout })) {
      server.url = line.match(/Chat\s+(http:\S+)/)?.[1] ?? server.url;
      if (line.includes("Ctrl+C")) break;
    }
    if (!server.url) throw new Error("the server ended without saying where its chat is");
    child.stdout.resume();
    return server;
  }

  /** Returns the port it listens on. */
  get port() {
    return new URL(this.url).port;
  }

  /** Ends the process: SIGTERM lets it say goodbye, SIGKILL does not. Resolves with its exit code. */
  async stop(signal = "SIGTERM") {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return this.#process.exitCode;
    const ended = once(this.#process, "exit");
    this.#process.kill(signal);
    const [code] = await ended;
    return code;
  }
}
