package embed_test

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pb33f/go-yaml"

	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/internal/jsonscan"
	"github.com/opcall/opcall/schema"
)

func TestErrataGiveTheirReasons(t *testing.T) {
	t.Parallel()
	actions := errataActions(t)
	if len(actions) < 40 {
		t.Fatalf("read %d actions, want at least 40", len(actions))
	}
	for _, action := range actions {
		if len(action.Description) < 30 {
			t.Errorf("%s: the reason is missing or too short: %q", action.Target, action.Description)
		}
	}
}

// Two patches of one object would be merged, and lists in them joined.
func TestNoSchemaIsPatchedTwice(t *testing.T) {
	t.Parallel()
	for _, name := range []string{officialNew, officialOld} {
		document := parseOfficial(t, name)
		by := make(map[*yaml.Node]string)
		for _, action := range errataActions(t) {
			if _, ok := plain(&action.Update).(map[string]any)["x-opcall-patch"]; !ok {
				continue
			}
			for _, target := range action.targets(t, document) {
				if other, ok := by[target]; ok {
					t.Errorf("%s line %d: patched by %s and %s", name, target.Line, other, action.Target)
				}
				by[target] = action.Target
			}
		}
		if len(by) < 20 {
			t.Errorf("%s: %d schemas are patched, want at least 20", name, len(by))
		}
	}
}

// Nothing checks the references in patches when a document is loaded.
func TestReferencesInErrataResolve(t *testing.T) {
	t.Parallel()
	reference := regexp.MustCompile(`"\$ref":"#([^"]+)"`)
	for name, document := range map[string]*schema.Document{"built-in": openBuiltIn(t), "official 2025": openOfficial(t, officialOld)} {
		found := 0
		for _, patch := range patchesIn(string(document.JSON())) {
			for _, m := range reference.FindAllStringSubmatch(patch, -1) {
				found++
				if _, ok := document.Lookup(schema.Pointer(m[1])); !ok {
					t.Errorf("%s: %s names nothing, in %s", name, m[1], patch)
				}
			}
		}
		if found < 4 {
			t.Errorf("%s: found %d references in patches, want at least 4", name, found)
		}
	}
}

// An action that selects nothing in the newest description nor in the older one
// is a mistake.
func TestEveryErratumSelectsSomething(t *testing.T) {
	t.Parallel()
	newest, older := parseOfficial(t, officialNew), parseOfficial(t, officialOld)
	for _, action := range errataActions(t) {
		selected := 0
		for _, document := range []*yaml.Node{newest, older} {
			for _, target := range action.targets(t, document) {
				selected++
				merge(t, target, &action.Update)
			}
		}
		if selected == 0 {
			t.Errorf("%s selects nothing", action.Target)
		}
	}
}

// Without any one of the schema errata, or any one property of it, something
// that the server took or gave is invalid, or something that it refuses valid.
func TestNoErratumIsIdle(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	t.Parallel()
	text := string(embed.OpenAI())
	patches := patchesIn(text)
	if len(patches) < 25 {
		t.Fatalf("found %d schema errata, want at least 25", len(patches))
	}
	witnesses := needy(t, openWithoutPatches(t))
	for _, patch := range patches {
		for part, rest := range without(t, patch) {
			if name, ok := strings.CutPrefix(part, "property "); ok && strings.Contains(patch, `"required":["`+name+`"]`) {
				continue // a required field is a declared one; the property gives its type
			}
			variant := openText(t, strings.ReplaceAll(text, patchMember+patch, patchMember+rest))
			taken := func(w witness) bool { return len(problems(w.schema(variant), w.instance)) == 0 }
			if !slices.ContainsFunc(witnesses, func(w needyWitness) bool { return w.worse(variant) }) && !slices.ContainsFunc(refused, taken) {
				t.Errorf("nothing needs %s of %s", part, patch)
			}
		}
	}
}

