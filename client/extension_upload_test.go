package client_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/client/internal/extension"
	"github.com/opcall/opcall/embed"
	"github.com/opcall/opcall/schema"
)

// TestUploadsOfTheBuiltInDocument: what a client knows of files is in the document.
func TestUploadsOfTheBuiltInDocument(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load(embed.OpenAI(), schema.WithoutChecks())
	if err != nil {
		t.Fatal(err)
	}
	op := func(id string) *schema.Operation {
		op, err := doc.Operation(id)
		if err != nil {
			t.Fatal(err)
		}
		return op
	}
	files := extension.Uploads(op("createFile"))
	if files.Bytes != 512_000_000 || extension.Uploads(op("createUpload")).Bytes != 8<<30 || extension.Uploads(op("addUploadPart")).Bytes != 64<<20 {
		t.Errorf("got %d, %d and %d bytes", files.Bytes, extension.Uploads(op("createUpload")).Bytes, extension.Uploads(op("addUploadPart")).Bytes)
	}
	want := extension.PurposeRules{Bytes: 200_000_000, Extensions: []string{".jsonl"}, Lines: []extension.LineFormat{{Format: "batch", Component: "BatchRequestInput"}}}
	if diff := cmp.Diff(want, files.Purposes["batch"]); diff != "" {
		t.Error(diff)
	}
	if any := files.Purposes["vision"].Extensions; any == nil || len(any) != 0 {
		t.Errorf("got extensions %#v of pictures, want any", any)
	}
	batches := extension.Batches(op("createBatch"))
	wantLimits := extension.BatchLimits{
		Requests: 50_000, Bytes: 200_000_000, Window: "24h", Alike: []string{"model"},
		Inputs: map[string]extension.InputLimits{"/v1/embeddings": {Field: "input", Items: 50_000}},
	}
	if diff := cmp.Diff(wantLimits, batches); diff != "" {
		t.Error(diff)
	}
}

// TestUploadsOfAStrangeDocument: nonsense is not a limit.
func TestUploadsOfAStrangeDocument(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"post": {
		"operationId": "a", "responses": {}, "x-opcall-upload": {"bytes": -5, "purposes": {"x": {"bytes": "many", "extensions": 4, "lines": [7]}}}, "x-opcall-batch": [1]}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	op, err := doc.Operation("a")
	if err != nil {
		t.Fatal(err)
	}
	want := extension.UploadRules{Purposes: map[string]extension.PurposeRules{"x": {Lines: []extension.LineFormat{{}}}}}
	if diff := cmp.Diff(want, extension.Uploads(op)); diff != "" {
		t.Error(diff)
	}
	if got := extension.Batches(op); got.Requests != 0 || got.Bytes != 0 || got.Window != "" {
		t.Errorf("got %+v, want no limits", got)
	}
}
