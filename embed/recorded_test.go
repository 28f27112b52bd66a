package embed_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/opcall/opcall/internal/shared"
	"github.com/opcall/opcall/schema"
)

// What the server took is valid by the built-in description and, where it has
// the operation, by the older official one with the same errata.
func TestRecordedRequestsAreValid(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		open    func(t *testing.T) *schema.Document
		bodies  int  // that must have been validated
		missing bool // operations of recorded calls may be missing
	}{
		"built-in": {openBuiltIn, 155, false},
		"of 2025":  {func(t *testing.T) *schema.Document { return openOfficial(t, officialOld) }, 140, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := tt.open(t)
			bodies := 0
			for _, row := range evidence(t) {
				op, ok := row.operation(document)
				if !ok {
					if !tt.missing {
						t.Errorf("interactions.jsonl:%d: no operation for %s %s", row.Line, row.Method, row.Path)
					}
					continue
				}
				mediaType, instance := row.request(t)
				if instance == "" {
					continue
				}
				if op.RequestBody == nil {
					t.Errorf("interactions.jsonl:%d: %s takes no body, sent %.200s", row.Line, op.ID, instance)
					continue
				}
				media, ok := op.RequestBody.MediaType(mediaType)
				if !ok {
					t.Errorf("interactions.jsonl:%d: %s does not take %s", row.Line, op.ID, mediaType)
					continue
				}
				bodies++
				if err := media.Schema.Validate(instance); err != nil {
					t.Errorf("interactions.jsonl:%d: %s: %v\n%.500s", row.Line, op.ID, err, instance)
				}
			}
			if bodies < tt.bodies {
				t.Errorf("validated %d bodies, want at least %d", bodies, tt.bodies)
			}
		})
	}
}

// Of what the server answers, this much is valid too. The rest are answers from
// before a field was added or after one was dropped; they are findings, not
// errata.
func TestRecordedResponsesAreMostlyValid(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	answers, valid, strict := 0, 0, 0
	for _, w := range recordedResponses(t) {
		s := w.schema(document)
		if s == nil {
			continue
		}
		answers++
		if s.Validate(w.instance) == nil {
			valid++
		}
		if s.Validate(w.instance, schema.WithTier(schema.Strict)) == nil {
			strict++
		}
	}
	t.Logf("%d answers, %d valid, %d by the letter", answers, valid, strict)
	if answers < 210 || valid < 160 || strict > answers/2 {
		t.Errorf("got %d answers, %d valid, %d by the letter; want at least 210 and 160, and most of them not by the letter", answers, valid, strict)
	}
}

// The headers that the recorded calls of the newest API version sent.
func TestDescriptionHasTheBetaHeadersThatCallsSent(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	seen := 0
	for _, row := range recorded(t) {
		sent := row.RequestHeader.Get("OpenAI-Beta")
		op, ok := row.operation(document)
		if !ok || sent != "assistants=v2" {
			continue
		}
		seen++
		headers, _ := op.Extension("x-opcall-headers")
		if got := gjson.Get(headers, "OpenAI-Beta").String(); got != sent {
			t.Errorf("interactions.jsonl:%d: %s has OpenAI-Beta %q, recorded %q", row.Line, op.ID, got, sent)
		}
	}
	if seen < 90 {
		t.Errorf("saw %d recorded beta headers, want at least 90", seen)
	}
}

// The samples of the official description know the beta headers, its facts do
// not.
func TestDescriptionHasTheBetaHeadersOfTheSamples(t *testing.T) {
	t.Parallel()
	header := regexp.MustCompile(`OpenAI-Beta: ([a-z_]+=v[0-9]+)`)
	document := openBuiltIn(t)
	paths := plain(parseOfficial(t, officialNew)).(map[string]any)["paths"].(map[string]any)
	families := make(map[string]string) // first path segment to header
	for path, item := range paths {
		for _, op := range item.(map[string]any) {
			op, _ := op.(map[string]any)
			samples, err := json.Marshal(op["x-oaiMeta"])
			if err != nil {
				t.Fatal(err)
			}
			if m := header.FindSubmatch(samples); m != nil {
				families[strings.Split(path, "/")[1]] = string(m[1])
			}
		}
	}
	if len(families) != 4 {
		t.Errorf("found samples with beta headers in %v, want assistants, threads, vector_stores and chatkit", families)
	}
	for op := range document.Operations() {
		headers, _ := op.Extension("x-opcall-headers")
		want := families[strings.Split(op.Path, "/")[1]]
		if got := gjson.Get(headers, "OpenAI-Beta").String(); got != want {
			t.Errorf("%s has OpenAI-Beta %q, its family's samples %q", op.ID, got, want)
		}
	}
}

