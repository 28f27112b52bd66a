package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/shared"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Whoever changes the errata, the summaries or this program runs it again.
func TestBuiltInDescriptionIsUpToDate(t *testing.T) {
	t.Parallel()
	official := shared.Read(t, "openai-api/openapi.yaml")
	got, err := derive(official, read(t, "../errata.yaml"), read(t, "../summaries.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	want := read(t, "../openai.json")
	if !bytes.Equal(got.document, want) {
		line, ours, theirs := firstDifference(got.document, want)
		t.Errorf("openai.json is not what derive makes; run go run ./embed/derive OFFICIAL.yaml\nline %d\n got %.300s\nwant %.300s", line, ours, theirs)
	}
	for what, list := range map[string][]string{"no words for": got.wordless, "words for nothing:": got.stale, "no tag on": got.untagged} {
		for _, name := range list {
			t.Errorf("%s %s", what, name)
		}
	}
	if diff := cmp.Diff(knownUndeclared, got.undeclared); diff != "" {
		t.Errorf("required names that are not properties (-known +got):\n%s", diff)
	}
	if got.operations != 288 || got.components != 1429 {
		t.Errorf("derived %d operations and %d components, want 288 and 1429, seven of them errata", got.operations, got.components)
	}
}

// knownUndeclared are required names of the official description that are no
// property, and no mistake that an erratum could mend: the list of attachments
// takes them in its items alone; the samples have the other ones, which so are
// fields that the description forgot, and validation takes what is required for
// a field.
var knownUndeclared = []string{
	"/components/schemas/CreateMessageRequest/properties/attachments/anyOf/0: file_id",
	"/components/schemas/CreateMessageRequest/properties/attachments/anyOf/0: tools",
	"/components/schemas/LocalShellToolCallOutput: call_id",
	"/components/schemas/ResponseAudioDoneEvent: response_id",
	"/components/schemas/ResponseAudioTranscriptDeltaEvent: response_id",
	"/components/schemas/ResponseAudioTranscriptDoneEvent: response_id",
	"/components/schemas/BetaLocalShellToolCallOutput: call_id",
	"/components/schemas/BetaResponseAudioTranscriptDoneEvent: response_id",
	"/components/schemas/BetaResponseAudioTranscriptDeltaEvent: response_id",
	"/components/schemas/BetaResponseAudioDoneEvent: response_id",
}

func firstDifference(a, b []byte) (line int, got, want string) {
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return i + 1, x[i], y[i]
		}
	}
	return min(len(x), len(y)), "", "another number of lines"
}

const errata = `
overlay: 1.0.0
info: {title: t, version: '1'}
actions:
  - {target: $, update: {x-opcall-errata: 1.0.0}}
  - {target: $.components.schemas.Pet, update: {x-opcall-patch: {required: [name]}}}
`

const official = `
openapi: 3.1.0
info: {title: Pets, version: '1', description: prose, license: {name: MIT}, x-logo: prose}
tags:
  - {name: Pets, description: prose}
paths:
  /pets?all=true:
    get:
      summary: prose
      description: prose
      tags: [Pets, Lists]
      operationId: listPets
      parameters:
        - {name: description, in: query, description: prose, schema: {type: string, example: prose}}
      responses:
        '200': {description: prose, content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}, example: prose}}}
        4XX: {$ref: '#/components/responses/Wrong'}
        default: {description: prose}
      x-vendor: prose
    post:
      operationId: addPet
      responses:
        '299': {description: prose}
webhooks:
  pet.born:
    post:
      summary: prose
      responses: {'200': {description: prose}}
components:
  schemas:
    Pet:
      type: object
      description: prose
      title: A pet
      properties:
        description: {type: string, nullable: true, description: prose}
        x-tag: {const: {description: fact}}
        example: {enum: [{x-a: <fact>}], default: {example: 1.50}}
      x-vendor: prose
  responses:
    Wrong: {description: prose}
`

