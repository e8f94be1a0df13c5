package redisbroker

import (
	"context"
	"crypto/sha1"
	"encoding/hex"

	"github.com/redis/rueidis"
)

// script is one that the server runs. It is named by its hash, and sent where the server
// does not know it yet.
type script struct{ text, sum string }

// newScript joins the files.
func newScript(files ...string) script {
	var s script
	for _, file := range files {
		text, err := sources.ReadFile(file)
		if err != nil {
			panic(err) // it is part of the program
		}
		s.text += string(text)
	}
	sum := sha1.Sum([]byte(s.text)) // the server's way to name scripts, no protection
	s.sum = hex.EncodeToString(sum[:])
	return s
}

// run runs the script.
func (s script) run(ctx context.Context, c rueidis.Client, keys, args []string) rueidis.RedisResult {
	r := c.Do(ctx, s.named(c, keys, args))
	if code(r.Error()) == "NOSCRIPT" {
		r = c.Do(ctx, c.B().Eval().Script(s.text).Numkeys(int64(len(keys))).Key(keys...).Arg(args...).Build())
	}
	return r
}

func (s script) named(c rueidis.Client, keys, args []string) rueidis.Completed {
	return c.B().Evalsha().Sha1(s.sum).Numkeys(int64(len(keys))).Key(keys...).Arg(args...).Build()
}

// invocation is one run of a script among several.
type invocation struct{ keys, args []string }

// runAll runs the script for each, in one round trip to each server.
func (s script) runAll(ctx context.Context, c rueidis.Client, all []invocation) []rueidis.RedisResult {
	commands := make([]rueidis.Completed, len(all))
	for i, one := range all {
		commands[i] = s.named(c, one.keys, one.args)
	}
	results := c.DoMulti(ctx, commands...)
	for i, r := range results {
		if code(r.Error()) == "NOSCRIPT" {
			results[i] = s.run(ctx, c, all[i].keys, all[i].args) // the others find it there
		}
	}
	return results
}
