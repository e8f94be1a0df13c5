/*
 * Several servers that are one, and need nothing else.
 */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setInterval } from "node:timers/promises";
import { Server } from "./server.mjs";

/** How often a server is asked whether it is ready, and for how long: milliseconds. */
const ASK_EVERY = 100;
const PATIENCE = 60_000;

export class Cluster {
  /** The servers; one that was restarted is another. */
  servers = [];
  #dir = mkdtempSync(join(tmpdir(), "live-cluster-"));
  #flags = [];

  /** Starts so many servers, each with these flags too; resolves when they work together. */
  static async of(size, args = []) {
    const cluster = new Cluster();
    const peers = (await freePorts(size)).map((port) => `127.0.0.1:${port}`);
    cluster.#flags = peers.map((peer, n) => [
      ...args, `--cluster-listen=${peer}`, `--cluster-peers=${peers}`, "--cluster-secret=a test's",
      `--cluster-dir=${join(cluster.#dir, String(n))}`, "--log-level=error",
    ]);
    cluster.servers = await Promise.all(cluster.#flags.map((args) => Server.start({ args })));
    await Promise.all(cluster.servers.map(ready));
    return cluster;
  }

  /** Returns the ports of the servers' pages; they stay over restarts. */
  get ports() {
    return this.servers.map(({ port }) => port);
  }

  /** Ends one by SIGTERM and starts it again; resolves with its exit code when it is ready. */
  async restart(n) {
    const { port } = this.servers[n];
    const code = await this.servers[n].stop();
    this.servers[n] = await Server.start({ port, args: this.#flags[n] });
    await ready(this.servers[n]);
    return code;
  }

  /** Ends all. */
  async stop() {
    await Promise.all(this.servers.map((server) => server.stop("SIGKILL")));
    rmSync(this.#dir, { recursive: true });
  }
}

/** Resolves when a server takes clients, and its broker answers. */
async function ready(server) {
  const deadline = Date.now() + PATIENCE;
  let last = "";
  for await (const _ of setInterval(ASK_EVERY)) {
    last = await fetch(new URL("/readyz", server.url)).then((answer) => answer.text(), String);
    if (last === "ok\n") return;
    if (Date.now() > deadline) throw new Error(`${server.url} is not ready: ${last}`);
  }
}

/** Returns ports that nobody listens on at the moment. */
async function freePorts(count) {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(listeners.map((listener) => once(listener, "listening")));
  const ports = listeners.map((listener) => listener.address().port);
  await Promise.all(listeners.map((listener) => once(listener.close(), "close")));
  return ports;
}
