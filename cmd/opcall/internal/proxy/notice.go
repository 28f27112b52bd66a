package proxy

import (
	"encoding/json"
	"io"
	"strings"
	"time"
)

// notices writes what net/http has to say as lines of JSON, beside the findings: a program
// that reads these reads both.
type notices struct{ out io.Writer }

type notice struct {
	Time   string `json:"time"` // RFC 3339
	Notice string `json:"notice"`
}

func (n *notices) Write(line []byte) (int, error) {
	text := strings.TrimSpace(string(line))
	// It quotes what came, which may be anything.
	if before, _, ok := strings.Cut(text, " starting with "); ok {
		text = before + ": the API sent more than it had announced"
	}
	encoded, err := json.Marshal(notice{time.Now().UTC().Format(time.RFC3339Nano), text})
	if err == nil {
		_, err = n.out.Write(append(encoded, '\n'))
	}
	return len(line), err
}
