//go:build unix

package openai_test

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/opcall/opcall/client/openai"
)

// TestDownloadWithoutRoomKeepsTheOldFile: neither a disk that is full nor a server that
// breaks off costs the file that was there before, or leaves another behind.
func TestDownloadWithoutRoomKeepsTheOldFile(t *testing.T) {
	if path := os.Getenv("OPCALL_TEST_FULL"); path != "" {
		limitFileSize(t, 50_000)
		_, err := openaiClient(t, os.Getenv("OPCALL_TEST_URL")).DownloadFile(t.Context(), path, openai.DownloadRequest{File: "file-1"})
		var stopped *openai.DownloadError
		if !errors.As(err, &stopped) || stopped.Path != path || stopped.Done != 50_000 {
			t.Fatalf("got %v, want a *DownloadError after 50000 bytes", err)
		}
		return
	}
	h := newFileHost(t)
	h.keep("a", "user_data", lettersOf(100_000))
	path := writeFile(t, "a.bin", []byte("old"))
	runAgain(t, "OPCALL_TEST_FULL="+path, "OPCALL_TEST_URL="+h.URL)
	left, err := os.ReadDir(filepath.Dir(path))
	got, readErr := os.ReadFile(path)
	if err := errors.Join(err, readErr); err != nil || string(got) != "old" || len(left) != 1 {
		t.Errorf("got %q, %d files, error %v", got, len(left), err)
	}
}

// limitFileSize makes the files that this process writes end after some bytes, as those
// on a full disk do.
func limitFileSize(tb testing.TB, size uint64) {
	tb.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: size}); err != nil {
		tb.Fatal(err)
	}
}
