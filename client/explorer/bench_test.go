package explorer_test

import (
	"net/http"
	"testing"
)

// BenchmarkPage serves the page of the largest operation.
func BenchmarkPage(b *testing.B) {
	page, _ := open(b)
	b.ReportAllocs()
	for b.Loop() {
		if status, _ := page.get("/operation/createResponse"); status != http.StatusOK {
			b.Fatal(status)
		}
	}
}

// BenchmarkVerdict validates a body and writes the call in three languages, as each time
// that somebody types.
func BenchmarkVerdict(b *testing.B) {
	page, _ := open(b)
	body := ask("createChatCompletion", `{"model":"m","messages":[{"role":"user","content":"hi"}],"temprature":1}`, "")
	b.ReportAllocs()
	for b.Loop() {
		if status, _ := page.post("/check", body); status != http.StatusOK {
			b.Fatal(status)
		}
	}
}
