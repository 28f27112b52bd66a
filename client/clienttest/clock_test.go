package clienttest_test

import (
	"bytes"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opcall/opcall/client"
	"github.com/opcall/opcall/client/clienttest"
)

// makers make objects with a time, by the member that has it.
var makers = map[string]struct {
	params func() client.Params
	member string
}{
	"createFile": {func() client.Params {
		return client.Params{"purpose": "batch", "file": client.File{Name: "a.jsonl", Body: bytes.NewReader([]byte("{}"))}}
	}, "created_at"},
	"createVectorStore":  {func() client.Params { return client.Params{"name": "a"} }, "created_at"},
	"createConversation": {func() client.Params { return client.Params{} }, "created_at"},
	"createThread":       {func() client.Params { return client.Params{} }, "created_at"},
	"createAssistant":    {func() client.Params { return client.Params{"model": "m"} }, "created_at"},
	"createBatch": {func() client.Params {
		return client.Params{"input_file_id": "file-1", "endpoint": "/v1/responses", "completion_window": "24h"}
	}, "created_at"},
	"createUpload": {func() client.Params {
		return client.Params{"filename": "a", "bytes": 1, "mime_type": "text/plain", "purpose": "batch"}
	}, "created_at"},
	"createFineTuningJob": {func() client.Params { return client.Params{"model": "m", "training_file": "file-1"} }, "created_at"},
	"CreateContainer":     {func() client.Params { return client.Params{"name": "a"} }, "created_at"},
}

// TestObjectsAreMadeNow: what is kept has the time at which it was made, which is the same
// whenever it is asked for, and that of the clock where there is one.
func TestObjectsAreMadeNow(t *testing.T) {
	var now atomic.Int64
	now.Store(1_900_000_000)
	clock := clienttest.WithClock(func() time.Time { return time.Unix(now.Load(), 0) })
	for operation, made := range makers {
		t.Run(operation, func(t *testing.T) {
			timeOf := func(c *client.Client) int64 {
				r, err := c.Call(t.Context(), operation, made.params())
				if err != nil {
					t.Fatal(err)
				}
				if ends := r.Get("expires_at"); ends.Int() != 0 && ends.Int() <= r.Get(made.member).Int() {
					t.Errorf("got %s, which has expired", r.Raw())
				}
				return r.Get(made.member).Int()
			}
			before := time.Now().Unix()
			real := timeOf(clienttest.NewServer(t).Client())
			if after := time.Now().Unix(); real < before || real > after {
				t.Errorf("got %d, want %d to %d", real, before, after)
			}
			c := clienttest.NewServer(t, clock).Client()
			now.Store(1_900_000_000)
			var times []int64
			for _, step := range []int64{0, 5, -3} {
				now.Add(step)
				times = append(times, timeOf(c))
			}
			if want := []int64{1_900_000_000, 1_900_000_005, 1_900_000_005}; !slices.Equal(times, want) {
				t.Errorf("got %d, want %d: never an earlier time than before", times, want)
			}
		})
	}
}

// TestTimeOfAnObjectStays: it is that of its making when it is got, changed and listed later.
func TestTimeOfAnObjectStays(t *testing.T) {
	var now atomic.Int64
	now.Store(1_900_000_000)
	server := clienttest.NewServer(t, clienttest.WithClock(func() time.Time { return time.Unix(now.Add(10), 0) }))
	c := server.Client()
	made, err := c.Call(t.Context(), "createVectorStore", client.Params{"name": "a"})
	if err != nil {
		t.Fatal(err)
	}
	id, want := made.Get("id").String(), made.Get("created_at").Int()
	for operation, params := range map[string]client.Params{
		"getVectorStore": {"vector_store_id": id}, "modifyVectorStore": {"vector_store_id": id, "name": "b"}, "listVectorStores": {},
	} {
		r, err := c.Call(t.Context(), operation, params)
		if err != nil {
			t.Fatal(err)
		}
		got := r.Get("created_at").Int()
		if operation == "listVectorStores" {
			got = r.Get("data.0.created_at").Int()
		}
		if got != want {
			t.Errorf("%s: got %d, want %d", operation, got, want)
		}
	}
}

func TestClockIsNeeded(t *testing.T) {
	if _, err := clienttest.Start(clienttest.WithClock(nil)); err == nil {
		t.Error("got no error of a clock that is nil")
	}
}
