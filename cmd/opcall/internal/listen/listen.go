// Package listen is what commands that serve have in common: an address to listen on, and
// a server that ends in order.
package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Times of a server. Writing has no limit, as streams last.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	ending        = 10 * time.Second // for what is under way at the end
	maxHeader     = 64 << 10         // bytes
)

// Open listens on an address.
func Open(ctx context.Context, address string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("--addr: got %.80q, want an address with a port, such as 127.0.0.1:8080", address)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return nil, fmt.Errorf("cannot listen on %.80s: %w; --addr 127.0.0.1:0 takes a free port", address, err)
	}
	return listener, nil
}

// Serve serves until the context ends, and then until what is under way has come to its
// end, for ten seconds at most. shutdown is called first.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, shutdown func(context.Context) error) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader}
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
