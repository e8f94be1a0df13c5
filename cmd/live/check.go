package main

import (
	"fmt"
	"net/url"
	"strings"
)

// Validate refuses flags that cannot be meant, with what to write instead. It is
// called after parsing, so it sees the environment too.
func (c *serve) Validate() error {
	if err := checkAddr(c.Addr); err != nil {
		return err
	}
	for _, host := range c.Host {
		if err := checkHost(host); err != nil {
			return err
		}
	}
	for _, origin := range c.Origins {
		if err := checkOrigin(origin); err != nil {
			return err
		}
	}
	if err := c.clustering.check(); err != nil {
		return err
	}
	switch {
	case c.Drain != nil && *c.Drain < 0:
		return fmt.Errorf("--drain=%v: a time cannot be negative", *c.Drain)
	case c.QueueSize < 1:
		return fmt.Errorf("--queue-size=%d: at least 1 message has to fit", c.QueueSize)
	case c.ReadLimit < 1:
		return fmt.Errorf("--read-limit=%d: at least 1 byte has to fit", c.ReadLimit)
	case c.ShutdownTimeout < 0:
		return fmt.Errorf("--shutdown-timeout=%v: a time cannot be negative", c.ShutdownTimeout)
	}
	return nil
}

// checkHost refuses what is not a host's name or address alone.
func checkHost(host string) error {
	parsed, err := url.Parse("http://" + host)
	if host == "" || strings.ContainsAny(host, "/*@ ") || err != nil || parsed.Port() != "" {
		return fmt.Errorf("--host=%s is not a host name: write it without scheme and port, for example app.example.com", host)
	}
	return nil
}

// checkOrigin refuses what no browser would send as the Origin of a page
// (RFC 6454, section 6.1), "*" and a wildcard for subdomains apart.
func checkOrigin(origin string) error {
	if origin == "*" {
		return nil
	}
	scheme, rest, found := strings.Cut(origin, "://")
	parsed, err := url.Parse(scheme + "://" + strings.TrimPrefix(rest, "*."))
	if !found || scheme == "" || err != nil || parsed.Host == "" || parsed.Host != strings.TrimPrefix(rest, "*.") ||
		strings.Contains(parsed.Host, "*") {
		return fmt.Errorf("--origins=%s is not an origin: write scheme and host without a path, "+
			"for example https://app.example.com or https://*.example.com, or * for all", origin)
	}
	return nil
}
