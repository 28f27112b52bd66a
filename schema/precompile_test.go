package schema_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/opcall/opcall/schema"
)

// After Precompile next to nothing is left to do for the first verdict. It is not parallel, as it counts what all goroutines allocate.
func TestPrecompileLeavesLittleToTheFirstVerdict(t *testing.T) {
	doc := openBuiltin(t)
	var group sync.WaitGroup
	for range 4 {
		group.Go(doc.Precompile)
		group.Go(func() { _ = doc.Validate("CreateEmbeddingRequest", `{}`) })
	}
	group.Wait()
	for _, p := range payloads {
		first, second := allocations(doc, p.component, p.text), allocations(doc, p.component, p.text)
		if first > second+600 { // what its branches declare, and the values of its tag, are found out when first asked
			t.Errorf("%s: got %d allocations for the first verdict, want hardly more than for the second: %d", p.name, first, second)
		}
	}
}

// TestFirstValidationCompiles proves the test above able to fail.
func TestFirstValidationCompiles(t *testing.T) {
	doc := openBuiltin(t)
	p := payloads[0]
	first, second := allocations(doc, p.component, p.text), allocations(doc, p.component, p.text)
	if first < 3*second {
		t.Errorf("%s: got %d allocations for the first verdict of a new document and %d for the second, want it to compile first", p.name, first, second)
	}
}

// allocations counts the allocations of one verdict.
func allocations(doc *schema.Document, component, text string) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_ = doc.Validate(component, text)
	runtime.ReadMemStats(&after)
	return after.Mallocs - before.Mallocs
}
