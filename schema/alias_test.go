package schema_test

import (
	"strings"
	"testing"

	"github.com/opcall/opcall/schema"
)

func loadPaths(t *testing.T, paths string) *schema.Document {
	t.Helper()
	doc, err := schema.Load([]byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":` + paths + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOperationWithoutIDHasAnAlias(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ paths, id, alias string }{
		"a parameter":          {`{"/pets/{id}":{"get":{}}}`, "GET /pets/{id}", "getPetsById"},
		"words of a path":      {`{"/pet-store/v1.2/{owner_id}/pets":{"post":{}}}`, "POST /pet-store/v1.2/{owner_id}/pets", "postPetStoreV12ByOwnerIdPets"},
		"the root":             {`{"/":{"get":{}}}`, "GET /", "getRoot"},
		"a literal behind":     {`{"/files/{id}.json":{"get":{}}}`, "GET /files/{id}.json", "getFilesByIdJson"},
		"a query":              {`{"/a?beta=true":{"get":{}}}`, "GET /a?beta=true", "getABetaTrue"},
		"an ID that is taken":  {`{"/a":{"get":{"operationId":"x"}},"/b":{"get":{"operationId":"x"}}}`, "GET /b", "getB"},
		"capitals of the path": {`{"/userAPI/{userID}":{"get":{}}}`, "GET /userAPI/{userID}", "getUserAPIByUserID"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := loadPaths(t, tt.paths)
			for _, id := range []string{tt.id, tt.alias, strings.ToLower(tt.alias)} {
				op, err := doc.Operation(id)
				if err != nil {
					t.Fatal(err)
				}
				if op.ID != tt.id || op.Alias != tt.alias {
					t.Errorf("%s: got %s, alias %q; want %s, %q", id, op.ID, op.Alias, tt.id, tt.alias)
				}
			}
			if d, err := doc.Describe(tt.alias); err != nil || d.Operation.Alias != tt.alias || !strings.Contains(d.Text(1), tt.alias) {
				t.Errorf("Describe(%s): got %v, %v", tt.alias, d, err)
			}
		})
	}
}

func TestAliasLeavesDeclaredIDsAlone(t *testing.T) {
	t.Parallel()
	for _, paths := range []string{
		`{"/pets/{id}":{"get":{}},"/z":{"get":{"operationId":"getPetsById"}}}`,
		`{"/z":{"get":{"operationId":"getPetsById"}},"/pets/{id}":{"get":{}}}`,
		`{"/z":{"get":{"operationId":"getPetsById"}},"/other":{"get":{}},"/pets/{id}":{"get":{}}}`,
	} {
		doc := loadPaths(t, paths)
		declared, err := doc.Operation("getPetsById")
		if err != nil || declared.Path != "/z" || declared.Alias != "" {
			t.Errorf("%s: getPetsById is %v, %v", paths, declared, err)
		}
		// A name that differs in case is the declared one, too.
		if op, err := doc.Operation("get_pets_by_id"); err != nil || op.Path != "/z" {
			t.Errorf("%s: get_pets_by_id is %v, %v", paths, op, err)
		}
		op, err := doc.Operation("GET /pets/{id}")
		if err != nil {
			t.Fatal(err)
		}
		const want = "getPetsById_8e9452ee"
		if again, err := doc.Operation(want); err != nil || again != op || op.Alias != want {
			t.Errorf("%s: got alias %q, want %q (%v)", paths, op.Alias, want, err)
		}
	}
}

func TestAliasesOfPathsWithTheSameWordsDiffer(t *testing.T) {
	t.Parallel()
	doc := loadPaths(t, `{"/a-b":{"get":{}},"/a_b":{"get":{}},"/a/b":{"get":{}}}`)
	seen := map[string]bool{}
	for op := range doc.Operations() {
		if op.Alias == "" || seen[op.Alias] {
			t.Errorf("%s: alias %q is taken", op.ID, op.Alias)
		}
		seen[op.Alias] = true
		if found, err := doc.Operation(op.Alias); err != nil || found != op {
			t.Errorf("%s: got %v, %v", op.Alias, found, err)
		}
		if found, _, ok := doc.Match("GET", op.Path); !ok || found.Alias != op.Alias {
			t.Errorf("Match %s: got %v", op.Path, found)
		}
	}
	if len(seen) != 3 {
		t.Errorf("got %d operations, want 3", len(seen))
	}
}

// An operation ID with a dot whose first part is a tag.
func TestDescribeFindsOperationIDWithDots(t *testing.T) {
	t.Parallel()
	doc := loadPaths(t, `{"/c":{"get":{"operationId":"Content.Get","tags":["Content"],"parameters":[{"name":"limit","in":"query","schema":{"type":"integer"}}]}},
		"/d":{"get":{"operationId":"Other.Get"}},"/e":{"get":{"operationId":"Other"}}}`)
	for path, want := range map[string]string{
		"Content.Get": "operation", "Content": "tag", "Content.Get.limit": "parameter", "content.get": "operation", `Content\.Get`: "operation",
		"Other.Get": "operation", "Other": "operation",
	} {
		if d, err := doc.Describe(path); err != nil || d.Kind != want {
			t.Errorf("Describe(%s): got %v, %v, want one of a %s", path, d, err, want)
		}
	}
	if _, err := doc.Describe("Content.Gat"); err == nil {
		t.Error("Describe(Content.Gat): got no error")
	}
}
