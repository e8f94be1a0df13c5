/*
 * A way to the server that can be cut, as a network is: without a word to either side.
 */

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Proxy {
  #listener;
  #pairs = new Set();
  #down = false;

  /** Starts a proxy to a port on this machine. */
  static async to(port) {
    const proxy = new Proxy();
    proxy.#listener = createServer((client) => proxy.#carry(client, port));
    proxy.#listener.listen(0, "127.0.0.1");
    await once(proxy.#listener, "listening");
    return proxy;
  }

  /** Returns the address of the server's page through the proxy. */
  get url() {
    return `http://127.0.0.1:${this.#listener.address().port}`;
  }

  /** Ends all connections, and lets none through until mended. */
  cut() {
    this.#down = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
    this.#pairs.clear();
  }

  /** Lets connections through again. */
  mend() {
    this.#down = false;
  }

  /** Ends the proxy. */
  close() {
    this.cut();
    this.#listener.close();
  }

  #carry(client, port) {
    client.on("error", () => {});
    if (this.#down) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(port, "127.0.0.1");
    server.on("error", () => client.destroy());
    this.#pairs.add([client, server]);
    client.pipe(server).pipe(client);
  }
}
