package bench

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkFirst is a fresh process: from its main to the opened document and to
// the first validated body, and the heap after that. ns/op is the life of
// the whole process, building not included; ms-open and ms-first are the best
// that any process took, since what disturbs a process only adds to it.
func BenchmarkFirst(b *testing.B) {
	programs := b.TempDir()
	if out, err := exec.Command("go", "build", "-o", programs, "./cold/...").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	first := func(library, payload string) {
		b.Run(payload+"/"+library, func(b *testing.B) {
			var best Sample
			for b.Loop() {
				out, err := exec.Command(filepath.Join(programs, library), payload).Output()
				if err != nil {
					b.Fatal(err)
				}
				var s Sample
				if err := json.Unmarshal(out, &s); err != nil {
					b.Fatal(err)
				}
				if best.Verdict == 0 || s.Verdict < best.Verdict {
					best = s
				}
			}
			b.ReportMetric(best.Opened.Seconds()*1000, "ms-open")
			b.ReportMetric(best.Verdict.Seconds()*1000, "ms-first")
			b.ReportMetric(float64(best.Heap)/1e6, "MB-heap")
			if best.Refused {
				b.ReportMetric(1, "refused")
			}
		})
	}
	first("opcall", "chat_small")
	first("kin-openapi", "chat_small")
	first("libopenapi-validator", "chat_small")
	first("opcall", "createResponse")
	first("kin-openapi", "createResponse") // the third takes ten seconds to refuse it
	first("opcall", "all components")
}
