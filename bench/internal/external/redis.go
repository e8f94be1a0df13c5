package external

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// ErrNoRedis says that there is no redis-server on this machine, and how to get one.
var ErrNoRedis = errors.New("external: redis-server is not in the path; from the repository's root: tools/need.sh redis-server")

// Redis starts a redis-server that keeps nothing on disk, and waits until it answers.
func Redis() (*Broker, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, ErrNoRedis
	}
	var failed error
	for range 3 { // another program may have taken the port
		b, err := redisOnce(path)
		if err == nil {
			return b, nil
		}
		failed = err
	}
	return nil, failed
}

func redisOnce(path string) (*Broker, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench-redis")
	if err != nil {
		return nil, fmt.Errorf("external: %w", err)
	}
	b, err := start(dir, path, "--bind", "127.0.0.1", "--port", strconv.Itoa(port),
		"--save", "", "--appendonly", "no", "--dir", dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	b.Addr = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	b.URL = "redis://" + b.Addr
	b.requests = func() (int64, error) { return commands(b.Addr) }
	err = b.until(func() error {
		_, err := commands(b.Addr)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, b.Stop())
	}
	return b, nil
}

// commands returns how many commands clients have sent: the calls of INFO commandstats, without those that
// a script makes on the server itself where they can be told, which Redis does not do.
func commands(addr string) (int64, error) {
	text, err := info(addr)
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), "total_commands_processed:"); ok {
			return strconv.ParseInt(value, 10, 64)
		}
	}
	return 0, fmt.Errorf("external: redis at %s does not tell how many commands it had", addr)
}

// info asks for the section stats of INFO.
func info(addr string) (string, error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return "", err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, "INFO stats\r\n"); err != nil {
		return "", err
	}
	r := bufio.NewReader(c)
	head, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(head, "$")))
	if err != nil || n < 0 || n > 1<<20 {
		return "", fmt.Errorf("external: redis answered %q to INFO", head)
	}
	body := make([]byte, n)
	_, err = io.ReadFull(r, body)
	return string(body), err
}
