// Package process starts a server under test and reads from the kernel what it costs: its CPU time and
// its resident memory. Linux only.
package process
