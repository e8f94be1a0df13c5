// Node is a node of the cluster that the chaos test runs: a live.Server with rules for
// every kind of topic, on one of the brokers. It says "ready HOST:PORT" when it listens.
// Told to end by SIGTERM, it sends its clients away over a window first.
package main
