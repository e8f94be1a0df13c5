// Package redistest starts real redis-servers for tests, on free ports of the loopback
// interface, each with a folder of its own and without persistence unless it is asked
// for. They end with the test. The program redis-server must be installed.
//
//	server.go   one server: start, stop, kill, pause, restart
//	command.go  a command and its reply
//	cluster.go  a Redis Cluster
package redistest
