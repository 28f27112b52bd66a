package internal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
)

func TestIndexAgreesForSmallAndLarge(t *testing.T) {
	t.Parallel()
	for _, pad := range []string{"", strings.Repeat("x", jsonscan.Large)} {
		object := fmt.Sprintf(`{"pad":%q,"a":1,"b/~":{"c":2},"a":3,"":4}`, pad)
		array := fmt.Sprintf(`[%q,1,{"c":2}]`, pad)
		var index jsonscan.Index
		for range 2 {
			for _, c := range []struct {
				text, token, want string
				ok                bool
			}{
				{object, "a", "1", true},
				{object, "b/~", `{"c":2}`, true},
				{object, "", "4", true},
				{object, "c", "", false},
				{object, "0", "", false},
				{array, "1", "1", true},
				{array, "2", `{"c":2}`, true},
				{array, "3", "", false},
				{array, "01", "", false},
				{array, "-1", "", false},
				{array, "+1", "", false},
				{array, "-", "", false},
				{array, "a", "", false},
				{`"text"`, "0", "", false},
				{"", "0", "", false},
			} {
				if got, ok := index.Child(c.text, c.token); got != c.want || ok != c.ok {
					t.Errorf("Child(%.20s, %q) of %d bytes = %s, %t; want %s, %t", c.text, c.token, len(c.text), got, ok, c.want, c.ok)
				}
			}
		}
	}
}
