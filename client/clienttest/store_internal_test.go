package clienttest

import (
	"strconv"
	"testing"
)

func TestStoreForgetsTheOldest(t *testing.T) {
	st := newStore()
	things := make([]object, maxObjects+10) // as one piece of memory: to make them one by one takes longer than the rest
	for i := range things {
		things[i].id, things[i].text = strconv.Itoa(i), "{}"
		st.put("/things", &things[i])
	}
	if st.get("/things", "9") != nil || st.get("/things", "10") == nil || st.count != maxObjects {
		t.Errorf("got %d objects, want the latest %d", st.count, maxObjects)
	}
	content := make([]byte, maxStored/4)
	for i := range 5 {
		st.put("/files", &object{id: strconv.Itoa(i), file: content})
	}
	if st.bytes > maxStored || st.get("/files", "4") == nil || st.get("/files", "0") != nil || st.get("/things", "10") != nil {
		t.Errorf("got %d bytes, want at most %d, the latest ones", st.bytes, maxStored)
	}
	if len(st.order) > 2*st.count+1001 {
		t.Errorf("%d objects are remembered in order, for %d", len(st.order), st.count)
	}
}

func TestStoreForgetsWhatBelongsToADeletedObject(t *testing.T) {
	st := newStore()
	thread := &object{id: "t"}
	st.put("/threads", thread)
	st.put("/threads/t/messages", &object{id: "m", text: "{}"})
	st.put("/threads/t2/messages", &object{id: "m", text: "{}"})
	st.remove("/threads", thread)
	if st.get("/threads/t/messages", "m") != nil || st.get("/threads/t2/messages", "m") == nil {
		t.Error("want the messages of the thread to be gone, and those of another to be there")
	}
	if o := st.get("/threads", "t"); o == nil || !o.deleted {
		t.Error("want it to be known that the thread was deleted")
	}
	st.put("/threads", &object{id: "t"})
	st.reset()
	if st.count != 0 || st.bytes != 0 {
		t.Errorf("got %d objects of %d bytes, want none", st.count, st.bytes)
	}
}
