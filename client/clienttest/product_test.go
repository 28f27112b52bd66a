package clienttest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

func TestRateLimitsCountDown(t *testing.T) {
	server := clienttest.NewServer(t, clienttest.WithRateLimit(clienttest.RateLimit{Requests: 2, Tokens: 100_000, Per: time.Hour}))
	for i, want := range []struct{ status, left string }{{"200", "1"}, {"400", ""}, {"200", "0"}, {"429", "0"}} {
		body := `{"model":"m","messages":[{"role":"user","content":"Hi"}]}`
		if want.status == "400" {
			body = `{}`
		}
		status, header, got := post(t, server, "/chat/completions", body)
		if fmt.Sprint(status) != want.status || header.Get("X-Ratelimit-Remaining-Requests") != want.left {
			t.Errorf("request %d: got %d with %q left, want %s with %q: %s", i, status, header.Get("X-Ratelimit-Remaining-Requests"), want.status, want.left, got)
		}
		if status == 429 && (gjson.Get(got, "error.code").String() != "rate_limit_exceeded" || gjson.Get(got, "error.type").String() != "requests" || header.Get("Retry-After") == "") {
			t.Errorf("got %s with %v, want the error of a rate limit and Retry-After", got, header)
		}
		if status == 200 && (header.Get("X-Ratelimit-Limit-Tokens") != "100000" || header.Get("X-Ratelimit-Reset-Requests") == "") {
			t.Errorf("got %v, want the limits", header)
		}
	}
	again := clienttest.NewServer(t, clienttest.WithRateLimit(clienttest.RateLimit{Requests: 1, Per: 1}))
	for range 3 { // a nanosecond is over before the next request
		if status, _, got := send(t, again, request{method: "GET", path: "/models"}); status != 200 {
			t.Errorf("got %d %s, want the limit to be whole again", status, got)
		}
	}
}

func TestFaultsComeByChanceAndTheSameEachTime(t *testing.T) {
	statuses := func(seed uint64) (list []int) {
		server := clienttest.NewServer(t, clienttest.WithFaults("listModels=503:0.5;*=500:0.1"), clienttest.WithSeed(seed))
		for range 40 {
			status, _, _ := send(t, server, request{method: "GET", path: "/models"})
			list = append(list, status)
		}
		return list
	}
	first := statuses(7)
	if !slices.Equal(first, statuses(7)) || slices.Equal(first, statuses(8)) {
		t.Errorf("got %v, want the same for the same seed alone", first)
	}
	if !slices.Contains(first, 503) || !slices.Contains(first, 200) {
		t.Errorf("got %v, want 200 and 503", first)
	}
}

func TestFaultsOfOneRequest(t *testing.T) {
	server := clienttest.NewServer(t)
	get := func(fault string) (*http.Response, string, error) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", server.URL()+"/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer k")
		req.Header.Set(clienttest.FaultHeader, fault)
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil {
			return nil, "", err
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		return resp, string(body), err
	}
	if resp, body, err := get("1ms,418"); err != nil || resp.StatusCode != 418 || !gjson.Valid(body) {
		t.Errorf("got %v, want 418", err)
	}
	_, whole, err := get("503:0")
	if err != nil || gjson.Get(whole, "data.#").Int() != 1 {
		t.Errorf("got %q, %v; want the response as it is", whole, err)
	}
	if _, half, err := get("cut"); !errors.Is(err, io.ErrUnexpectedEOF) || len(half) != len(whole)/2 {
		t.Errorf("got %d bytes, %v; want half of %d and an error", len(half), err, len(whole))
	}
	if _, _, err := get("drop"); err == nil {
		t.Error("got a response, want a closed connection")
	}
	if resp, body, err := get("crash"); err != nil || resp.StatusCode != 400 || gjson.Get(body, "error.code").String() != "invalid_fault" {
		t.Errorf("got %s %v, want a refusal of what is not a fault", body, err)
	}
}

