package explorer_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/explorer"
)

func TestKeyNeverReachesThePage(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	const chat = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`
	var all strings.Builder
	for _, path := range []string{"/", "/operation/createChatCompletion", "/component/CreateResponse", "/index.json", "/shape.json?path=createResponse"} {
		_, text := b.get(path)
		all.WriteString(text)
	}
	_, text := b.post("/check", ask("createChatCompletion", chat, ""))
	all.WriteString(text)
	if !strings.Contains(text, "Bearer $OPENAI_API_KEY") {
		t.Errorf("curl does not take the key from the environment:\n%s", text)
	}
	if strings.Contains(all.String(), secret) {
		t.Error("the key is in what the page gets")
	}
}

// A server may repeat what it was sent, in any part of a response.
func TestResponsesDoNotRepeatTheKey(t *testing.T) {
	t.Parallel()
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("Authorization")
		w.Header().Set("X-Echo", key)
		switch r.URL.Path {
		case "/models":
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"object":"list","data":[{"id":%q}]}`, key)
		case "/chat/completions":
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "data: {\"id\":%q,\"choices\":[{\"index\":0,\"delta\":{\"content\":%q},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n", key, key)
		default:
			w.Header().Set("Content-Type", "application/octet-stream")
			fmt.Fprint(w, key)
		}
	}))
	t.Cleanup(echo.Close)
	const secret = "key/with&escapes-0123456789" // which JSON may have as \/ and \u0026
	api, err := client.New(client.WithoutEnvironment(), client.WithBaseURL(echo.URL), client.WithAPIKey(secret))
	if err != nil {
		t.Fatal(err)
	}
	b := openClient(t, api)
	for _, call := range []string{
		`{"operation":"listModels","target":"api"}`,
		`{"operation":"downloadFile","target":"api","parameters":{"path":{"file_id":"f"}}}`,
		`{"operation":"createChatCompletion","target":"api","stream":true,"body":"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"}`,
	} {
		status, text := b.post("/send", call)
		hidden := base64.StdEncoding.EncodeToString([]byte("Bearer ***"))
		if status != http.StatusOK || !strings.Contains(text, `"X-Echo":"Bearer ***"`) || strings.Count(text, "Bearer ***")+strings.Count(text, hidden) < 2 ||
			strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte("Bearer " + secret))[:30]) {
			t.Errorf("%s: status %d\n%s", call, status, text)
		}
	}
}

func TestOtherSitesAndOtherNamesAreRefused(t *testing.T) {
	t.Parallel()
	b, _ := open(t, explorer.WithHosts("tools.example.com"))
	tests := map[string]struct {
		method, path, host, origin string
		cookie                     bool
		want                       int
	}{
		"page":                                 {http.MethodGet, "/", "", "", true, 200},
		"name of WithHosts":                    {http.MethodGet, "/", "Tools.Example.com:8080", "", true, 200},
		"rebound name":                         {http.MethodGet, "/", "evil.example", "", true, 421},
		"rebound name, port":                   {http.MethodGet, "/", "evil.example:80", "", true, 421},
		"no cookie":                            {http.MethodGet, "/", "", "", false, 403},
		"wrong token":                          {http.MethodGet, "/?token=0123", "", "", false, 403},
		"post of another site":                 {http.MethodPost, "/send", "", "http://evil.example", true, 403},
		"post without origin":                  {http.MethodPost, "/send", "", "", true, 403},
		"post of another port":                 {http.MethodPost, "/send", "", "http://127.0.0.1:1", true, 403},
		"post by way of a proxy, site unknown": {http.MethodPost, "/send", "", "http://tools.example.com", true, 403},
		"post with null origin":                {http.MethodPost, "/send", "", "null", true, 403},
		"index without cookie":                 {http.MethodGet, "/index.json", "", "", false, 403},
		"assets without cookie":                {http.MethodGet, "/assets/app.js", "", "", false, 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequest(tt.method, b.origin+tt.path, strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Host = tt.host
			req.Header.Set("Content-Type", "application/json")
			if tt.origin != "" {
				req.Header.Set("Origin", tt.origin)
			}
			asker := b
			if !tt.cookie {
				asker = &browser{tb: t, client: &http.Client{Transport: b.client.Transport}, origin: b.origin}
			}
			if tt.cookie && tt.host != "" { // the jar goes by the address, not by the name
				for _, c := range b.client.Jar.Cookies(req.URL) {
					req.AddCookie(c)
				}
				asker = &browser{tb: t, client: &http.Client{Transport: b.client.Transport}, origin: b.origin}
			}
			if got, text := asker.do(req); got != tt.want {
				t.Errorf("status %d, want %d: %.200s", got, tt.want, text)
			}
		})
	}
}

