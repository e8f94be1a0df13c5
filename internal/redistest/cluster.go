//go:build unix

package redistest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// slots is how many slots a cluster has.
const slots = 16384

// StartCluster starts a Redis Cluster of so many masters with equal shares of the slots,
// and returns when all of them say that it is whole.
func StartCluster(t testing.TB, masters int, args ...string) []*Server {
	t.Helper()
	all := make([]*Server, masters)
	buses := make([]string, masters)
	for i := range all {
		_, buses[i], _ = strings.Cut(freeAddr(t), ":")
		all[i] = Start(t, append([]string{
			"--cluster-enabled", "yes", "--cluster-port", buses[i], "--cluster-node-timeout", "2000",
		}, args...)...)
		from, to := i*slots/masters, (i+1)*slots/masters-1
		all[i].Do("CLUSTER", "ADDSLOTSRANGE", strconv.Itoa(from), strconv.Itoa(to))
		all[i].Do("CLUSTER", "SET-CONFIG-EPOCH", strconv.Itoa(i+1))
	}
	for i := range all[1:] {
		all[0].Do("CLUSTER", "MEET", "127.0.0.1", all[i+1].port(), buses[i+1])
	}
	known := fmt.Sprintf("cluster_known_nodes:%d\r\n", masters)
	for _, s := range all {
		s.Until(func(info string) bool {
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, known) &&
				strings.Contains(info, "cluster_slots_ok:16384")
		}, "CLUSTER", "INFO")
	}
	return all
}

// ClusterURL is what a client of a cluster is given.
func ClusterURL(all []*Server) string {
	var addrs []string
	for _, s := range all {
		addrs = append(addrs, s.Addr)
	}
	return "redis://" + strings.Join(addrs, ",")
}

// AddReplica adds a replica of one of the cluster's masters, and returns when it has what
// the master has.
func AddReplica(t testing.TB, all []*Server, of int) *Server {
	t.Helper()
	_, bus, _ := strings.Cut(freeAddr(t), ":")
	s := Start(t, "--cluster-enabled", "yes", "--cluster-port", bus, "--cluster-node-timeout", "2000")
	master := all[of].Do("CLUSTER", "MYID")
	all[of].Do("CLUSTER", "MEET", "127.0.0.1", s.port(), bus)
	s.Until(func(nodes string) bool {
		return strings.Count(nodes, "\n") > len(all) && strings.Contains(nodes, master)
	}, "CLUSTER", "NODES")
	s.Do("CLUSTER", "REPLICATE", master)
	s.Until(func(info string) bool { return strings.Contains(info, "master_link_status:up") }, "INFO", "replication")
	for _, one := range all {
		one.Until(func(nodes string) bool { return strings.Contains(nodes, "slave "+master) }, "CLUSTER", "NODES")
	}
	return s
}
