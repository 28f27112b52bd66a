package schema_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/opcall/opcall/schema"
)

// Many goroutines use the same schemas for the first time: each is compiled
// once, and all get the same verdicts. Run it with -race.
func TestFirstUseByManyGivesTheSameVerdicts(t *testing.T) {
	t.Parallel()
	const goroutines = 16
	alone := openBuiltin(t)
	var want []string
	for _, p := range payloads {
		want = append(want, verdict(t, alone, p.component, p.text))
	}
	doc := openBuiltin(t)
	start := make(chan struct{})
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			<-start
			for i := range payloads {
				i = (i + g) % len(payloads)
				p := payloads[i]
				if got := verdict(t, doc, p.component, p.text); got != want[i] {
					t.Errorf("%s: got %s, want %s", p.name, got, want[i])
				}
				tier := []schema.Tier{schema.Strict, schema.Lenient, schema.Standard}[g%3]
				_ = doc.Validate(p.component, p.text, schema.WithTier(tier), schema.WithUnknownFields())
				doc.Check(p.component, []byte(p.text))
				if _, err := doc.Decode(p.component, []byte(p.text)); err != nil {
					t.Error(err)
				}
			}
			if _, err := doc.Operation("create_response"); err != nil {
				t.Error(err)
			}
			if _, _, ok := doc.Match("POST", fmt.Sprintf("/threads/%d/runs", g)); !ok {
				t.Error("no match")
			}
			doc.Repairs()
		})
	}
	close(start)
	group.Wait()
}
