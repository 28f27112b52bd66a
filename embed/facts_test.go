package embed_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The official description and the built-in one are walked side by side, each
// decoded as plain YAML: what differs must be prose, a repair or an erratum.
func TestNoFactIsLostOrAdded(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	t.Parallel()
	official := parseOfficial(t, officialNew)
	errata := applyErrata(t, official)
	want, got := plain(official), parseBuiltIn(t)

	a, ours := account{repaired: make(map[string]int)}, account{repaired: make(map[string]int)}
	wantTags, gotTags := tagNames(want), tagNames(got)
	want, got = a.facts(want, "", objectKind), ours.facts(got, "", objectKind)
	for _, place := range ours.examples {
		t.Errorf("%s: is left over, or added", place)
	}
	for place := range ours.repaired {
		t.Errorf("%s: the built-in description needs a repair", place)
	}

	var differences []string
	compare(want, got, "", &differences)
	for i, difference := range differences {
		if i == 50 {
			t.Fatalf("and %d more", len(differences)-i)
		}
		t.Errorf("neither prose nor repair nor erratum: %s", difference)
	}
	for _, tag := range wantTags {
		if !slices.Contains(gotTags, tag) {
			t.Errorf("tag %q is lost", tag)
		}
	}
	recorded := make(map[string]int)
	for _, repair := range openOfficial(t, officialNew).Repairs() {
		recorded[string(repair.Pointer)+" "+repair.Keyword]++
	}
	for place, n := range a.repaired {
		if recorded[place] != n {
			t.Errorf("%s: repaired, and recorded %d times, want %d", place, recorded[place], n)
		}
	}
	for place, n := range recorded {
		if a.repaired[place] != n {
			t.Errorf("%s: recorded as a repair %d times, and nothing was there to repair", place, n)
		}
	}
	if a.prose == 0 || len(a.repaired) == 0 || errata == 0 {
		t.Errorf("got %d pieces of prose, %d repairs, %d errata, want some of each", a.prose, len(a.repaired), errata)
	}
	t.Logf("differences: %d pieces of prose, %d repairs, %d objects with errata", a.prose, len(a.repaired), errata)
}

func TestNoComponentIsLost(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		root       any
		components int
	}{
		"built-in": {parseBuiltIn(t), 1429}, // seven are errata: the lines of files, the events of the Realtime beta
		"official": {plain(parseOfficial(t, officialNew)), 1422},
	}
	for name, tt := range tests {
		root := tt.root.(map[string]any)
		operations := 0
		for _, item := range root["paths"].(map[string]any) {
			for method := range item.(map[string]any) {
				if slices.Contains([]string{"get", "put", "post", "delete", "patch", "head", "options", "trace"}, method) {
					operations++
				}
			}
		}
		got := fmt.Sprintf("%d paths, %d operations, %d webhooks, %d components", len(root["paths"].(map[string]any)), operations,
			len(root["webhooks"].(map[string]any)), len(root["components"].(map[string]any)["schemas"].(map[string]any)))
		if want := fmt.Sprintf("182 paths, 288 operations, 16 webhooks, %d components", tt.components); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

// compare lists where two values differ, in both directions.
func compare(want, got any, at string, differences *[]string) {
	note := func(format string, args ...any) {
		*differences = append(*differences, at+": "+fmt.Sprintf(format, args...))
	}
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok {
			note("got %.80v, want an object", got)
			return
		}
		for key, value := range want {
			if other, ok := got[key]; ok {
				compare(value, other, at+"/"+escape(key), differences)
			} else {
				note("lost %q: %.80v", key, value)
			}
		}
		for key, value := range got {
			if _, ok := want[key]; !ok {
				note("added %q: %.80v", key, value)
			}
		}
	case []any:
		got, ok := got.([]any)
		if !ok || len(got) != len(want) {
			note("got %.80v, want %.80v", got, want)
			return
		}
		for i := range want {
			compare(want[i], got[i], fmt.Sprintf("%s/%d", at, i), differences)
		}
	default:
		if want != got {
			note("got %.80v, want %.80v", got, want)
		}
	}
}

func escape(token string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
}

func tagNames(root any) []string {
	var names []string
	tags, _ := root.(map[string]any)["tags"].([]any)
	for _, tag := range tags {
		names = append(names, tag.(map[string]any)["name"].(string))
	}
	delete(root.(map[string]any), "tags")
	return names
}
