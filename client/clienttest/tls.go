package clienttest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// StartTLS is Start with WithTLS(""): the server speaks TLS, as the official SDKs want
// for WebSockets.
func StartTLS(opts ...Option) (*Server, error) { return Start(append(opts, WithTLS(""))...) }

// NewTLSServer is NewServer with WithTLS("").
func NewTLSServer(tb TB, opts ...Option) *Server {
	tb.Helper()
	return NewServer(tb, append(opts, WithTLS(""))...)
}

// WithTLS serves HTTPS with a certificate for localhost and loopback addresses, which is
// made at the start. The certificate of its authority is written to a file in PEM, for
// programs in other languages (SSL_CERT_FILE, NODE_EXTRA_CA_CERTS); without a name to a
// temporary one, see CAFile, which Close removes. The clients of Client trust it.
func WithTLS(caFile string) Option {
	return func(s *Server) error {
		s.tls = &certificate{file: caFile}
		return nil
	}
}

// CAFile is the name of the file with the certificate of the server's authority, "" of a
// server without TLS.
func (s *Server) CAFile() string {
	if s.tls == nil {
		return ""
	}
	return s.tls.file
}

// certificate is that of a server with its authority.
type certificate struct {
	file      string
	temporary string // folder that is removed
	server    tls.Certificate
	authority *x509.Certificate
}

// lifetime is how long a certificate is valid.
const lifetime = 30 * 24 * time.Hour

// make makes the certificates and writes that of the authority.
func (c *certificate) make(host string) error {
	now := time.Now()
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "opcall test server CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(lifetime),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign,
	}
	signed, err := x509.CreateCertificate(rand.Reader, authority, authority, &authorityKey.PublicKey, authorityKey)
	if err != nil {
		return err
	}
	if c.authority, err = x509.ParseCertificate(signed); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano() + 1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if ip := net.ParseIP(host); ip != nil && !ip.IsLoopback() && !ip.IsUnspecified() {
		leaf.IPAddresses = append(leaf.IPAddresses, ip)
	} else if ip == nil && host != "" && host != "localhost" {
		leaf.DNSNames = append(leaf.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, c.authority, &key.PublicKey, authorityKey)
	if err != nil {
		return err
	}
	c.server = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return c.write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}))
}

// write writes the certificate of the authority. Its key is written nowhere.
func (c *certificate) write(text []byte) (err error) {
	if c.file == "" {
		if c.temporary, err = os.MkdirTemp("", "opcall-ca-"); err != nil {
			return err
		}
		c.file = filepath.Join(c.temporary, "ca.pem")
	}
	if err := os.WriteFile(c.file, text, 0o644); err != nil {
		return fmt.Errorf("the certificate of the authority: %w", err)
	}
	return nil
}

// quiet passes on what an http.Server logs, but not that clients do not trust it: they say
// so themselves.
type quiet struct{ io.Writer }

func (q quiet) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("TLS handshake error")) {
		return len(line), nil
	}
	return q.Writer.Write(line)
}

// remove removes what was written to a temporary file.
func (c *certificate) remove() {
	if c != nil && c.temporary != "" {
		os.RemoveAll(c.temporary) // what is left is public
	}
}

// config is that of a server. WebSockets need HTTP/1.1.
func (c *certificate) config() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.server}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
}

// trust is the config of a client that trusts the authority.
func (c *certificate) trust() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(c.authority)
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}
