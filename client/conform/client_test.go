package conform_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
	"github.com/opcall/opcall/client/conform"
	"github.com/opcall/opcall/schema"
)

// TestTrafficOfTheClientPassesConform sends by the client what its operations take, in
// every place that a request has, and wants no verdict but on the answers that
// cannot be validated.
func TestTrafficOfTheClientPassesConform(t *testing.T) {
	server, got := clienttest.NewServer(t), &reports{}
	plain := &http.Transport{}
	defer plain.CloseIdleConnections()
	transport := conform.NewTransport(server.Document(), plain, conform.WithResponses(schema.Standard, conform.Reject), conform.WithReport(got.add))
	c := server.Client(client.WithHTTPClient(&http.Client{Transport: transport}))
	tests := map[string]struct {
		operation string
		params    client.Params
		report    string
	}{
		"body":              {"createEmbedding", client.Params{"model": "m", "input": []string{"a", "b"}}, ""},
		"path":              {"retrieveModel", client.Params{"model": "a/b c"}, ""},
		"query":             {"listFiles", client.Params{"limit": 2, "order": "asc"}, ""},
		"query in brackets": {"usage-costs", client.Params{"start_time": 1, "project_ids": []string{"a", "b"}, "group_by": []string{"line_item"}}, ""},
		"header":            {"listAssistants", nil, ""},
		"form":              {"createFile", client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: strings.NewReader("{}")}}, ""},
		"binary answer":     {"createSpeech", client.Params{"model": "tts-1", "input": "Hi", "voice": "alloy"}, "body not checked: application/octet-stream is not JSON"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got.all = nil
			r, err := c.Call(t.Context(), tt.operation, tt.params)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r.Body()); err != nil {
				t.Error(err)
			}
			contains(t, "reports", got.text(), tt.report)
			for _, one := range got.all {
				if one.Err != nil || one.Findings != nil {
					t.Errorf("got %v", one)
				}
			}
		})
	}
}
