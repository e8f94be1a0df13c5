// Package external runs the brokers that stand outside of the servers measured here: redis-server and nats-server,
// each a process of its own on loopback, on a free port, with its files in a folder that goes with it. They end
// with the program that started them, however that ends. Linux only.
package external
