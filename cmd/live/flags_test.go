package main

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// parse reads a command line, with the environment as it is.
func parse(t *testing.T, args ...string) (serve, error) {
	t.Helper()
	var cli commands
	parser := newParser(&cli, streams{io.Discard, io.Discard}, func(int) {})
	_, err := parser.Parse(append([]string{"serve"}, args...))
	return cli.Serve, err
}

func TestServeNeedsNoFlag(t *testing.T) {
	got, err := parse(t)
	if err != nil {
		t.Fatal(err)
	}
	if got.Addr != "127.0.0.1:8080" || got.QueueSize != 256 || got.ReadLimit != 65536 ||
		got.ShutdownTimeout != 10*time.Second || got.LogLevel != "info" || got.LogFormat != "text" ||
		got.Demo != nil || got.Host != nil || got.Origins != nil || !got.alone() || got.window() != 0 {
		t.Errorf("defaults are %+v", got)
	}
}

func TestEveryFlagIsAnEnvironmentVariableToo(t *testing.T) {
	parser := newParser(new(commands), streams{io.Discard, io.Discard}, func(int) {})
	err := kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		flag, ok := node.(*kong.Flag)
		if ok && flag.Name != "help" && flag.Name != "version" {
			want := "LIVE_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
			if len(flag.Envs) != 1 || flag.Envs[0] != want {
				t.Errorf("--%s has the variables %v, want %s", flag.Name, flag.Envs, want)
			}
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEnvironmentSetsWhatFlagsLeaveOpen(t *testing.T) {
	for name, value := range map[string]string{
		"LIVE_ADDR":             "127.0.0.1:1",
		"LIVE_DEMO":             "false",
		"LIVE_HOST":             "a.example,b.example",
		"LIVE_ORIGINS":          "https://a.example",
		"LIVE_QUEUE_SIZE":       "7",
		"LIVE_READ_LIMIT":       "8",
		"LIVE_SHUTDOWN_TIMEOUT": "9s",
		"LIVE_LOG_LEVEL":        "debug",
		"LIVE_LOG_FORMAT":       "json",
		"LIVE_DRAIN":            "3s",
		"LIVE_CLUSTER_LISTEN":   "127.0.0.1:6222",
		"LIVE_CLUSTER_PEERS":    "a.example:6222,b.example:6222",
		"LIVE_CLUSTER_SECRET":   "s3cret",
	} {
		t.Setenv(name, value)
	}
	got, err := parse(t, "--addr=127.0.0.1:2")
	if err != nil {
		t.Fatal(err)
	}
	if got.Addr != "127.0.0.1:2" {
		t.Errorf("addr is %s: the flag should win", got.Addr)
	}
	if got.Demo == nil || *got.Demo || strings.Join(got.Host, " ") != "a.example b.example" ||
		strings.Join(got.Origins, " ") != "https://a.example" || got.QueueSize != 7 || got.ReadLimit != 8 ||
		got.ShutdownTimeout != 9*time.Second || got.LogLevel != "debug" || got.LogFormat != "json" ||
		got.window() != 3*time.Second || got.ClusterListen != "127.0.0.1:6222" || got.ClusterSecret != "s3cret" ||
		strings.Join(got.ClusterPeers, " ") != "a.example:6222 b.example:6222" {
		t.Errorf("the environment gave %+v", got)
	}
}

func TestBadValuesAreRefusedWithWhatToWriteInstead(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--addr=8080", "write HOST:PORT, for example 127.0.0.1:8080"},
		{"--addr=localhost:http", "a number from 0 to 65535"},
		{"--addr=127.0.0.1:70000", "a number from 0 to 65535"},
		{"--host=https://a.example", "without scheme and port"},
		{"--host=a.example:8080", "without scheme and port"},
		{"--host=*", "without scheme and port"},
		{"--host=a,,b", "without scheme and port"},
		{"--origins=a.example", "for example https://app.example.com"},
		{"--origins=https://a.example/path", "without a path"},
		{"--origins=https://*", "for example"},
		{"--origins=https://a.*.example", "for example"},
		{"--origins=https://u@a.example", "for example"},
		{"--queue-size=0", "at least 1 message"},
		{"--read-limit=-1", "at least 1 byte"},
		{"--shutdown-timeout=-1s", "cannot be negative"},
		{"--shutdown-timeout=5", "missing unit"},
		{"--drain=-1s", "cannot be negative"},
		{"--broker=localhost:4222", "write nats://HOST:4222 or redis://HOST:6379"},
		{"--broker=http://u:hidden@a.example", "http://u:xxxxx@a.example is not a broker's URL"},
		{"--broker=nats://a.example,redis://", "write nats://HOST:4222 or redis://HOST:6379"},
		{"--cluster-peers=a.example:6222", "needs --cluster-listen=HOST:PORT"},
		{"--cluster-secret=s", "needs --cluster-listen=HOST:PORT"},
		{"--cluster-listen=6222", "write HOST:PORT, for example 10.0.0.1:6222"},
		{"--log-level=loud", `"debug","info","warn","error"`},
		{"--log-format=xml", `"text","json"`},
		{"--queue-size=many", "int"},
		{"--nonsense", "unknown flag --nonsense"},
	} {
		t.Run(c.args, func(t *testing.T) {
			code, _, errors := output("serve", c.args)
			if code != exitUsage || !strings.Contains(errors, c.want) {
				t.Errorf("exit code %d and %q, want %d and %q", code, errors, exitUsage, c.want)
			}
		})
	}
}

func TestGoodValuesAreTaken(t *testing.T) {
	for _, arg := range []string{
		"--addr=:0", "--addr=[::1]:8080", "--addr=localhost:65535", "--demo", "--no-demo",
		"--host=app.example.com", "--host=10.0.0.7", "--host=a.example,b.example",
		"--drain=0s", "--broker=nats://a.example:4222,nats://b.example:4222", "--broker=rediss://u:p@a.example/3",
		"--cluster-listen=:6222", "--node=berlin-1",
		"--origins=*", "--origins=https://*.example.com", "--origins=http://localhost:5173,https://a.example",
	} {
		if _, err := parse(t, arg); err != nil {
			t.Errorf("%s: %v", arg, err)
		}
	}
}

func TestVersionAndHelpEndWithoutServing(t *testing.T) {
	if code, out, _ := output("--version"); code != 0 || !strings.HasPrefix(out, "live ") {
		t.Errorf("--version: exit code %d and %q", code, out)
	}
	for _, args := range [][]string{nil, {"--help"}} {
		if code, out, _ := output(args...); code != 0 || !strings.Contains(out, "serve") {
			t.Errorf("%v: exit code %d and %q", args, code, out)
		}
	}
}

func TestFlagsOfAClusterThatContradictEachOtherAreRefused(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--broker=nats://a.example", "--cluster-listen=:6222"}, "both given"},
		{[]string{"--cluster-listen=:6222", "--cluster-peers=a.example"}, "a.example is not the address of a node"},
		{[]string{"--cluster-listen=:6222", "--cluster-cert=a.pem"}, "go together"},
		{[]string{"--cluster-listen=:6222", "--cluster-cert=a", "--cluster-key=b"}, "go together"},
	} {
		if _, err := parse(t, c.args...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestInAClusterClientsGoElsewhereOverTenSeconds(t *testing.T) {
	for _, arg := range []string{"--broker=redis://127.0.0.1", "--cluster-listen=127.0.0.1:0"} {
		if got, err := parse(t, arg); err != nil || got.window() != 10*time.Second {
			t.Errorf("%s: %v, %v", arg, got.window(), err)
		}
	}
}
