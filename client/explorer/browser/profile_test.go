package browser_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browserProfile returns a folder for what a browser keeps, and the option by which it runs in
// a group of processes of its own. When the test ends the folder is removed: not before
// the last of these processes is gone, as they write into it, and make it anew, until then.
func browserProfile(t *testing.T) (string, chromedp.ExecAllocatorOption) {
	profile, err := os.MkdirTemp("", "opcall-browser-")
	if err != nil {
		t.Fatal(err)
	}
	var browser *exec.Cmd
	t.Cleanup(func() {
		if browser != nil && browser.Process != nil {
			endGroup(t, browser.Process.Pid)
		}
		if err := os.RemoveAll(profile); err != nil {
			t.Error(err)
		}
	})
	return profile, chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		browser = cmd
	})
}

// endGroup kills a group of processes and waits until none is left. The group of a browser
// that has ended is that of its helpers, which the test did not start and cannot wait for.
func endGroup(t *testing.T, group int) {
	for range 1000 {
		if syscall.Kill(-group, syscall.SIGKILL) == syscall.ESRCH {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("the processes of browser %d do not end", group)
}
