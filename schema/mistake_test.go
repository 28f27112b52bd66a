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

// A field may explain several missing properties: by a similar name, or as the object that
// they are in. It can be renamed or unwrapped once, and the others stay missing.
func TestFieldExplainsOneMissingProperty(t *testing.T) {
	t.Parallel()
	const names = `"first_name":{},"last_name":{}`
	many := `"1":{},"2":{},"3":{},"4":{},"5":{},"6":{},"7":{},"8":{},"9":{}`
	tests := map[string]struct{ text, instance, want string }{
		"two similar names": {
			`{"type":"object","required":["first_name","last_name"],"properties":{` + names + `}}`, `{"fist_name":""}`,
			"/: missing property \"last_name\"; is \"fist_name\" a misspelling of it? (X)\n/fist_name: unknown field \"fist_name\"; did you mean \"first_name\" or \"last_name\"? (X)",
		},
		"two similar names, two fields": {
			`{"type":"object","required":["first_name","last_name"],"properties":{` + names + `}}`, `{"fist_name":"","lst_name":""}`,
			"/fist_name: unknown field \"fist_name\"; did you mean \"first_name\" or \"last_name\"? (X)\n/lst_name: unknown field \"lst_name\"; did you mean \"last_name\"? (X)",
		},
		"two similar names among many mistakes": {
			`{"type":"object","required":["first_name","last_name"],"properties":{` + names + `}}`, `{"fist_name":"","q1":1,"q2":1,"q3":1,"q4":1,"q5":1,"q6":1,"q7":1,"q8":1}`,
			"/: missing property \"last_name\"; is \"fist_name\" a misspelling of it? (X)\n/fist_name: unknown field \"fist_name\"; did you mean \"first_name\" or \"last_name\"? (X)\n" +
				"/q1: unknown field \"q1\" (X)\n/q2: unknown field \"q2\" (X)\n/q3: unknown field \"q3\" (X)\n/q4: unknown field \"q4\" (X)\n/q5: unknown field \"q5\" (X)\n/q6: unknown field \"q6\" (X)\n/q7: unknown field \"q7\" (X)\n/q8: unknown field \"q8\" (X)",
		},
		"a wrapper that is itself a field of a missing property": {
			`{"type":"object","required":["model","options"],"properties":{"model":{},"n":{},"options":{"type":"object","properties":{"request":{}}}}}`, `{"request":{"model":"m","n":1}}`,
			"/: missing property \"options\" (X)\n/request: unknown field \"request\"; its \"model\" and \"n\" belong one level up (X)",
		},
		"a wrapper of more fields than are shown": {
			`{"type":"object","required":["1"],"properties":{` + many + `}}`, `{"in":{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0}}`,
			`/in: unknown field "in"; its "1", "2", "3", "4", "5", "6", "7", "8" and 1 more belong one level up (X)`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := verdict(t, open(t, of(tt.text)), "X", tt.instance); got != tt.want {
				t.Errorf("%s: got\n%s\nwant\n%s", tt.instance, got, tt.want)
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
