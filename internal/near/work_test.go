package near

import (
	"fmt"
	"strings"
	"testing"
)

// Names that all are nearly the wanted one, and so long that each fills a table, take
// no more than the bound together. What comes first is still found.
func TestSearchIsBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("property_of_some_length_", 4)
	tests := map[string]struct {
		want string
		name func(i int) string
	}{
		"long":      {strings.Repeat("propertx_of_some_lengtg_", 4) + "7x", func(i int) string { return fmt.Sprintf("%s%d", long, i) }},
		"short":     {"field7x", func(i int) string { return fmt.Sprintf("field%d", i) }},
		"very long": {"field7x", func(i int) string { return fmt.Sprintf("%d%s", i, strings.Repeat("a", 5000)) }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if testing.Short() && name == "very long" {
				t.Skip("makes 250 MB of names: run without -short")
			}
			names := make([]string, 50_000)
			for i := range names {
				names[i] = tt.name(i)
			}
			m := begin(tt.want, 0)
			defer m.done()
			found := m.search(nil, names)
			if limit := maxWork + 2*maxFolded*maxFolded + maxName; m.work > limit {
				t.Errorf("got %d steps, want at most %d", m.work, limit)
			}
			if name != "very long" && len(found) == 0 {
				t.Error("got no name, want the first ones at least")
			}
		})
	}
	if got := Names(strings.Repeat("a", maxName+1), []string{"a"}, 1); got != nil {
		t.Errorf("got %q for a name of %d bytes, want none", got, maxName+1)
	}
}
