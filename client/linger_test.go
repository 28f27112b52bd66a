package client_test

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// TestStreamConnectionIsReusedAfterDone: a server ends its body a little after [DONE]. A
// client that does not read on to there throws the connection away; one that reads on for
// ever hangs with a server that never ends it.
func TestStreamConnectionIsReusedAfterDone(t *testing.T) {
	for name, tt := range map[string]struct {
		late  time.Duration // from [DONE] to the end of the body
		dials int64
	}{
		"a little later": {5 * time.Millisecond, 1},
		"an hour later":  {time.Hour, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, pipes := pipeClient(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Content-Type", "text/event-stream")
					fmt.Fprint(w, dataLines(deltaChunk(0, "a"), "[DONE]"))
					w.(http.Flusher).Flush()
					select {
					case <-time.After(tt.late):
					case <-r.Context().Done():
					}
				})
				began := time.Now()
				for range 3 {
					s, err := c.Stream(t.Context(), "createChatCompletion", chat())
					if err != nil {
						t.Fatal(err)
					}
					for _, err := range s.Events() {
						if err != nil {
							t.Fatal(err)
						}
					}
				}
				if got := pipes.dialed.Load(); got != tt.dials {
					t.Errorf("got %d connections for 3 streams one after the other, want %d", got, tt.dials)
				}
				if took := time.Since(began); took > time.Second { // of the bubble's time
					t.Errorf("the streams took %v", took)
				}
			})
		})
	}
}