func openText(t *testing.T, text string) *schema.Document {
	t.Helper()
	document, err := schema.Load([]byte(text), schema.WithoutChecks())
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// openWithoutPatches opens the built-in description as it is by the official
// letter in every tier.
func openWithoutPatches(t *testing.T) *schema.Document {
	t.Helper()
	text := string(embed.OpenAI())
	for _, patch := range patchesIn(text) {
		text = strings.ReplaceAll(text, patchMember+patch, patchMember+"{}")
	}
	return openText(t, text)
}

// needyWitness is a witness that the errata help, with the problems that are
// left.
type needyWitness struct {
	witness
	left []string
}

// worse reports whether the witness has problems in a document that it has not
// in the built-in one.
func (w needyWitness) worse(document *schema.Document) bool {
	return slices.ContainsFunc(problems(w.schema(document), w.instance), func(p string) bool { return !slices.Contains(w.left, p) })
}

// needy returns the witnesses that are worse off in a document without errata,
// those first that have no problems left.
func needy(t *testing.T, bare *schema.Document) []needyWitness {
	t.Helper()
	whole := openBuiltIn(t)
	var list []needyWitness
	for _, w := range slices.Concat(handwritten, returned(t), recordedRequests(t), recordedEvents(t), recordedResponses(t)) {
		n := needyWitness{w, problems(w.schema(whole), w.instance)}
		if n.worse(bare) {
			list = append(list, n)
		}
	}
	slices.SortStableFunc(list, func(a, b needyWitness) int { return len(a.left) - len(b.left) })
	return list
}

const patchMember = `"x-opcall-patch":`

// patchesIn returns the texts of the patches of a document, each once.
func patchesIn(text string) []string {
	var list []string
	for {
		i := strings.Index(text, patchMember)
		if i < 0 {
			return list
		}
		text = text[i+len(patchMember):]
		if patch := text[:jsonscan.Skip(text, 0)]; !slices.Contains(list, patch) {
			list = append(list, patch)
		}
	}
}

// without returns what is left of a patch without it all, and without each of
// its properties, by the name of what is left out.
func without(t *testing.T, patch string) map[string]string {
	t.Helper()
	rests := map[string]string{"all": "{}"}
	var members map[string]json.RawMessage
	var properties map[string]json.RawMessage
	if err := json.Unmarshal([]byte(patch), &members); err != nil {
		t.Fatal(err)
	}
	if members["properties"] == nil {
		return rests
	}
	if err := json.Unmarshal(members["properties"], &properties); err != nil {
		t.Fatal(err)
	}
	for name, property := range properties {
		delete(properties, name)
		members["properties"], _ = json.Marshal(properties)
		rest, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		rests["property "+name] = string(rest)
		properties[name] = property
	}
	return rests
}

// problems validates in the Standard tier.
func problems(s *schema.Schema, instance string) []string {
	if s == nil {
		return nil
	}
	var failure *schema.ValidationError
	if !errors.As(s.Validate(instance), &failure) {
		return nil
	}
	var list []string
	for _, problem := range failure.Problems {
		list = append(list, problem.String())
	}
	return list
}

func TestHandwrittenWitnessesAreValid(t *testing.T) {
	t.Parallel()
	document, bare := openBuiltIn(t), openWithoutPatches(t)
	for _, w := range handwritten {
		s := w.schema(document)
		if s == nil {
			t.Errorf("%s: the description has no place for it", w.name)
			continue
		}
		if err := s.Validate(w.instance); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
		// A field that the letter does not know is not a failure in the Strict tier.
		if s.Validate(w.instance, schema.WithTier(schema.Strict)) == nil && len(problems(w.schema(bare), w.instance)) == 0 {
			t.Errorf("%s: valid by the letter, so no witness of an erratum", w.name)
		}
	}
}

func TestWhatTheServerRefusesIsInvalid(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	for _, w := range refused {
		s := w.schema(document)
		if s == nil {
			t.Errorf("%s: the description has no place for it", w.name)
			continue
		}
		if s.Validate(w.instance) == nil {
			t.Errorf("%s: accepted: %s", w.name, w.instance)
		}
		if err := s.Validate(w.instance, schema.WithTier(schema.Strict)); err != nil {
			t.Errorf("%s: invalid by the letter, so no witness of an erratum: %v", w.name, err)
		}
	}
}

func TestReturnedItemsAreValidAsInput(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	items := returned(t)
	if len(items) < 70 {
		t.Fatalf("found %d recorded items, want at least 70", len(items))
	}
	for _, w := range items {
		if err := w.schema(document).Validate(w.instance); err != nil {
			t.Errorf("%s: %v\n%.600s", w.name, err, w.instance)
		}
	}
}
