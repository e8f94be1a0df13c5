// Package proxy passes TCP connections on to a server, counts how often one side waited for the other, and cuts
// them all when it is told to.
package proxy
