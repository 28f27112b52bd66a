package embed_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opcall/opcall/embed"
)

func TestEveryOperationAndTagIsDescribed(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	root := parseBuiltIn(t).(map[string]any)
	described := make(map[string]bool)
	for _, tag := range root["tags"].([]any) {
		tag := tag.(map[string]any)
		name := tag["name"].(string)
		if described[name] {
			t.Errorf("tag %q is listed twice", name)
		}
		if tag["description"] == "" {
			t.Errorf("tag %q has no description", name)
		}
		described[name] = true
	}
	summaries := make(map[string]string)
	for op := range document.Operations() {
		if op.Summary == "" {
			t.Errorf("%s has no summary", op.ID)
		}
		if other, ok := summaries[op.Summary]; ok {
			t.Errorf("%s and %s have the same summary", op.ID, other)
		}
		summaries[op.Summary] = op.ID
		if len(op.Tags) == 0 {
			t.Errorf("%s has no tag", op.ID)
		}
		for _, tag := range op.Tags {
			if !described[tag] {
				t.Errorf("%s has tag %q, which is not described", op.ID, tag)
			}
		}
	}
	if len(summaries) != 288 {
		t.Errorf("got %d summaries, want 288", len(summaries))
	}
}

// run is how many words in a row make a sentence that was taken over.
const run = 7

func TestNoOfficialSentenceSurvives(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compares every run of words of three descriptions")
	}
	sentences := make(map[string]bool)
	runs := make(map[string]bool)
	for _, name := range []string{officialNew, officialOld} {
		for _, text := range texts(plain(parseOfficial(t, name)), "") {
			words := wordsOf(text)
			sentences[strings.Join(words, " ")] = true
			for i := 0; i+run <= len(words); i++ {
				runs[strings.Join(words[i:i+run], " ")] = true
			}
		}
	}
	if len(sentences) < 4000 || len(runs) < 20000 {
		t.Fatalf("read %d official texts and %d runs of words, want many more", len(sentences), len(runs))
	}
	ours := map[string][]string{
		"openai.json": texts(parseBuiltIn(t), ""),
		"errata.yaml": nil,
	}
	for _, action := range errataActions(t) {
		ours["errata.yaml"] = append(ours["errata.yaml"], action.Description)
	}
	ours["fields.json"] = slices.Collect(maps.Keys(fieldTexts(t)))
	for file, list := range ours {
		if len(list) < 50 {
			t.Fatalf("%s: read %d texts, want more", file, len(list))
		}
		for _, text := range list {
			words := wordsOf(text)
			if sentences[strings.Join(words, " ")] {
				t.Errorf("%s: the official text survives: %q", file, text)
			}
			for i := 0; i+run <= len(words); i++ {
				if same := strings.Join(words[i:i+run], " "); runs[same] {
					t.Errorf("%s: %q has words of the official text: %q", file, text, same)
				}
			}
		}
	}
}

// fieldTexts returns every text of fields.json, with one of the places that have it.
func fieldTexts(t *testing.T) map[string]string {
	t.Helper()
	var components map[string]map[string]string
	if err := json.Unmarshal(embed.Fields(), &components); err != nil {
		t.Fatal(err)
	}
	places := make(map[string]string)
	for component, fields := range components {
		for field, text := range fields {
			places[text] = component + "." + field
		}
	}
	return places
}

func TestTextsOfFieldsBelongToFields(t *testing.T) {
	t.Parallel()
	document := openBuiltIn(t)
	var components map[string]map[string]string
	if err := json.Unmarshal(embed.Fields(), &components); err != nil {
		t.Fatal(err)
	}
	if len(components) < 40 {
		t.Errorf("%d components have texts, want at least 40", len(components))
	}
	for component, fields := range components {
		for field := range fields {
			if d, err := document.Describe(component + "." + field); err != nil {
				t.Errorf("%s.%s: %v", component, field, err)
			} else if d.Path != component+"."+field {
				t.Errorf("%s.%s is called %s in the document", component, field, d.Path)
			}
		}
		d, err := document.Describe(component)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, f := range d.Schema.Fields {
			if fields[f.Name] == "" {
				t.Errorf("%s.%s has no text", component, f.Name)
			}
		}
	}
}

// texts collects summaries and descriptions. Those of responses are left out
// where they only repeat the status in the words of HTTP.
func texts(value any, under string) []string {
	var list []string
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			list = append(list, texts(item, under)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			text, ok := value[key].(string)
			switch {
			case !ok:
				list = append(list, texts(value[key], key)...)
			case key != "summary" && key != "description":
			case key == "description" && isStatus(under, text):
			default:
				list = append(list, text)
			}
		}
	}
	return list
}

func isStatus(under, text string) bool {
	for code := 100; code < 600; code++ {
		if text == http.StatusText(code) {
			return true
		}
	}
	return text == under
}

var (
	link = regexp.MustCompile(`\]\([^)]*\)`)
	word = regexp.MustCompile(`[a-z0-9]+(?:['-][a-z0-9]+)*`)
)

func wordsOf(text string) []string {
	return word.FindAllString(strings.ToLower(link.ReplaceAllString(text, "]")), -1)
}
