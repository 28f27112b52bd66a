package embed_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// witness is a payload that the server took or gave, and where it belongs.
type witness struct {
	name     string
	schema   func(*schema.Document) *schema.Schema // nil when the document has no such place
	instance string
}

func component(name string) func(*schema.Document) *schema.Schema {
	return func(document *schema.Document) *schema.Schema {
		s, err := document.Component(name)
		if err != nil {
			return nil
		}
		return s
	}
}

// requestTo is the JSON body of an operation.
func requestTo(method, path string) func(*schema.Document) *schema.Schema {
	return func(document *schema.Document) *schema.Schema {
		op, _, ok := document.Match(method, path)
		if !ok || op.RequestBody == nil {
			return nil
		}
		if media, ok := op.RequestBody.MediaType("application/json"); ok {
			return media.Schema
		}
		return nil
	}
}

// responseOf is the response of an operation in a media type.
func responseOf(method, path string, status int, mediaType string) func(*schema.Document) *schema.Schema {
	return func(document *schema.Document) *schema.Schema {
		op, _, ok := document.Match(method, path)
		if !ok {
			return nil
		}
		response, ok := op.Response(status)
		if !ok {
			return nil
		}
		if media, ok := response.MediaType(mediaType); ok {
			return media.Schema
		}
		return nil
	}
}

// evidence returns the recorded interactions that prove something of the
// built-in description: those with the OpenAI-Beta header that it says the
// operation needs. Another version of the API may take what this one refuses.
func evidence(t *testing.T) []interaction {
	t.Helper()
	document := openBuiltIn(t)
	var list []interaction
	for _, row := range recorded(t) {
		needed := ""
		if op, ok := row.operation(document); ok {
			headers, _ := op.Extension("x-opcall-headers")
			needed = gjson.Get(headers, "OpenAI-Beta").String()
		}
		if row.RequestHeader.Get("OpenAI-Beta") == needed {
			list = append(list, row)
		}
	}
	return list
}

// recordedRequests are the recorded bodies, each also as one of the beta form of
// its operation, where there is one: it is the same server.
func recordedRequests(t *testing.T) []witness {
	t.Helper()
	var list []witness
	for _, row := range evidence(t) {
		mediaType, instance := row.request(t)
		if mediaType != "application/json" {
			continue
		}
		name := fmt.Sprintf("interactions.jsonl:%d", row.Line)
		path := row.Path[len("/v1"):]
		list = append(list, witness{name, requestTo(row.Method, path), instance}, witness{name, requestTo(row.Method, path+"?beta=true"), instance})
	}
	return list
}

// recordedResponses are the recorded JSON responses.
func recordedResponses(t *testing.T) []witness {
	t.Helper()
	var list []witness
	for _, row := range evidence(t) {
		if row.Stream || !gjson.Valid(row.ResponseBody) || !schema.IsJSON(row.ContentType) {
			continue
		}
		name := fmt.Sprintf("response of interactions.jsonl:%d", row.Line)
		list = append(list, witness{name, responseOf(row.Method, row.Path[len("/v1"):], row.Status, row.ContentType), row.ResponseBody})
	}
	return list
}

// recordedEvents are the events of the recorded streams, the first of each type
// in each, also as those of the operation's beta form.
func recordedEvents(t *testing.T) []witness {
	t.Helper()
	var list []witness
	for _, stream := range shared.Streams(t) {
		if strings.HasSuffix(stream.Source, "/runs_streamed_create.yml#0") {
			continue // with the header assistants=v1, as its line in interactions.jsonl says
		}
		path := stream.Path[len("/v1"):]
		seen := make(map[string]bool)
		for _, event := range events(stream.Text) {
			name, data := event[0], event[1]
			kind := name + gjson.Get(data, "type").String()
			if seen[kind] || !gjson.Valid(data) {
				continue
			}
			seen[kind] = true
			if gjson.Get(data, "object").Exists() && name != "" { // an event of a run
				data = fmt.Sprintf(`{"event":%q,"data":%s}`, name, data)
			}
			for _, path := range []string{path, path + "?beta=true"} {
				list = append(list, witness{kind + " of " + stream.File, responseOf("POST", path, 200, "text/event-stream"), data})
			}
		}
	}
	return list
}

// returned are the recorded items of output and messages, sent back as input:
// what the server says, it takes.
func returned(t *testing.T) []witness {
	t.Helper()
	var list []witness
	item := func(name, item string) {
		body := `{"model":"gpt-4o","input":[` + item + `]}`
		list = append(list, witness{name, requestTo("POST", "/responses"), body}, witness{name, requestTo("POST", "/responses?beta=true"), body})
	}
	for _, row := range evidence(t) {
		name := fmt.Sprintf("output of interactions.jsonl:%d", row.Line)
		for _, output := range gjson.Get(row.ResponseBody, `output`).Array() {
			item(name, output.Raw)
		}
		for _, choice := range gjson.Get(row.ResponseBody, `choices`).Array() {
			if message := choice.Get("message"); message.Exists() {
				list = append(list, witness{name, requestTo("POST", "/chat/completions"), `{"model":"gpt-4o","messages":[` + message.Raw + `]}`})
			}
		}
	}
	for _, stream := range shared.Streams(t) {
		for _, event := range events(stream.Text) {
			if gjson.Get(event[1], "type").String() == "response.output_item.done" {
				item("output of "+stream.File, gjson.Get(event[1], "item").Raw)
			}
		}
	}
	return list
}
