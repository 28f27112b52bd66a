package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

// The names of functions and of the schemas of formats are limited by the server alone:
// the description says so in its text, if at all.
func TestNameWithSpaceIsRefusedInEveryPlace(t *testing.T) {
	doc := builtin(t)
	for name, place := range placesOfSchemas {
		instance := strings.Replace(place.instance, "SCHEMA", `{"type":"object","properties":{}}`, 1)
		if !strings.Contains(instance, `"name":"f"`) {
			continue // nothing has a name there
		}
		for _, wrong := range []string{"get weather", "", "größe", "a/b", strings.Repeat("a", 129)} {
			err := doc.Validate(place.component, strings.Replace(instance, `"name":"f"`, `"name":"`+wrong+`"`, 1))
			got := problemTexts(t, err)
			if len(got) == 0 || slices.ContainsFunc(got, func(p string) bool { return !strings.Contains(p, "/name: got ") }) {
				t.Errorf("%s, %q: got %q, want problems of the name alone", name, wrong, got)
			}
		}
		if err := doc.Validate(place.component, strings.Replace(instance, `"name":"f"`, `"name":"get_weather-2"`, 1)); err != nil {
			t.Errorf("%s: a right name: %v", name, err)
		}
	}
}

// An output that no call asked for is not known to the server.
func TestOutputWithoutCallIsRefusedInEveryPlace(t *testing.T) {
	doc := builtin(t)
	for name, place := range map[string]struct{ component, instance string }{
		"response":          {"CreateResponse", `{"model":"m","input":[ITEM]}`},
		"beta response":     {"BetaCreateResponse", `{"model":"m","input":[ITEM]}`},
		"token count":       {"TokenCountsBody", `{"model":"m","input":[ITEM]}`},
		"beta token count":  {"BetaTokenCountsBody", `{"model":"m","input":[ITEM]}`},
		"compaction":        {"CompactResponseMethodPublicBody", `{"model":"m","input":[ITEM]}`},
		"conversation":      {"CreateConversationBody", `{"items":[ITEM]}`},
		"Realtime item":     {"RealtimeClientEventConversationItemCreate", `{"type":"conversation.item.create","item":ITEM}`},
		"Realtime response": {"RealtimeClientEventResponseCreate", `{"type":"response.create","response":{"input":[ITEM]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			with := func(item string) string { return strings.Replace(place.instance, "ITEM", item, 1) }
			if err := doc.Validate(place.component, with(`{"type":"function_call_output","call_id":"c","output":"x"}`)); err != nil {
				t.Fatalf("with the ID: %v", err)
			}
			got := problemTexts(t, doc.Validate(place.component, with(`{"type":"function_call_output","output":"x"}`)))
			if len(got) != 1 || !strings.Contains(got[0], `missing property "call_id"`) {
				t.Errorf("got %q, want the missing call_id", got)
			}
		})
	}
	line := `{"custom_id":"1","method":"POST","url":"/v1/responses","body":{"model":"m","input":[{"type":"function_call_output","output":"x"}]}}`
	for l, err := range doc.ValidateLines(schema.BatchRequestInput, strings.NewReader(line)) {
		if err != nil || l.Err == nil || !strings.Contains(l.Err.Error(), `/body/input/0: missing property "call_id"`) {
			t.Errorf("batch line: got %v, %v", l.Err, err)
		}
	}
}
