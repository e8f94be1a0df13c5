// Package cluster runs the processes of a run: three nodes, and redis-server where the
// broker is that, with links (package link) between clients and nodes and between nodes
// and broker, all of which can be broken.
//
//	process.go   a program that is started again and again
//	node.go      a node and its links
//	redis.go     redis-server
//	routes.go    links between nodes
//	cluster.go   all of them
//	logs.go      what the logs must not have
package cluster
