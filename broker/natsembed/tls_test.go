package natsembed_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/livetopics/live/broker/natsembed"
)

// certificates makes an authority, and a certificate of it for this machine.
func certificates(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(c)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, RootCAs: roots}
}

func TestNodesWithCertificatesAreAClusterAndOthersAreNot(t *testing.T) {
	peers := free(t, 3)
	trusted := certificates(t)
	a := start(t, natsembed.Options{Listen: peers[0], Peers: peers[:2], TLS: trusted})
	b := start(t, natsembed.Options{Listen: peers[1], Peers: peers[:2], TLS: trusted})
	for _, s := range []*natsembed.Server{a, b} {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if err := s.Ready(ctx); err != nil {
			t.Fatalf("Ready: %v", err)
		}
		if s.Replicas() != 2 {
			t.Errorf("replicas: %d, want 2", s.Replicas())
		}
	}
	stranger := start(t, natsembed.Options{Listen: peers[2], Peers: peers, TLS: certificates(t)})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := stranger.Ready(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a stranger's Ready: %v", err)
	}
}
