package client

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidwall/gjson"
)

// FuzzJournal opens a file that another program may have written. What is taken for a record
// stands in a line about that call; whole lines are kept, one that is cut off is not; a
// second run finds the same; and a file that is not a journal stays as it was.
func FuzzJournal(f *testing.F) {
	settings := &eachSettings{journal: filepath.Join(f.TempDir(), "journal"), job: "j"}
	header := journalHeader(settings)
	for _, text := range []string{
		"", header, header + "\n", header[:20], "no journal\n",
		header + "\n" + `{"begun":"a","params":"00ff"}` + "\n" + `{"answered":"a","status":200,"attempts":1,"header":{"Content-Type":"application/json"},"body":{"x":1}}` + "\n",
		header + "\n" + `{"begun":"a","params":"1"}` + "\n" + `{"lost":"a","attempts":2,"reason":"r"}` + "\n" + `{"released":"a"}` + "\n",
		header + "\n" + `{"begun":"é\u0000","params":"1"}` + "\n" + `{"answered":"é\u0000","status":500,"attempts":1,"header":{},"base64":"AA=="}` + "\n" + `{"begun":"b`,
		header + "\n" + `{"answered":"a","status":200}` + "\n",
		header + "\n" + `{"begun":"a"}` + "\n" + `{"answered":"a","status":"200"}` + "\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(settings.journal, text, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := openJournal(settings)
		left, readErr := os.ReadFile(settings.journal)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if err != nil {
			var refused *JournalError
			if !errors.As(err, &refused) || refused.Path != settings.journal || refused.Reason == "" {
				t.Errorf("got %v, want a *JournalError", err)
			}
			if !bytes.Equal(left, text) {
				t.Errorf("a file that is refused was changed: %q became %q", text, left)
			}
			return
		}
		first := j.past
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		want := text[:bytes.LastIndexByte(text, '\n')+1]
		if len(want) == 0 {
			want = []byte(header + "\n")
		}
		if !bytes.Equal(left, want) {
			t.Errorf("%q became %q, want %q", text, left, want)
		}
		for hash, past := range first {
			checkRecord(t, left, hash, past)
		}
		again, err := openJournal(settings)
		if err != nil {
			t.Fatalf("a second run refuses it: %v", err)
		}
		defer again.close()
		if len(again.past) != len(first) {
			t.Errorf("a second run finds %d calls, want %d", len(again.past), len(first))
		}
		for hash, past := range first {
			if other, ok := again.past[hash]; !ok || *other != *past {
				t.Errorf("a second run finds %+v, want %+v", other, past)
			}
		}
	})
}

// checkRecord compares what was taken of a call with the line that it is from, and reads its
// response.
func checkRecord(t *testing.T, file []byte, hash idHash, past *pastCall) {
	if past.state == callBegun {
		return
	}
	line := file[past.offset : past.offset+int64(past.length)]
	kind := map[callState]string{callLost: lineLost, callAnswered: lineAnswered, callRefused: lineAnswered}[past.state]
	id := gjson.ParseBytes(line).Get(kind)
	sum := sha256.Sum256([]byte(id.String()))
	if id.Type != gjson.String || idHash(sum[:16]) != hash {
		t.Errorf("a record of call %q is the line %q", id.String(), line)
	}
	if past.state == callLost {
		return
	}
	if status := gjson.GetBytes(line, "status").Int(); (status/100 == http.StatusOK/100) != (past.state == callAnswered) {
		t.Errorf("status %d has state %d", status, past.state)
	}
	_, _ = recordedBody(gjson.ParseBytes(line))
}
