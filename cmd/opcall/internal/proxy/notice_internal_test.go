package proxy

import (
	"log"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestNoticesAreJSONAndQuoteNothing(t *testing.T) {
	var out strings.Builder
	logger := log.New(&notices{out: &out}, "", 0)
	logger.Printf("Unsolicited response received on idle HTTP channel starting with %q; err=<nil>", "secret")
	logger.Print("a \"broken\" body")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || strings.Contains(out.String(), "secret") {
		t.Fatalf("got %q", lines)
	}
	for i, want := range []string{"Unsolicited response received on idle HTTP channel: the API sent more than it had announced", `a "broken" body`} {
		if got := gjson.Get(lines[i], "notice").String(); got != want || gjson.Get(lines[i], "time").String() == "" {
			t.Errorf("got %s, want %q with a time", lines[i], want)
		}
	}
}
