package schema_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/opcall/opcall/schema"
)

type (
	usage struct {
		TotalToken int64 `json:"total_token"`
	}
	embedded struct {
		Staus string `json:"staus"`
	}
	recursive struct {
		Type  string
		Items []recursive `json:"contents"`
	}
	selfMade struct{ Whatever string }
)

func (*selfMade) UnmarshalJSON([]byte) error { return nil }

// TestUnfilledListsFieldsThatNoMemberFills: a field that no member of the schema is for stays
// empty without an error of encoding/json.
func TestUnfilledListsFieldsThatNoMemberFills(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		t    reflect.Type
		want []string
	}{
		"nothing wrong": {reflect.TypeFor[struct {
			ID    string
			Model string `json:"model,omitempty"`
			Usage *struct {
				Total int64 `json:"total_tokens"`
			}
		}](), nil},
		"tag": {reflect.TypeFor[struct {
			Status string `json:"staus"`
		}](), []string{`/: no member "staus" is declared; did you mean "status"?`}},
		"name of a field": {reflect.TypeFor[struct{ CreatedAt float64 }](), []string{`/: no member "CreatedAt" is declared; did you mean "created_at"?`}},
		"nested":          {reflect.TypeFor[struct{ Usage *usage }](), []string{`/usage: no member "total_token" is declared; did you mean "total_tokens"?`}},
		"embedded":        {reflect.TypeFor[struct{ embedded }](), []string{`/: no member "staus" is declared; did you mean "status"?`}},
		"embedded pointer": {
			reflect.TypeFor[struct{ *embedded }](),
			[]string{`/: no member "staus" is declared; did you mean "status"?`},
		},
		"embedded under a name": {reflect.TypeFor[struct {
			embedded `json:"usage"`
		}](), nil}, // unexported, so not decoded
		"in items of a union": {reflect.TypeFor[struct {
			Output []struct {
				Type     string
				Argument string `json:"argumens"`
			}
		}](), []string{`/output/0: no member "argumens" is declared; did you mean "arguments"?`}},
		"of any branch": {reflect.TypeFor[struct {
			Output []struct{ Type, Arguments, CallID string }
		}](), []string{`/output/0: no member "CallID" is declared; did you mean "call_id" or "caller"?`}},
		"recursive type": {reflect.TypeFor[struct{ Output []recursive }](), []string{`/output/0: no member "contents" is declared; did you mean "content"?`}},
		"left out": {reflect.TypeFor[struct {
			Staus string `json:"-"`
			other string
		}](), nil},
		"decodes itself": {reflect.TypeFor[struct{ Usage selfMade }](), nil},
		"text":           {reflect.TypeFor[struct{ Usage time.Time }](), nil},
		"interface":      {reflect.TypeFor[struct{ Usage any }](), nil},
		"raw":            {reflect.TypeFor[struct{ Usage json.RawMessage }](), nil},
		"map":            {reflect.TypeFor[map[string]any](), nil},
		"any members are allowed": {reflect.TypeFor[struct {
			Metadata struct{ Anything string }
		}](), nil},
		"nothing near": {reflect.TypeFor[struct{ Frobnicate string }](), []string{`/: no member "Frobnicate" is declared`}},
		"near one that is there": {reflect.TypeFor[struct {
			Status  string `json:"status"`
			Statuss string `json:"statuss"`
		}](), []string{`/: no member "statuss" is declared`}},
		"scalar": {reflect.TypeFor[string](), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := builtin(t).Component("Response")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range s.Unfilled(tt.t) {
				got = append(got, m.String())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q\nwant %q", got, tt.want)
			}
		})
	}
}

// TestUnfilledEndsForRecursiveTypes: a type and a schema that both go on for ever are
// compared to an end.
func TestUnfilledEndsForRecursiveTypes(t *testing.T) {
	t.Parallel()
	doc := load(t, `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{
		"Tree":{"type":"object","additionalProperties":false,"properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/components/schemas/Tree"}}}}}}}`)
	s, err := doc.Component("Tree")
	if err != nil {
		t.Fatal(err)
	}
	type tree struct {
		Name     string
		Children []*tree
		Nmae     map[string]*tree
	}
	got := s.Unfilled(reflect.TypeFor[tree]())
	if want := []schema.Misspelling{{Name: "Nmae"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := s.Unfilled(nil); got != nil {
		t.Errorf("of no type: got %+v, want none", got)
	}
}
