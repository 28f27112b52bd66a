package internal_test

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/shared"
)

// A body in base64 is read as its bytes, and names of headers that differ in their case
// alone are one.
func TestInteractionIsReadWhole(t *testing.T) {
	t.Parallel()
	var got shared.Interaction
	err := json.Unmarshal([]byte(`{"source":"s","method":"POST","path":"/v1/files","query":"a=1",
		"req_headers":{"content-type":["a"],"Content-Type":["b"]},"req_body_b64":"AP8=",
		"status":200,"resp_headers":{},"content_type":"application/json","resp_body":"{}"}`), &got)
	if err != nil {
		t.Fatal(err)
	}
	if values := got.RequestHeader["Content-Type"]; len(values) != 2 {
		t.Errorf("got %d values of Content-Type, want 2", len(values))
	}
	got.RequestHeader = nil
	want := shared.Interaction{
		Source: "s", Method: "POST", Path: "/v1/files", Query: "a=1", RequestBody: "\x00\xff",
		Status: 200, ResponseHeader: http.Header{}, ContentType: "application/json", ResponseBody: "{}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The folder is found from any depth, and what is not set is not a failure.
func TestFolderIsRelativeToTheRepository(t *testing.T) {
	t.Setenv("OPCALL_SHARED", "internal/shared")
	want, err := filepath.Abs("shared/folder.go")
	if err != nil {
		t.Fatal(err)
	}
	if got := shared.Path(t, "folder.go"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	t.Setenv("OPCALL_SHARED", "")
	t.Run("not set", func(t *testing.T) {
		t.Cleanup(func() {
			if !t.Skipped() {
				t.Error("it was not skipped")
			}
		})
		shared.Path(t, "folder.go")
	})
}
