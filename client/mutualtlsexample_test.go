package client_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/opcall/opcall/client"
)

// authority signs certificates of its own.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() *authority {
	a := &authority{certificate: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "our own authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}}
	signed := a.sign(a.certificate)
	a.key = signed.PrivateKey.(*ecdsa.PrivateKey)
	a.certificate, _ = x509.ParseCertificate(signed.Certificate[0])
	return a
}

// sign makes a key and a certificate for it; its own where the authority has none yet.
func (a *authority) sign(template *x509.Certificate) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	signer := a.key
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, signer)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a *authority) issue(name string, usage x509.ExtKeyUsage) tls.Certificate {
	return a.sign(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{usage},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	})
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// newMutualTLSServer responds with the name in the client's certificate, and to nobody
// without one.
func newMutualTLSServer(a *authority) *httptest.Server {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"ok": true, "name": %q, "key": %q}`, req.TLS.PeerCertificates[0].Subject.CommonName, req.Header.Get("X-Api-Key"))
	}))
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{a.issue("the API", x509.ExtKeyUsageServerAuth)},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: a.pool(),
	}
	server.Config.ErrorLog = discardLog // of handshakes without a certificate
	server.StartTLS()
	return server
}

// The certificate is the business of the HTTP client; the security scheme mutualTLS of the
// document counts as met by it.
func ExampleWithHTTPClient_mutualTLS() {
	ca := newAuthority() // of the API's provider
	server := newMutualTLSServer(ca)
	defer server.Close()
	description := []byte(`
openapi: 3.1.0
info: {title: Bank, version: "1"}
security: [{certificate: []}]
paths:
  /me: {get: {operationId: whoAmI, responses: {"200": {description: OK, content: {application/json: {schema: {type: object}}}}}}}
components:
  securitySchemes:
    certificate: {type: mutualTLS}
`)

	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{
		Certificates: []tls.Certificate{ca.issue("my program", x509.ExtKeyUsageClientAuth)}, // tls.LoadX509KeyPair reads one from files
		RootCAs:      ca.pool(),
	}
	defer transport.CloseIdleConnections()

	c, err := client.New(client.WithSpec(description), client.WithBaseURL(server.URL),
		client.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := c.Call(context.Background(), "whoAmI", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Get("name"))
	// Output: my program
}
