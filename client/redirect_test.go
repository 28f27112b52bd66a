package client

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const redirectKey = "key-that-must-stay-home"

// site is a test server that keeps what it was asked.
type site struct {
	*httptest.Server
	seen []*http.Request
}

func newSite(t *testing.T, answer func(w http.ResponseWriter, req *http.Request)) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.seen = append(s.seen, req)
		answer(w, req)
	}))
	t.Cleanup(s.Close)
	return s
}

func redirectTo(target *string, status int) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", *target)
		w.WriteHeader(status)
	}
}

// redirected sends a request with credentials of all kinds to address.
func redirected(t *testing.T, method, address string) (*http.Response, error) {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	s := &sender{client: &http.Client{Transport: transport, CheckRedirect: safeRedirects(nil)}, operation: "createThing"}
	body := ""
	if method == "POST" || method == "PUT" {
		body = "body"
	}
	req := newRequest(t.Context(), t, method, address+"?api_key="+redirectKey, body)
	for name, value := range map[string]string{
		"Authorization": "Bearer " + redirectKey, "Api-Key": redirectKey, "Cookie": "session=" + redirectKey,
		"OpenAI-Organization": "org", "OpenAI-Project": "project", "X-Custom": "custom",
		"Accept": "application/json", "User-Agent": "opcall", "Range": "bytes=0-9",
	} {
		req.Header.Set(name, value)
	}
	resp, err := s.send(req)
	if err == nil {
		resp.Body.Close()
	}
	return resp, err
}

// Another origin gets nothing that says who asks, whichever way leads there.
func TestRedirectToOtherOrigin(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"GET", "HEAD"} {
			var target string
			there := newSite(t, func(w http.ResponseWriter, req *http.Request) {
				if req.URL.Path == "/first" { // a second hop, within the other origin
					http.Redirect(w, req, "/second", http.StatusFound)
				}
			})
			home := newSite(t, redirectTo(&target, status))
			target = there.URL + "/first"
			if _, err := redirected(t, method, home.URL); err != nil {
				t.Fatalf("%s, %d: %v", method, status, err)
			}
			if len(there.seen) != 2 {
				t.Fatalf("%s, %d: the other origin was asked %d times, want 2", method, status, len(there.seen))
			}
			for _, req := range there.seen {
				want := http.Header{"Accept": {"application/json"}, "User-Agent": {"opcall"}, "Range": {"bytes=0-9"}}
				if diff := cmp.Diff(want, req.Header); diff != "" {
					t.Errorf("%s, %d, %s: headers at the other origin (-want +got):\n%s", method, status, req.URL, diff)
				}
				if strings.Contains(req.URL.String(), redirectKey) {
					t.Errorf("%s, %d: the key is in the URL %s", method, status, req.URL)
				}
			}
			if got := home.seen[0].Header.Get("Authorization"); got != "Bearer "+redirectKey {
				t.Errorf("the first request carried %q", got)
			}
		}
	}
}

func TestRedirectComingBackStaysAnonymous(t *testing.T) {
	var out, back string
	home := newSite(t, func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/" {
			redirectTo(&out, 302)(w, req)
		}
	})
	there := newSite(t, redirectTo(&back, 302))
	out, back = there.URL, home.URL+"/back"
	if _, err := redirected(t, "GET", home.URL+"/"); err != nil {
		t.Fatal(err)
	}
	if got := home.seen[1].Header; got.Get("Authorization")+got.Get("Api-Key")+got.Get("Cookie")+got.Get("Referer") != "" {
		t.Errorf("came back with %v", got)
	}
}

func TestRedirectNotFollowed(t *testing.T) {
	tests := map[string]struct {
		method string
		status int
		target string // "" for another origin
		want   string // part of the message
	}{
		"post 301":                {"POST", 301, "", "redirect to OTHER was not followed: body and credentials go to HOME only; if the API has moved, set its address with WithBaseURL"},
		"post 303":                {"POST", 303, "", "redirect to OTHER was not followed"},
		"post 307":                {"POST", 307, "", "redirect to OTHER was not followed"},
		"put 308":                 {"PUT", 308, "", "redirect to OTHER was not followed"},
		"delete 302":              {"DELETE", 302, "", "redirect to OTHER was not followed"},
		"target repeats the key":  {"GET", 302, "OTHER/?k=" + redirectKey, "redirect to OTHER was not followed"},
		"target repeats, escaped": {"GET", 302, "OTHER/" + strings.ReplaceAll(redirectKey, "-", "%2d"), "redirect to OTHER was not followed"},
		"target names a user":     {"POST", 302, "http://me:pw@x.example/", "redirect to http://x.example was not followed"},
		"other port":              {"POST", 302, "http://127.0.0.1:1/", "redirect to http://127.0.0.1:1 was not followed"},
		"https":                   {"POST", 302, "https://127.0.0.1/", "redirect to https://127.0.0.1 was not followed"},
		"in circles":              {"GET", 302, "HOME", "redirect within HOME was not followed: too many"},
		"no location":             {"GET", 302, "none", "moved"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			there := newSite(t, func(http.ResponseWriter, *http.Request) {})
			var target string
			home := newSite(t, func(w http.ResponseWriter, req *http.Request) {
				if target != "none" {
					w.Header().Set("Location", target)
				}
				w.WriteHeader(test.status)
				io.WriteString(w, "moved")
			})
			replace := strings.NewReplacer("OTHER", there.URL, "HOME", home.URL).Replace
			if target = replace(test.target); target == "" {
				target = there.URL
			}
			_, err := redirected(t, test.method, home.URL)
			var answer *APIError
			if !errors.As(err, &answer) {
				t.Fatalf("got %v, want an APIError", err)
			}
			if answer.StatusCode != test.status || !strings.Contains(answer.Message, replace(test.want)) || string(answer.Body) != "moved" {
				t.Errorf("got %d, %q\nwant %d, %q", answer.StatusCode, answer.Message, test.status, replace(test.want))
			}
			if len(there.seen) != 0 {
				t.Errorf("the other origin was asked: %v", there.seen[0].URL)
			}
			if strings.Contains(err.Error(), redirectKey) {
				t.Errorf("the error shows the key: %v", err)
			}
			if test.target == "HOME" && len(home.seen) != maxRedirects {
				t.Errorf("asked %d times, want %d", len(home.seen), maxRedirects)
			}
		})
	}
}

