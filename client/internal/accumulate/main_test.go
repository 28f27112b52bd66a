package accumulate_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sharedFile returns the path of a file of test data that is not part of the
// repository. OPCALL_SHARED says where it is, absolutely or from the root of the
// repository: unset skips the test, data missing there fails it.
func sharedFile(tb testing.TB, elem ...string) string {
	tb.Helper()
	root := os.Getenv("OPCALL_SHARED")
	if root == "" {
		tb.Skip("OPCALL_SHARED is not set: test data outside the repository is not read")
	}
	if !filepath.IsAbs(root) {
		root = filepath.Join("..", "..", "..", root)
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		tb.Fatalf("OPCALL_SHARED is set, but its data is not there: %v", err)
	}
	return path
}
