package internal_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opcall/opcall/internal/jsonscan"
)

// way goes through an object as an index of a document does: it enters some members, leaves
// some before their end, and passes others.
func way(text string, steps *jsonscan.Steps) string {
	var b strings.Builder
	c := jsonscan.NewSteppingCursor(text, steps)
	if !c.Enter() {
		return ""
	}
	for c.Next() {
		key := c.Key()
		if !strings.HasPrefix(key, "in") || !c.Enter() {
			fmt.Fprintf(&b, "%s=%s ", key, c.Value())
			continue
		}
		for c.Next() {
			fmt.Fprintf(&b, "%s/%s=%s ", key, c.Key(), c.Value())
			if c.Key() == "id" {
				c.Leave()
				break
			}
		}
		fmt.Fprintf(&b, "to %d ", c.Offset())
	}
	return b.String()
}

const stepped = `{ "a" : [1, {"b": "]}"}], "in1": {"x": {"y": [ ]}, "id": "i", "z": {"w": "}"}} , "in2": 5, "in3": {}, "b": -1.5e3 , "c": "\"" }`

func TestRecordedStepsLeadTheSameWay(t *testing.T) {
	want := way(stepped, nil)
	var recorded jsonscan.Steps
	if got := way(stepped, &recorded); got != want {
		t.Errorf("while recording, got %s, want %s", got, want)
	}
	if len(recorded.Bytes()) == 0 {
		t.Fatal("nothing was recorded")
	}
	if got := way(stepped, jsonscan.RecordedSteps(recorded.Bytes())); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := way(stepped, jsonscan.RecordedSteps(nil)); got != want {
		t.Errorf("without steps, got %s, want %s", got, want)
	}
	// The text between what is passed is not looked at: that is what it is for.
	blank := strings.Replace(stepped, `"z": {"w": "}"}`, `               `, 1)
	if got := way(blank, jsonscan.RecordedSteps(recorded.Bytes())); got != want {
		t.Errorf("a text that is not looked at changed something: got %s, want %s", got, want)
	}
}

// Steps of another text give other values, but end, and do not panic.
func TestStepsOfAnotherTextEnd(t *testing.T) {
	for _, steps := range [][]byte{{0}, {1, 1, 1, 1, 1, 1, 1, 1}, {0xff}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, {200, 1}, {25, 0, 0, 0}} {
		for i := range len(stepped) {
			way(stepped[:i], jsonscan.RecordedSteps(steps))
			way(stepped[i:], jsonscan.RecordedSteps(steps))
		}
	}
}
