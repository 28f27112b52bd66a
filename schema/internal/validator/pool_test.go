package validator

import (
	"runtime"
	"testing"
	"weak"

	"github.com/opcall/opcall/internal/jsonvalue"
)

// The memory of a walk and of an explanation is used again, and has pointers into the
// document. It must not keep one that has gone while another is in use. On one processor the
// same memory comes back each time.
func TestDocumentIsFreedWhileAnotherIsInUse(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const component = `{"type":"object","required":["list"],"properties":{"list":{"type":"array","items":{"type":"object","required":["x"],"properties":{"x":{}}}}}}`
	validate := func(schemas *Schemas, instance string) (found int) {
		tree, err := jsonvalue.Parse(instance)
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Release()
		schemas.Graph(Closed).Validate(Place{component, "/components/schemas/X"}, tree, Either, func(list []Problem, _ int) { found = len(list) })
		return found
	}
	gone := func() weak.Pointer[Schemas] {
		schemas := jointSchemas(component)
		if found := validate(schemas, `{"list":[{},{},{}]}`); found != 3 {
			t.Fatalf("got %d problems, want 3", found)
		}
		return weak.Make(schemas)
	}()
	inUse := jointSchemas(component)
	for range 20 {
		validate(inUse, `{}`)
		if runtime.GC(); gone.Value() == nil {
			return
		}
	}
	t.Error("a document that is not used any longer is kept")
}
