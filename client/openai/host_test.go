package openai_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/openai"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// ambient sets what a program finds in its environment.
func ambient(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-of-the-environment-0123456789")
	t.Setenv("OPENAI_ORG_ID", "org-of-the-environment")
	t.Setenv("OPENAI_BASE_URL", "https://gateway.example.com/v1")
	t.Setenv("OPCALL_SPEC", "")
}

// dry returns the request that a client would send.
func dry(t *testing.T, operation string, params any, opts ...client.Option) (*http.Request, error) {
	t.Helper()
	c, err := openai.New(opts...)
	if err != nil {
		return nil, err
	}
	return c.Request(t.Context(), operation, params)
}

var small = openai.ChatRequest{Model: "my model", Messages: []openai.Message{openai.User("Hello")}}

// TestHostsGetNoAmbientCredentials: the key of one provider is not sent to another.
func TestHostsGetNoAmbientCredentials(t *testing.T) {
	ambient(t)
	tests := map[string]struct {
		option client.Option
		want   string
	}{
		"compatible":     {openai.Compatible("http://localhost:9999/v1"), "http://localhost:9999/v1/chat/completions"},
		"a name":         {openai.Host("ollama"), "http://localhost:11434/v1/chat/completions"},
		"a name in caps": {openai.Host(" OpenRouter "), "https://openrouter.ai/api/v1/chat/completions"},
		"gemini":         {openai.Host("gemini"), "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"},
		"Azure":          {openai.Azure("https://n.openai.azure.com", "azure-key-0123"), "https://n.openai.azure.com/openai/v1/chat/completions"},
		"deployments": {
			openai.AzureDeployments("https://n.openai.azure.com", "2024-10-21", "azure-key-0123"),
			"https://n.openai.azure.com/openai/deployments/my%20model/chat/completions?api-version=2024-10-21",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			req, err := dry(t, "createChatCompletion", small, tt.option)
			if err != nil {
				t.Fatal(err)
			}
			if got := req.URL.String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			for header, values := range req.Header {
				if strings.Contains(strings.Join(values, " "), "environment") || header == "Authorization" {
					t.Errorf("%s: %q is sent", header, values)
				}
			}
			if key := req.Header.Get("Api-Key"); (key == "azure-key-0123") != strings.Contains(tt.want, "azure") {
				t.Errorf("api-key: got %q", key)
			}
		})
	}
}

// TestEveryHostHasAnAddress that a client takes.
func TestEveryHostHasAnAddress(t *testing.T) {
	t.Parallel()
	var all map[string]map[string]any
	if err := json.Unmarshal(embed.Hosts(), &all); err != nil {
		t.Fatal(err)
	}
	if len(all["hosts"]) != 7 || len(all["regions"]) != 10 || len(all) != 2 {
		t.Errorf("got %d hosts, %d regions", len(all["hosts"]), len(all["regions"]))
	}
	for list, option := range map[string]func(string) client.Option{"hosts": openai.Host, "regions": openai.Region} {
		for name := range all[list] {
			req, err := dry(t, "listModels", nil, option(name))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			local := req.URL.Hostname() == "localhost"
			if !strings.HasSuffix(req.URL.Path, "/models") || strings.Contains(req.URL.Path, "//") || (req.URL.Scheme == "https") == local {
				t.Errorf("%s: got %s", name, req.URL)
			}
		}
	}
}

// TestRegionKeepsTheKey: regions are OpenAI's.
func TestRegionKeepsTheKey(t *testing.T) {
	ambient(t)
	req, err := dry(t, "createChatCompletion", small, openai.Region("eu"))
	if err != nil {
		t.Fatal(err)
	}
	if req.URL.String() != "https://eu.api.openai.com/v1/chat/completions" || req.Header.Get("Authorization") == "" {
		t.Errorf("got %s, %v", req.URL, req.Header)
	}
}