func TestDeriveKeepsFactsAndPutsInOwnWords(t *testing.T) {
	t.Parallel()
	got, err := derive([]byte(official), []byte(errata), []byte("info: ours\ntags: {Pets: our tag, Lists: our list}\noperations: {listPets: our summary, addPet: our other}\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := `{
"openapi":"3.1.0",
"info":{"title":"Pets","version":"1","license":{"name":"MIT"},"description":"ours"},
"paths":{
"/pets?all=true":{
"get":{"operationId":"listPets","summary":"our summary","tags":["Pets","Lists"],"parameters":[{"name":"description","in":"query","schema":{"type":"string"}}],"responses":{"200":{"description":"OK","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Pet"}}}},"4XX":{"$ref":"#/components/responses/Wrong"},"default":{"description":"Any other response"}}},
"post":{"operationId":"addPet","summary":"our other","responses":{"299":{"description":"299"}}}
}
},
"webhooks":{
"pet.born":{
"post":{"responses":{"200":{"description":"OK"}}}
}
},
"components":{
"schemas":{
"Pet":{"type":"object","title":"A pet","properties":{"description":{"type":["string","null"]},"x-tag":{"const":{"description":"fact"}},"example":{"enum":[{"x-a":"<fact>"}],"default":{"example":1.50}}},"x-opcall-patch":{"required":["name"]}}
},
"responses":{
"Wrong":{"description":"Wrong"}
}
},
"x-opcall-errata":"1.0.0",
"tags":[
{"name":"Pets","description":"our tag"},
{"name":"Lists","description":"our list"}
]
}
`
	if diff := cmp.Diff(want, string(got.document)); diff != "" {
		t.Errorf("derived document (-want +got):\n%s", diff)
	}
	if strings.Contains(string(got.document), "prose") {
		t.Error("official prose is left in the derived document")
	}
}

func TestDeriveListsWhatThereIsToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"official.yaml":  official,
		"errata.yaml":    errata,
		"summaries.yaml": "tags: {Pets: ours, Gone: ours}\noperations: {addPet: ours, dropPet: ours}\n",
		"openai.json":    "the one before",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := run(&out, dir, filepath.Join(dir, "official.yaml"), false); err != nil {
		t.Fatal(err)
	}
	want := `not compared with the document before: openapi document: the document is not an object; want OpenAPI 3.0, 3.1 or 3.2
repaired /components/schemas/Pet/properties/description: nullable: a keyword of OpenAPI 3.0; read as type ["string","null"]
no words for info
no words for listPets (GET /pets?all=true)
no words for tag Lists
words for nothing: operation dropPet
words for nothing: tag Gone
no tag on addPet (POST /pets?all=true)
required, but no property: /components/schemas/Pet: name
`
	got, last, _ := strings.Cut(out.String(), filepath.Join(dir, "openai.json"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listed (-want +got):\n%s", diff)
	}
	if !strings.HasSuffix(last, " bytes, 2 operations, 1 components, 1 repairs\n") {
		t.Errorf("the last line ends %q", last)
	}
	if packed, err := unpack(filepath.Join(dir, "errata.yaml.gz")); err != nil || string(packed) != errata {
		t.Errorf("errata.yaml.gz has %.60q, %v, want errata.yaml", packed, err)
	}
	if text := read(t, filepath.Join(dir, "openai.json")); !bytes.HasPrefix(text, []byte("{\n\"openapi\":\"3.1.0\",\n")) {
		t.Errorf("openai.json was not written: %.60q", text)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".derive-*")); left != nil {
		t.Errorf("temporary files are left: %q", left)
	}
}

// A newer official description becomes a commit whose message says what changed.
func TestDeriveCommitsWithTheChangesAsMessage(t *testing.T) {
	dir := t.TempDir()
	for name, value := range map[string]string{
		"GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
		"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		t.Setenv(name, value)
	}
	git := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "--quiet")
	write("errata.yaml", errata)
	write("summaries.yaml", "{}")
	write("official.yaml", official)
	if err := run(io.Discard, dir, filepath.Join(dir, "official.yaml"), false); err != nil {
		t.Fatal(err)
	}
	git("add", ".")
	git("commit", "--quiet", "--message=first")

	if err := run(io.Discard, dir, filepath.Join(dir, "official.yaml"), true); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(git("rev-list", "--count", "HEAD")); got != "1" {
		t.Errorf("the same description made a commit: %s commits, want 1", got)
	}
	write("official.yaml", strings.Replace(official, "operationId: addPet", "operationId: makePet", 1))
	if err := run(io.Discard, dir, filepath.Join(dir, "official.yaml"), true); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(git("show", "--format=", "--name-only", "HEAD")); got != "openai.index\nopenai.json" {
		t.Errorf("the commit has %q, want the document and its index alone", got)
	}
	message := git("show", "--no-patch", "--format=%B", "HEAD")
	if !strings.HasPrefix(message, "embed: the description changes: 1 breaking") || !strings.Contains(message, "makePet: the operation's ID was addPet") {
		t.Errorf("got message\n%s", message)
	}
}

func TestDeriveRefusesWrongFilesAndSaysWhere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ official, errata, summaries, want string }{
		"no OpenAPI":        {"openapi: 2.0.0\npaths: {}\n", errata, "{}", "openapi"},
		"broken errata":     {official, "overlay: 1.0.0\nactions: [{target: '$[', update: {a: 1}}]\ninfo: {title: t, version: '1'}\n", "{}", "target"},
		"misspelt section":  {official, errata, "operation: {listPets: ours}\n", "summaries.yaml"},
		"summary not text":  {official, errata, "operations: {listPets: [ours]}\n", "summaries.yaml"},
		"summaries not map": {official, errata, "- ours\n", "summaries.yaml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := derive([]byte(tt.official), []byte(tt.errata), []byte(tt.summaries))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one about %q", err, tt.want)
			}
		})
	}
}
