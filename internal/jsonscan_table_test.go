package internal_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opcall/opcall/internal/jsonscan"
)

// TestTableIsAMapWithAnOrder compares a table with a map and a list, for tables that were
// made too small, large enough, and not made at all.
func TestTableIsAMapWithAnOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, room := range []int{-1, 0, 1, 7, 8, 100, 5000} {
		table, want, order := &jsonscan.Table{}, map[string]string{}, []string{}
		if room >= 0 {
			table = jsonscan.NewTable(room)
		}
		for range 3000 {
			name, text := fmt.Sprint("name ", random.IntN(2000)), fmt.Sprint(random.Int())
			if _, ok := table.Get(name); ok != (want[name] != "") {
				t.Fatalf("room %d: %q is there: %v, want %v", room, name, ok, !ok)
			}
			if want[name] == "" {
				order = append(order, name)
			}
			want[name] = text
			table.Set(name, text)
			if got := table.Text(name); got != text {
				t.Fatalf("room %d: %q has %q, want %q", room, name, got, text)
			}
		}
		if diff := cmp.Diff(want, maps.Collect(table.All())); diff != "" {
			t.Errorf("room %d\n%s", room, diff)
		}
		if diff := cmp.Diff(order, table.Names()); diff != "" {
			t.Errorf("room %d: order\n%s", room, diff)
		}
		for name := range table.All() {
			if name != order[0] {
				t.Errorf("room %d: got %q first, want %q", room, name, order[0])
			}
			break
		}
		if text, ok := table.Get("name"); ok || text != "" {
			t.Errorf("room %d: a name that was never added has %q", room, text)
		}
	}
	if !slices.Equal((&jsonscan.Table{}).Names(), nil) {
		t.Error("an empty table has names")
	}
}