// TestCompatibleSendsWhatTheDocumentDoesNotKnow, and reads what it does not know.
func TestCompatibleSendsWhatTheDocumentDoesNotKnow(t *testing.T) {
	h := newHost(t, responding("application/json", `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"eos"}],"timings":{}}`))
	var findings []schema.Finding
	c := newClient(t, openai.Compatible(h.URL), client.WithFindings(func(_ string, f []schema.Finding) { findings = append(findings, f...) }))
	req := small
	req.Temperature = new(99.0)
	req.Extra = map[string]any{"top_k": 5}
	r, err := c.Chat(t.Context(), req)
	if err != nil || r.Text() != "Hi" {
		t.Fatalf("got %v, %v", r, err)
	}
	if got := h.only(t).Body; !strings.Contains(got, `"top_k":5`) || !strings.Contains(got, `"temperature":99`) {
		t.Errorf("got %s", got)
	}
	if len(findings) == 0 {
		t.Error("nobody learns that the request is invalid by the document")
	}
}

// TestMistakenAddressesAreRefused are errors of New with a remedy.
func TestMistakenAddressesAreRefused(t *testing.T) {
	ambient(t)
	const secret = "0123456789abcdef"
	tests := map[string]struct {
		option client.Option
		want   string
	}{
		"unknown host":           {openai.Host("olama"), `unknown host "olama"; did you mean "ollama"?`},
		"no host":                {openai.Host(""), `unknown host "", want one of deepseek, gemini, groq, mistral, ollama, openrouter, vllm`},
		"unknown region":         {openai.Region("mars"), `unknown region "mars", want one of ae, au, ca, eu, gb, in, jp, kr, sg, us`},
		"no base URL":            {openai.Compatible(""), "base URL: got scheme"},
		"space within":           {openai.Compatible("http://local host/v1"), "base URL: got a character that no address has"},
		"no endpoint":            {openai.Azure("", "k"), "Azure: got an endpoint that is not an address, want one like https://NAME.openai.azure.com"},
		"a name alone":           {openai.Azure("my-resource", "k"), "Azure: got an endpoint that is not an address"},
		"space in the endpoint":  {openai.Azure("https://my resource.openai.azure.com", "k"), "Azure: got an endpoint that is not an address"},
		"space in its path":      {openai.Azure("https://n.openai.azure.com/a b", "k"), "base URL: got a character that no address has"},
		"the target address":     {openai.Azure("https://n.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "k"), "Azure: got an endpoint with a query or fragment"},
		"a key in the query":     {openai.Azure("https://n.openai.azure.com/?key="+secret, "k"), "AzureDeployments takes the api-version"},
		"a deployment":           {openai.Azure("https://n.openai.azure.com/openai/deployments/gpt", "k"), "Azure: got the address of a deployment, want that of the resource, https://n.openai.azure.com; the name of the deployment is the Model of requests"},
		"a project":              {openai.Azure("https://n.services.ai.azure.com/api/projects/p", "k"), "Azure: got the address of a project, want that of the resource, https://n.services.ai.azure.com"},
		"no version":             {openai.AzureDeployments("https://n.openai.azure.com", "", "k"), `Azure: got API version "", want one like "2024-10-21"`},
		"a version with a query": {openai.AzureDeployments("https://n.openai.azure.com", "2024-10-21&x=1", "k"), "Azure: got API version"},
		"a key of two lines":     {openai.Azure("https://n.openai.azure.com", secret+"\nx"), ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := openai.New(tt.option)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestEveryAzureAddressLeadsToItsV1API(t *testing.T) {
	for endpoint, want := range map[string]string{
		"https://n.openai.azure.com":             "https://n.openai.azure.com/openai/v1/models",
		"https://n.openai.azure.com/":            "https://n.openai.azure.com/openai/v1/models",
		" https://n.openai.azure.com/ ":          "https://n.openai.azure.com/openai/v1/models",
		"https://n.openai.azure.com/openai":      "https://n.openai.azure.com/openai/v1/models",
		"https://n.openai.azure.com/openai/":     "https://n.openai.azure.com/openai/v1/models",
		"https://n.openai.azure.com/openai/v1":   "https://n.openai.azure.com/openai/v1/models",
		"https://n.openai.azure.com/openai/v1//": "https://n.openai.azure.com/openai/v1/models",
		"https://gw.example.com:8443/team/":      "https://gw.example.com:8443/team/openai/v1/models",
	} {
		req, err := dry(t, "listModels", nil, openai.Azure(endpoint, "k"))
		if err != nil {
			t.Fatal(err)
		}
		if got := req.URL.String(); got != want {
			t.Errorf("%q: got %s, want %s", endpoint, got, want)
		}
	}
}

// TestAzureDeploymentIsTheModel, in JSON, forms and streams; other operations keep
// their path.
func TestAzureDeploymentIsTheModel(t *testing.T) {
	h := newHost(t)
	c := newClient(t, openai.AzureDeployments(h.URL, "2025-04-01-preview", "k"))
	file := client.File{Name: "a.wav", Body: strings.NewReader("RIFF")}
	for want, call := range map[string]struct {
		operation string
		params    any
	}{
		"/openai/deployments/my-gpt/chat/completions":  {"createChatCompletion", client.Params{"model": "my-gpt", "messages": []any{client.Params{"role": "user", "content": "Hi"}}}},
		"/openai/deployments/a%2Fb/embeddings":         {"createEmbedding", client.Params{"model": "a/b", "input": "x"}},
		"/openai/deployments/ear/audio/transcriptions": {"createTranscription", client.Params{"model": "ear", "file": file}},
		"/openai/deployments/mouth/audio/speech":       {"createSpeech", client.Params{"model": "mouth", "input": "x", "voice": "alloy"}},
		"/openai/deployments/brush/images/generations": {"createImage", client.Params{"model": "brush", "prompt": "x"}},
		"/openai/models":       {"listModels", nil},
		"/openai/files/file-1": {"retrieveFile", client.Params{"file_id": "file-1"}},
	} {
		if r, err := c.Call(t.Context(), call.operation, call.params); err == nil {
			r.Close()
		}
		if got := h.last(t); got.Path != want {
			t.Errorf("%s: got %s, want %s", call.operation, got.Path, want)
		}
	}
	if s, err := c.Stream(t.Context(), "createChatCompletion", small); err == nil {
		s.Close()
	}
	if got := h.last(t).Path; got != "/openai/deployments/my%20model/chat/completions" {
		t.Errorf("stream: got %s", got)
	}
	for name, model := range map[string]any{"no model": nil, "an empty model": "", "a number": 5, "dots": ".."} {
		_, err := c.Request(t.Context(), "createChatCompletion", client.Params{"model": model, "messages": []any{}}, client.WithRequestValidation(schema.Off))
		var invalid *schema.ValidationError
		var cannot *client.BindError
		if !errors.As(err, &invalid) && !errors.As(err, &cannot) {
			t.Errorf("%s: got %v, want an error before anything is sent", name, err)
		}
	}
}

// TestAzureSocketNamesTheDeployment in its address.
func TestAzureSocketNamesTheDeployment(t *testing.T) {
	var asked string
	refuse := client.WithMiddleware(func(http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			asked = req.URL.String() + " " + req.Header.Get("Api-Key")
			return &http.Response{StatusCode: 403, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("")), Request: req}, nil
		})
	})
	c := newClient(t, openai.AzureDeployments("https://n.openai.azure.com", "2025-04-01-preview", "k"), refuse)
	c.Realtime(t.Context(), client.Params{"deployment": "live"})
	if want := "https://n.openai.azure.com/openai/realtime?deployment=live&api-version=2025-04-01-preview k"; asked != want {
		t.Errorf("got %s, want %s", asked, want)
	}
}

// The tokens of a source are sent as bearer tokens.
func TestAzureWithoutAKeySendsTokens(t *testing.T) {
	source := func(context.Context) (string, time.Time, error) { return "entra-token", time.Time{}, nil }
	req, err := dry(t, "listModels", nil, openai.Azure("https://n.openai.azure.com", ""), client.WithTokenSource(source))
	if err != nil {
		t.Fatal(err)
	}
	if got := req.Header.Get("Authorization"); got != "Bearer entra-token" || req.Header.Get("Api-Key") != "" {
		t.Errorf("got %q and %q", got, req.Header.Get("Api-Key"))
	}
}
