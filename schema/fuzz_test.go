package schema_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/opcall/opcall/schema"
)

// FuzzValidate validates arbitrary text. Nothing may panic; the result is the same the
// second time, and for the same value in another notation; every error says why within
// bounds; Check finds something exactly where Standard does. In the Strict tier the
// instance is valid if jsonschema says so.
func FuzzValidate(f *testing.F) {
	doc := builtin(f)
	oracle := newStock(f, doc)
	components := []string{"CreateChatCompletionRequest", "CreateResponse", "Response", "ResponseStreamEvent", "CompoundFilter", "CreateFineTuningJobRequest"}
	for _, seed := range []string{
		`{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"temperature":3}`,
		`{"input":[{"type":"function_call_output","call_id":"c","output":1e400}],"tools":[{"type":"mcp"}]}`,
		`{"type":"and","filters":[{"type":"or","filters":[{"type":"eq","key":"k","value":1}]}]}`,
		`{"type":"and","filters":[{"type":"eq","key":"\u006b","value":10e-1}],"\"\\\n":0.0}`,
		`{"":null,"a":{"":[]},"model":"\ud800"}`, `[[[[[]]]]]`, `1e2000000`, `{"a":1,"a":2}`, "\xff", `"`, ``,
	} {
		for i := range components {
			if testing.Short() && i%4 != 0 {
				continue // the oracle takes long to compile the others
			}
			f.Add(uint8(i), seed)
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, text string) {
		component := components[int(i)%len(components)]
		random := rand.New(rand.NewPCG(uint64(i), uint64(len(text))))
		for _, tier := range []schema.Tier{schema.Strict, schema.Standard} {
			err := doc.Validate(component, text, schema.WithTier(tier))
			again := doc.Validate(component, text, schema.WithTier(tier))
			if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
				t.Fatalf("two results on %q:\n%v\n%v", text, err, again)
			}
			var invalid *schema.ValidationError
			if err != nil && (!errors.As(err, &invalid) || len(invalid.Problems) == 0) {
				t.Fatalf("%q: got %T %v, want a *ValidationError with problems", text, err, err)
			}
			if err != nil && invalid.Err != nil { // it is not JSON that can be validated
				continue
			}
			other := reencoded(random, text)
			if again := doc.Validate(component, other, schema.WithTier(tier)); problems(t, again) != problems(t, err) {
				t.Errorf("%q:\n%v\nas %q:\n%v", text, err, other, again)
			}
			if tier == schema.Strict {
				oracle.compare(t, doc, component, []byte(text))
			}
			if err == nil {
				continue
			}
			for _, p := range invalid.Problems {
				if len(p.Message) > 2000 || p.Message == "" {
					t.Errorf("%q: message of %d bytes: %.200s", text, len(p.Message), p.Message)
				}
			}
		}
		if findings := doc.Check(component, []byte(text)); (doc.Validate(component, text) == nil) != (len(findings) == 0) {
			t.Errorf("%q: Validate and Check differ: %v", text, findings)
		}
	})
}
