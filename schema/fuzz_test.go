package schema_test

import (
	"errors"
	"testing"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// FuzzValidate judges arbitrary text: no verdict may panic, each is the same
// the second time, every refusal says why within bounds, and what Standard
// accepts Check finds nothing in.
func FuzzValidate(f *testing.F) {
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		f.Fatal(err)
	}
	components := []string{"CreateChatCompletionRequest", "CreateResponse", "Response", "ResponseStreamEvent", "CompoundFilter", "CreateFineTuningJobRequest"}
	for _, seed := range []string{
		`{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"temperature":3}`,
		`{"input":[{"type":"function_call_output","call_id":"c","output":1e400}],"tools":[{"type":"mcp"}]}`,
		`{"type":"and","filters":[{"type":"or","filters":[{"type":"eq","key":"k","value":1}]}]}`,
		`{"":null,"a":{"":[]},"model":"\ud800"}`, `[[[[[]]]]]`, `1e2000000`, `{"a":1,"a":2}`, "\xff", `"`, ``,
	} {
		for i := range components {
			f.Add(uint8(i), seed)
		}
	}
	f.Fuzz(func(t *testing.T, i uint8, text string) {
		component := components[int(i)%len(components)]
		for _, tier := range []schema.Tier{schema.Strict, schema.Standard} {
			err := doc.Validate(component, text, schema.WithTier(tier))
			again := doc.Validate(component, text, schema.WithTier(tier))
			if (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
				t.Fatalf("two verdicts on %q:\n%v\n%v", text, err, again)
			}
			if err == nil {
				continue
			}
			var invalid *schema.ValidationError
			if !errors.As(err, &invalid) || len(invalid.Problems) == 0 {
				t.Fatalf("%q: got %T %v, want a *ValidationError with problems", text, err, err)
			}
			for _, p := range invalid.Problems {
				if len(p.Message) > 2000 || p.Message == "" {
					t.Errorf("%q: message of %d bytes: %.200s", text, len(p.Message), p.Message)
				}
			}
		}
		if doc.Validate(component, text) == nil {
			if findings := doc.Check(component, []byte(text)); len(findings) > 0 {
				t.Errorf("%q is valid, but Check finds %v", text, findings)
			}
		}
	})
}