// Every recorded stream ends as its operation's x-opcall-stream says, and says
// so once, at the end.
func TestRecordedStreamsEndAsDeclared(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	for _, stream := range shared.Streams(t) {
		op, _, ok := document.Match("POST", strings.TrimPrefix(stream.Path, "/v1"))
		if !ok {
			t.Errorf("%s: no operation for %s", stream.File, stream.Path)
			continue
		}
		extension, _ := op.Extension("x-opcall-stream")
		done := gjson.Get(extension, "done").String()
		var terminal []string
		for _, name := range gjson.Get(extension, "terminal").Array() {
			terminal = append(terminal, name.String())
		}
		list := events(stream.Text)
		var ends []int
		for i, event := range list {
			if event[1] == done || slices.Contains(terminal, gjson.Get(event[1], "type").String()) {
				ends = append(ends, i)
			}
		}
		if len(ends) != 1 || ends[0] != len(list)-1 {
			t.Errorf("%s: %d events, the end by %s at %v", stream.File, len(list), extension, ends)
		}
	}
}

// Every operation that declares an event stream says what ends it, in events
// that the stream can have.
func TestEveryStreamHasAnEnd(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	streaming := 0
	for op := range document.Operations() {
		extension, told := op.Extension("x-opcall-stream")
		response, _ := op.Response(200)
		if response == nil {
			continue
		}
		media, streams := response.MediaType("text/event-stream")
		if streams != told {
			t.Errorf("%s: declares an event stream: %t, says what ends it: %t", op.ID, streams, told)
		}
		if !streams {
			continue
		}
		streaming++
		component, err := document.Component(media.Schema.Name())
		if err != nil {
			t.Errorf("%s: %v", op.ID, err)
			continue
		}
		for _, name := range gjson.Get(extension, "terminal").Array() {
			err := component.Validate(`{"type":` + name.Raw + `}`)
			if err != nil && strings.Contains(err.Error(), "/type") {
				t.Errorf("%s: %s is not an event of its stream: %v", op.ID, name, err)
			}
		}
	}
	if streaming != 13 {
		t.Errorf("%d operations stream, want 13", streaming)
	}
}

// Administration takes the admin key, in the older description as in the new.
func TestBothDescriptionsAskForTheSameKeys(t *testing.T) {
	t.Parallel()
	newer, older := openBuiltIn(t), openOfficial(t, officialOld)
	admin := 0
	for op := range older.Operations() {
		same, err := newer.Operation(op.ID)
		if err != nil {
			continue
		}
		if !slices.EqualFunc(op.Security, same.Security, slices.Equal) {
			t.Errorf("%s: got security %v, want %v", op.ID, op.Security, same.Security)
		}
		if slices.ContainsFunc(op.Security, func(r schema.SecurityRequirement) bool { return slices.Contains(r, "AdminApiKeyAuth") }) {
			admin++
		}
	}
	if admin < 45 {
		t.Errorf("%d operations of 2025 take the admin key, want at least 45", admin)
	}
	for name, document := range map[string]*schema.Document{"built-in": newer, "of 2025": older} {
		scheme, ok := document.SecurityScheme("AdminApiKeyAuth")
		if !ok || scheme.Credential != "admin" || scheme.Scheme != "bearer" {
			t.Errorf("%s: got admin scheme %+v, want a bearer token of the credential admin", name, scheme)
		}
		if brackets, _ := document.Extension("x-opcall-brackets"); brackets != "true" {
			t.Errorf("%s: got x-opcall-brackets %q, want true", name, brackets)
		}
		for op := range document.Operations() {
			if len(op.Tags) != 1 {
				t.Errorf("%s: %s has tags %q, want one", name, op.ID, op.Tags)
			}
		}
	}
}