func TestOptionsRefuseWhatTheyCannotDo(t *testing.T) {
	used := clienttest.NewServer(t)
	address := strings.TrimSuffix(strings.TrimPrefix(used.URL(), "http://"), "/v1")
	for name, tt := range map[string]struct {
		option clienttest.Option
		want   string
	}{
		"fault":       {clienttest.WithFaults("createResponse=603"), "want a status from 400 to 599"},
		"chance":      {clienttest.WithFaults("createResponse=503:2"), "want 0 to 1"},
		"operation":   {clienttest.WithFaults("createRespons=503"), "createResponse"},
		"no fault":    {clienttest.WithFaults("createResponse"), "want OPERATION=FAULT:PROBABILITY"},
		"state":       {clienttest.WithState(9), "want LenientState"},
		"file":        {clienttest.WithMaxFile(1 << 40), "WithMaxFile"},
		"timing":      {clienttest.WithTiming(clienttest.Timing{TokensPerSecond: -1}), "no negative numbers"},
		"too slow":    {clienttest.WithTiming(clienttest.Timing{TokensPerSecond: 1e-300}), "want at least 0.001"},
		"no speed":    {clienttest.WithTiming(clienttest.Timing{TokensPerSecond: math.NaN()}), "want at least 0.001"},
		"limit":       {clienttest.WithRateLimit(clienttest.RateLimit{Requests: -1}), "no negative numbers"},
		"address":     {clienttest.WithAddress("8080"), "want HOST:PORT"},
		"port in use": {clienttest.WithAddress(address), address + " is in use by another program"},
		"CA file":     {clienttest.WithTLS(t.TempDir() + "/no/ca.pem"), "certificate"},
	} {
		server, err := clienttest.Start(tt.option)
		if err == nil {
			server.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

// An option that would be without effect is refused, as its user expects one.
func TestOptionsThatWouldDoNothingAreRefused(t *testing.T) {
	recorded := t.TempDir()
	if err := os.WriteFile(filepath.Join(recorded, "a.jsonl"), []byte(`{"method":"GET","path":"/v1/models","status":200}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	record, replay := clienttest.WithRecord(t.TempDir(), "http://127.0.0.1:1"), clienttest.WithReplay(recorded)
	faults := clienttest.WithFaults("*=503")
	for name, tt := range map[string]struct {
		options []clienttest.Option
		want    string
	}{
		"faults of what is recorded": {[]clienttest.Option{faults, record}, "WithFaults: WithRecord"},
		"faults of what is replayed": {[]clienttest.Option{replay, faults}, "WithFaults: WithReplay"},
		"limits of what is recorded": {[]clienttest.Option{record, clienttest.WithRateLimit(clienttest.RateLimit{Requests: 1})}, "WithRateLimit"},
		"speed of what is recorded":  {[]clienttest.Option{record, clienttest.WithTiming(clienttest.Timing{TokensPerSecond: 1})}, "WithTiming"},
		"cases":                      {[]clienttest.Option{replay, clienttest.WithCases([]byte("cases:\n- operation: listModels\n  respond: {status: 500}\n"))}, "WithCases"},
		"store of what is replayed":  {[]clienttest.Option{replay, clienttest.WithState(clienttest.NoState)}, "WithState: WithReplay"},
		"files of what is recorded":  {[]clienttest.Option{record, clienttest.WithMaxFile(1)}, "WithMaxFile: WithRecord"},
		"record and replay":          {[]clienttest.Option{record, replay}, "want one of them"},
	} {
		server, err := clienttest.Start(tt.options...)
		if err == nil {
			server.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestTLSIsTrustedByItsCAFile(t *testing.T) {
	server := clienttest.NewTLSServer(t)
	if !strings.HasPrefix(server.URL(), "https://127.0.0.1:") {
		t.Errorf("got %s, want https", server.URL())
	}
	c := server.Client()
	if _, err := c.Call(t.Context(), "listModels", nil); err != nil {
		t.Error(err)
	}
	socket, err := c.Socket(t.Context(), "realtime", client.Params{"model": "m"})
	if err != nil {
		t.Fatal(err)
	}
	if err := socket.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(server.URL() + "/models"); err == nil {
		t.Error("a client without the CA trusts the server")
	}
	text, err := os.ReadFile(server.CAFile())
	if err != nil || !strings.HasPrefix(string(text), "-----BEGIN CERTIFICATE-----") || strings.Contains(string(text), "PRIVATE") {
		t.Errorf("got %.60q, %v; want the certificate alone", text, err)
	}
	server.Close()
	if _, err := os.Stat(server.CAFile()); !os.IsNotExist(err) {
		t.Errorf("got %v, want the temporary file to be gone", err)
	}
}

func TestOtherLanguagesCanSeeWhatWasReceived(t *testing.T) {
	server := clienttest.NewServer(t)
	root := strings.TrimSuffix(server.URL(), "/v1")
	const secret = "sk-this-is-a-secret-key"
	req, err := http.NewRequestWithContext(t.Context(), "POST", server.URL()+"/chat/completions", strings.NewReader(`{"model":"m","user":"`+secret+`","messages":[{"role":"user","content":"Hi"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {"Bearer " + secret}, "Content-Type": {"application/json"}, "X-Other": {"has " + secret + " in it"}, "Cookie": {"a=b"}}
	inspect := func(method, path string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, root+clienttest.InspectPath+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil || len(text) > 0 && !json.Valid(text) {
			t.Fatalf("got %q, %v; want JSON", text, err)
		}
		return string(text)
	}
	defer http.DefaultClient.CloseIdleConnections()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	send(t, server, request{method: "POST", path: "/chat/completions", header: jsonBody, body: `{}`})
	send(t, server, request{method: "GET", path: "/models"})

	text := inspect("GET", "requests?operation=createChatCompletion")
	if strings.Contains(text, secret) || strings.Contains(text, "a=b") {
		t.Errorf("a credential is in %s", text)
	}
	for path, want := range map[string]string{
		"requests.#": "2", "requests.0.body.messages.0.content": "Hi", "requests.0.method": "POST", "requests.0.path": "/v1/chat/completions",
		"requests.1.refusal.status": "400", "requests.1.refusal.param": "messages",
	} {
		if got := gjson.Get(text, path).String(); got != want {
			t.Errorf("%s: got %q, want %q in %s", path, got, want, text)
		}
	}
	if n := gjson.Get(inspect("GET", "requests?limit=1"), "requests.#").Int(); n != 1 {
		t.Errorf("got %d requests, want the latest", n)
	}
	coverage := inspect("GET", "coverage")
	if got := gjson.Get(coverage, "exercised.listModels").Int(); got != 1 || gjson.Get(coverage, "refused.createChatCompletion").Int() != 1 {
		t.Errorf("got %s", coverage)
	}
	if never := server.Coverage().Never; slices.Contains(never, "createChatCompletion") || !slices.Contains(never, "createResponse") {
		t.Errorf("got %v", never)
	}
	socket, err := server.Client().Socket(t.Context(), "realtime", client.Params{"model": "m"})
	if err != nil {
		t.Fatal(err)
	}
	if err := socket.Send(t.Context(), client.Params{"type": "response.cancel", "event_id": 7}); err == nil {
		t.Error("the client sent an invalid event")
	}
	if err := socket.Send(t.Context(), client.Params{"type": "response.create"}); err != nil {
		t.Fatal(err)
	}
	for e, err := range socket.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Type == "response.done" {
			break
		}
	}
	socket.Close()
	if got := inspect("GET", "events?socket=realtime"); gjson.Get(got, "events.#").Int() != 1 || gjson.Get(got, "events.0.data.type").String() != "response.create" {
		t.Errorf("got %s", got)
	}
	inspect("DELETE", "requests")
	if got := inspect("GET", "events"); gjson.Get(got, "events.#").Int() != 0 {
		t.Errorf("got %s", got)
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests are left", n)
	}
	inspect("DELETE", "state")
	if status := gjson.Get(inspect("GET", "health"), "status").String(); status != "ok" {
		t.Errorf("got %q", status)
	}
	if n := gjson.Get(inspect("GET", "resources"), "resources.#").Int(); n < 50 {
		t.Errorf("got %d resources", n)
	}
	if code := gjson.Get(inspect("GET", "other"), "error.code").String(); code != "unknown_url" {
		t.Errorf("got %q", code)
	}
}

func TestTimedStreamsSayTheSame(t *testing.T) {
	server := clienttest.NewServer(t, clienttest.WithTiming(clienttest.Timing{FirstToken: time.Microsecond, TokensPerSecond: 1e6}))
	s, err := server.Client().Stream(t.Context(), "createChatCompletion", hello)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(s.TextReader())
	if err != nil || string(text) != ownText {
		t.Errorf("got %q, %v", text, err)
	}
}
