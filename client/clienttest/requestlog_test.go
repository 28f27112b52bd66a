package clienttest_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// Whatever keeps a response from being a success is in the log: the document, the store, a
// script, a fault, a handshake.
func TestLogSaysWhyARequestGotNoSuccess(t *testing.T) {
	var out bytes.Buffer
	server := clienttest.NewServer(t, clienttest.WithLog(&out), clienttest.WithState(clienttest.StrictState))
	server.Respond("listModels", clienttest.ErrorAnswer(429, "rate_limit_exceeded", "Slow down, sk-proj-0123456789abcdefghij."))
	server.Respond("listBatches", clienttest.Answer{Status: 503})
	server.Respond("listEvals", clienttest.Answer{Status: 700})
	server.RespondHandshake("realtime", clienttest.Answer{Status: 403})
	key := "Authorization: Bearer a-key-of-this-test"
	get := func(path, header string) request { return request{method: "GET", path: path, header: header} }
	for _, r := range []request{
		get("/files?purpose=not-logged", key),
		get("/files/file-1", key),
		get("/filez", key),
		get("/files?limit=x", key),
		get("/models", key),
		get("/batches", key),
		get("/evals", key),
		get("/files", key+"\nX-Opcall-Fault: 500"),
		get("/files", key+"\nX-Opcall-Fault: 5"),
		get("/realtime?model=m", key+"\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
		get("/responses", key+"\nUpgrade: websocket\nConnection: Upgrade\nSec-WebSocket-Version: 12\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
	} {
		send(t, server, r)
	}
	for _, fault := range []string{"drop", "cut"} {
		_, err := server.Client(client.WithMaxRetries(0)).Call(t.Context(), "listFiles", nil, client.WithHeader(clienttest.FaultHeader, fault))
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: got %v, want an end of the connection", fault, err)
		}
	}
	server.Close()
	want := []string{
		`req_test_0001 GET /v1/files listFiles`,
		`req_test_0002 GET /v1/files/file-1 retrieveFile 404 no object with ID "file-1" was made on this server, or it was deleted`,
		`req_test_0003 GET /v1/filez 404 no operation is at GET /filez; did you mean GET /files?`,
		`req_test_0004 GET /v1/files 400 listFiles: query /limit: got string "x", want integer`,
		`req_test_0005 GET /v1/models listModels 429 Slow down, ***.`,
		`req_test_0006 GET /v1/batches listBatches 503`,
		`req_test_0007 GET /v1/evals listEvals 500 test server: got status 700 in an answer, want 200 to 599`,
		`req_test_0008 GET /v1/files listFiles 500 a fault that the test server was asked for`,
		`req_test_0009 GET /v1/files listFiles 400 X-Opcall-Fault: got fault "5", want a status from 400 to 599, cut, drop or a duration`,
		`req_test_0010 GET /v1/realtime realtime 403`,
		`req_test_0011 GET /v1/responses responses 400`,
		`req_test_0012 GET /v1/files listFiles no response`,
		`req_test_0013 GET /v1/files listFiles broken off`,
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

// What is recorded passes through, and is logged and counted all the same.
func TestLogAndCoverageKnowWhatIsRecorded(t *testing.T) {
	api := clienttest.NewServer(t)
	api.Respond("listModels", clienttest.Answer{Status: 401})
	api.Respond("listBatches", clienttest.Answer{Fail: clienttest.Drop()})
	var out bytes.Buffer
	server := clienttest.NewServer(t, clienttest.WithLog(&out), clienttest.WithRecord(t.TempDir(), strings.TrimSuffix(api.URL(), "/v1")))
	for _, path := range []string{"/files", "/models", "/batches", "/filez"} {
		send(t, server, request{method: "GET", path: path})
	}
	socket, err := server.Client().Socket(t.Context(), "realtime", client.Params{"model": "m"})
	if err != nil {
		t.Fatal(err)
	}
	socket.Close()
	server.Close()
	want := []string{
		"req_test_0001 GET /v1/files listFiles",
		"req_test_0002 GET /v1/models listModels 401",
		"req_test_0003 GET /v1/batches listBatches 502",
		"req_test_0004 GET /v1/filez 404",
		"req_test_0005 GET /v1/realtime realtime",
	}
	if diff := cmp.Diff(want, strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"listFiles": 1, "listModels": 1, "listBatches": 1}, server.Coverage().Exercised); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
}
