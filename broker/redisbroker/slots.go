package redisbroker

import (
	"context"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/rueidis"
)

// slotCount is how many slots a cluster has.
const slotCount = 16384

// slots has the address of each slot's master; "" where there is none.
type slots [slotCount]string

// addrs lists the masters, each once.
func (s *slots) addrs() []string {
	var all []string
	last := ""
	for _, addr := range s {
		if addr != last && addr != "" && !slices.Contains(all, addr) {
			all = append(all, addr)
		}
		last = addr
	}
	return all
}

// askSlots asks a server of the cluster. One that does not say its host has that of the
// first address.
func askSlots(ctx context.Context, c rueidis.Client, first []string) (*slots, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	ranges, err := c.Do(ctx, c.B().ClusterSlots().Build()).ToArray()
	if err != nil {
		return nil, err
	}
	s := new(slots)
	for _, one := range ranges {
		parts, err := one.ToArray()
		if err != nil || len(parts) < 3 {
			return nil, errReply
		}
		from, err1 := parts[0].AsInt64()
		to, err2 := parts[1].AsInt64()
		master, err3 := parts[2].ToArray()
		if err1 != nil || err2 != nil || err3 != nil || len(master) < 2 || from < 0 || to >= slotCount {
			return nil, errReply
		}
		host, _ := master[0].ToString() // null if it is not known
		port, err := master[1].AsInt64()
		if err != nil {
			return nil, errReply
		}
		if host == "" && len(first) > 0 {
			host, _, _ = net.SplitHostPort(first[0])
		}
		addr := net.JoinHostPort(host, strconv.FormatInt(port, 10))
		for slot := from; slot <= to; slot++ {
			s[slot] = addr
		}
	}
	return s, nil
}

// slotOf is the slot of a key or channel: of what is between its first { and the next },
// if anything is, else of all.
func slotOf(name string) uint16 {
	if _, after, ok := strings.Cut(name, "{"); ok {
		if inside, _, ok := strings.Cut(after, "}"); ok && inside != "" {
			name = inside
		}
	}
	crc := uint16(0)
	for i := range len(name) {
		crc = crc<<8 ^ crcTable[byte(crc>>8)^name[i]]
	}
	return crc % slotCount
}

// crcTable is of CRC-16/XMODEM, which the slots of a cluster are made with.
var crcTable = func() (table [256]uint16) {
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
		table[i] = crc
	}
	return table
}()
