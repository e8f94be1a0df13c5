//go:build !linux

package engine

// poller has nothing to look at: there is no table.
func (k *checker) poller() {}
