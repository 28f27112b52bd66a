package main

import (
	"errors"
	"net"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// natsServer is a NATS server in this process, with JetStream in a folder.
type natsServer struct {
	running *server.Server
	folder  string // to be removed; "" for one of the caller's
}

// randomPort lets the system choose the port.
const randomPort = server.RANDOM_PORT

// startServer starts a server that keeps its streams in a folder, or in a temporary one.
func startServer(host string, port int, folder string) (*natsServer, error) {
	s := &natsServer{}
	var err error
	if folder == "" {
		if s.folder, err = os.MkdirTemp("", "bulk-nats-"); err != nil {
			return nil, err
		}
		folder = s.folder
	}
	s.running, err = server.NewServer(&server.Options{
		Host: host, Port: port, JetStream: true, StoreDir: folder, NoSigs: true, NoLog: true, MaxPayload: maxMessage,
	})
	if err != nil {
		return nil, err
	}
	s.running.Start()
	if !s.running.ReadyForConnections(30 * time.Second) {
		s.stop()
		return nil, errors.New("the NATS server does not start")
	}
	return s, nil
}

func (s *natsServer) address() string { return s.running.ClientURL() }

func (s *natsServer) stop() {
	s.running.Shutdown()
	s.running.WaitForShutdown()
	if s.folder != "" {
		os.RemoveAll(s.folder)
	}
}

func (s *natsServer) port() int { return s.running.Addr().(*net.TCPAddr).Port }
