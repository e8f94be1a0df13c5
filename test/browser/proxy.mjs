/*
 * A way to a server that can be cut, as a network is: without a word to either side. With
 * several servers it is a load balancer: a new connection goes to one that wants it.
 */

import { once } from "node:events";
import { connect, createServer } from "node:net";

export class Proxy {
  #listener;
  #pairs = new Set();
  #down = false;
  #turn = 0; // which of several is asked first

  /** Starts a proxy to a port on this machine, or to several of which each new connection gets another. */
  static async to(...ports) {
    const proxy = new Proxy();
    proxy.#listener = createServer((client) => proxy.#carry(client, ports));
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

  async #carry(client, ports) {
    client.on("error", () => {});
    const port = ports.length === 1 ? ports[0] : await this.#ready(ports);
    if (this.#down || port === undefined) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(port, "127.0.0.1");
    server.on("error", () => client.destroy());
    const pair = [client, server];
    this.#pairs.add(pair);
    server.on("close", () => this.#pairs.delete(pair));
    client.pipe(server).pipe(client);
  }

  /** Returns the next port whose server says that it takes new clients. */
  async #ready(ports) {
    const first = this.#turn++;
    for (let n = 0; n < ports.length; n++) {
      const port = ports[(first + n) % ports.length];
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
      if (answer?.ok) return port;
    }
  }
}
