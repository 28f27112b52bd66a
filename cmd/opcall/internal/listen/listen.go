// Package listen is what commands that serve have in common: an address to listen on, and
// a server that ends in order.
package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/opcall/opcall/internal/steady"
)

// Times of a server. Writing has no limit, as streams last; for bodies see internal/steady.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	ending        = 10 * time.Second // for what is under way at the end
	maxHeader     = 64 << 10         // bytes
)

// Open listens on an address.
func Open(ctx context.Context, address string) (net.Listener, error) {
	if _, err := hostOf("--addr", address, "an address"); err != nil {
		return nil, err
	}
	return open(ctx, "--addr", address)
}

// Loopback listens on an address that only programs of this machine reach. The error
// names the flag that the address comes from, and the danger where other machines reach
// it: "whoever opens the page calls with your key".
func Loopback(ctx context.Context, flag, address, danger string) (net.Listener, error) {
	host, err := hostOf(flag, address, "a loopback address")
	if err != nil {
		return nil, err
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("%s: %.80q is reached from other machines, and %s; want a loopback address, such as 127.0.0.1:8080", flag, address, danger)
	}
	return open(ctx, flag, address)
}

// hostOf returns the host of an address with a port.
func hostOf(flag, address, want string) (string, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("%s: got %.80q, want %s with a port, such as 127.0.0.1:8080", flag, address, want)
	}
	return host, nil
}

func open(ctx context.Context, flag, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, Failed(flag, address, err)
	}
	return listener, nil
}

// Failed is the error of an address that cannot be listened on, with the flag that it comes
// from.
func Failed(flag, address string, err error) error {
	var op *net.OpError
	if errors.As(err, &op) { // without the address again
		err = op.Err
	}
	return fmt.Errorf("cannot listen on %.80s: %w; %s 127.0.0.1:0 takes a free port", address, err, flag)
}

// Serve serves until the context ends, and then until what is under way has come to its
// end, for ten seconds at most. shutdown is called first.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, shutdown func(context.Context) error) error {
	server := &http.Server{Handler: steady.Bodies(handler, steady.Timeout), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("the server has ended: %w", err)
	case <-ctx.Done():
	}
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), ending)
	defer cancel()
	if err := errors.Join(shutdown(soon), server.Shutdown(soon)); err != nil {
		server.Close()
	}
	<-served
	return nil
}