// Another port of the same host gets the cookie sent along.
func TestPagesOfOtherPortsLoadNothing(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	for name, tt := range map[string]struct {
		site, dest string
		want       int
	}{
		"link":          {"cross-site", "document", 200},
		"address bar":   {"none", "document", 200},
		"page itself":   {"same-origin", "empty", 200},
		"frame":         {"same-site", "iframe", 403},
		"script":        {"same-site", "script", 403},
		"fetch no-cors": {"cross-site", "empty", 403},
	} {
		req, err := http.NewRequest(http.MethodGet, b.origin+"/index.json", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", tt.site)
		req.Header.Set("Sec-Fetch-Dest", tt.dest)
		if got, text := b.do(req); got != tt.want {
			t.Errorf("%s: status %d, want %d: %.100s", name, got, tt.want, text)
		}
	}
}

func TestPolicyAllowsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	b, _ := open(t)
	res, err := b.client.Get(b.origin + "/operation/createResponse")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	policy := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("no %s in the policy %q", want, policy)
		}
	}
	if strings.Contains(string(text), "http://") || strings.Contains(string(text), "https://") {
		t.Error("the page names an address of another host")
	}
}

func TestPrefixIsInEveryAddress(t *testing.T) {
	t.Parallel()
	b, _ := open(t, explorer.WithPrefix("/tools/explore/"))
	_, text := b.get("/tools/explore/operation/createResponse")
	for _, want := range []string{`href="/tools/explore/component/CreateResponse"`, `src="/tools/explore/assets/app.js"`, `data-prefix="/tools/explore"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in the page", want)
		}
	}
	if status, _ := b.get("/tools/explore/assets/style.css"); status != http.StatusOK {
		t.Errorf("the style: status %d", status)
	}
}

// A proxy may take the prefix off, and put another Host in the place of the page's.
func TestPageWorksBehindAProxy(t *testing.T) {
	t.Parallel()
	b, _ := open(t, explorer.WithPrefix("/tools"), explorer.WithHosts("tools.example.com"))
	target, err := url.Parse(b.origin)
	if err != nil {
		t.Fatal(err)
	}
	for name, outer := range map[string]http.Handler{
		"prefix":       httputil.NewSingleHostReverseProxy(target),
		"strip prefix": http.StripPrefix("/tools", httputil.NewSingleHostReverseProxy(target)),
		"other Host":   &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := httptest.NewServer(outer)
			defer proxy.Close()
			cookies := b.client.Jar.Cookies(target.ResolveReference(&url.URL{Path: "/tools/"}))
			for origin, want := range map[string]int{proxy.URL: 200, "http://evil.example": 403} {
				req, err := http.NewRequest(http.MethodPost, proxy.URL+"/tools/check", strings.NewReader(ask("listModels", "", "")))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Origin", origin)
				req.Header.Set("Sec-Fetch-Site", "same-origin")
				for _, c := range cookies {
					req.AddCookie(c)
				}
				asker := &browser{tb: t, client: &http.Client{Transport: b.client.Transport}}
				if got, text := asker.do(req); got != want {
					t.Errorf("from %s: status %d, want %d: %.200s", origin, got, want, text)
				}
			}
		})
	}
}
