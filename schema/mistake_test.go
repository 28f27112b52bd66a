package schema_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestObjectOfAnotherKindIsOneFinding has objects with a tag that is not accepted. One that is of
// another kind altogether is one finding; one that has changed is one for each
// change.
func TestObjectOfAnotherKindIsOneFinding(t *testing.T) {
	t.Parallel()
	doc := open(t, of(`{"type":"object","required":["id","object","status","created_at"],"properties":{
		"id":{"type":"string"},"object":{"type":"string","enum":["thread.run"]},"status":{"type":"string"},"created_at":{"type":"integer"},"usage":{}}}`))
	tests := map[string]struct {
		instance string
		want     []string
	}{
		"another kind": {`{"object":"list","data":[],"first_id":"a","last_id":"b","has_more":false}`, []string{
			`unknown_value /object: got "list", want "thread.run" (X)`,
		}},
		"another kind with an id": {`{"id":"a","object":"conversation.item","role":"user","content":[]}`, []string{
			`unknown_value /object: got "conversation.item", want "thread.run" (X)`,
		}},
		"renamed": {`{"id":"a","object":"thread.run.v2","status":"done","created_at":1}`, []string{
			`unknown_value /object: got "thread.run.v2", want "thread.run" (X)`,
		}},
		"renamed, with a new field": {`{"id":"a","object":"thread.run.v2","status":"done","created_at":1,"cost":1}`, []string{
			`unknown_field /cost: unknown field "cost" (X)`,
			`unknown_value /object: got "thread.run.v2", want "thread.run" (X)`,
		}},
		"renamed, with a new field and without another": {`{"id":"a","object":"job","created_at":1,"usage":{},"cost":1}`, []string{
			`missing_field /: missing property "status" (X)`,
			`unknown_field /cost: unknown field "cost" (X)`,
			`unknown_value /object: got "job", want "thread.run" (X)`,
		}},
		"renamed, without two fields": {`{"id":"a","object":"job"}`, []string{
			`missing_field /: missing property "created_at" (X)`,
			`missing_field /: missing property "status" (X)`,
			`unknown_value /object: got "job", want "thread.run" (X)`,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range doc.Check("X", []byte(tt.instance)) {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.instance, diff)
			}
		})
	}
}

// Whoever asks first and however often: each wrong text has one answer.
func TestWrongRequestsGiveTheSameProblemsInAnyOrder(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	t.Parallel()
	const goroutines, rounds = 8, 25
	first := openBuiltin(t)
	want := make([]string, len(wrongs))
	for i, w := range wrongs {
		want[i] = problems(t, w.validate(first))
	}
	doc := openBuiltin(t)
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := range rounds * len(wrongs) {
				i = (i + g*len(wrongs)/goroutines) % len(wrongs)
				if got := problems(t, wrongs[i].validate(doc)); got != want[i] {
					t.Errorf("%s %s:\n got %s\nwant %s", wrongs[i].of, wrongs[i].body, got, want[i])
					return
				}
			}
		})
	}
	group.Wait()
}