func TestRedirectWithinOrigin(t *testing.T) {
	var bodies []string
	home := newSite(t, func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		bodies = append(bodies, string(body))
		if req.URL.Path == "/" {
			http.Redirect(w, req, "/moved?a=1", http.StatusTemporaryRedirect)
		}
	})
	if _, err := redirected(t, "POST", home.URL+"/"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"body", "body"}; !slices.Equal(bodies, want) {
		t.Errorf("bodies %q, want %q", bodies, want)
	}
	last := home.seen[1]
	if last.Method != "POST" || last.Header.Get("Authorization") != "Bearer "+redirectKey || last.Header.Get("Openai-Project") != "project" {
		t.Errorf("got %s with %v", last.Method, last.Header)
	}
	if got := last.Header.Get("Referer"); got != "" {
		t.Errorf("Referer is %q", got)
	}
}

// A refusal at the end of an anonymous redirect says what happened on the way.
func TestRedirectExplainsRefusal(t *testing.T) {
	var target string
	there := newSite(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"error":{"message":"no key","code":"missing_key"}}`)
	})
	home := newSite(t, redirectTo(&target, 308))
	target = there.URL
	_, err := redirected(t, "GET", home.URL)
	want := "createThing: 401 missing_key: redirected to " + there.URL +
		", which was sent no credentials (if the API has moved there, set its address with WithBaseURL): no key"
	if err == nil || err.Error() != want {
		t.Errorf("Error()\n got: %v\nwant: %s", err, want)
	}
}

func TestRedirectKeepsKeyAtTheSameOriginAlone(t *testing.T) {
	step := func(method, address string) *http.Request {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Request{Method: method, URL: u, Header: http.Header{"Api-Key": {"k"}, "Referer": {address}}}
	}
	tests := map[string]struct {
		method, from, to string
		follow, keep     bool
	}{
		"same":                  {"GET", "https://a.example/1", "https://a.example/2", true, true},
		"default port":          {"GET", "https://a.example/1", "https://a.example:443/2", true, true},
		"case":                  {"GET", "http://a.example:80/1", "http://A.EXAMPLE/2", true, true},
		"same, post made a get": {"POST", "https://a.example/1", "https://a.example/2", false, false},
		"subdomain":             {"GET", "https://a.example/1", "https://b.a.example/2", true, false},
		"port":                  {"GET", "https://a.example/1", "https://a.example:8443/2", true, false},
		"upgrade":               {"GET", "http://a.example/1", "https://a.example/2", true, false},
		"upgrade, post":         {"POST", "http://a.example/1", "https://a.example/2", false, false},
		"downgrade":             {"GET", "https://a.example/1", "http://a.example/2", false, false},
		"downgrade, other host": {"HEAD", "https://a.example/1", "http://b.example/2", false, false},
		"ipv6":                  {"GET", "http://[::1]/1", "http://[::1]:80/2", true, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			first, next := step(test.method, test.from), step("GET", test.to)
			asked := false
			err := safeRedirects(func(*http.Request, []*http.Request) error { asked = true; return nil })(next, []*http.Request{first})
			if follow := err == nil; follow != test.follow || asked != test.follow || err != nil && err != http.ErrUseLastResponse {
				t.Errorf("got %v (user asked: %t), want followed: %t", err, asked, test.follow)
			}
			if keep := next.Header.Get("Api-Key") != ""; test.follow && keep != test.keep {
				t.Errorf("credentials kept: %t, want %t", keep, test.keep)
			}
		})
	}
}

func TestRefusedRedirectClosesBody(t *testing.T) {
	for _, method := range []string{"POST", "GET"} {
		body := &closeRecorder{Reader: strings.NewReader("x")}
		from, to := newRequest(t.Context(), t, method, "https://a.example", ""), newRequest(t.Context(), t, method, "https://b.example", "")
		to.Body = body
		if err := safeRedirects(nil)(to, []*http.Request{from}); err != http.ErrUseLastResponse || !body.closed {
			t.Errorf("%s: got %v, body closed: %t", method, err, body.closed)
		}
	}
}
