//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package client

import (
	"errors"
	"os"
	"syscall"
)

// openLocked opens a file, which it makes where there is none, and locks it until it is
// closed or the process ends. The error is errLocked where somebody has it.
func openLocked(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EINTR {
			break
		}
	}
	if err == nil {
		return file, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errLocked
	}
	return nil, err
}

// closeLocked gives a file up. The lock is given up by itself: a process that was just
// forked has the file, too, until it runs its program.
func closeLocked(file *os.File) error {
	unlocked := syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	return errors.Join(unlocked, file.Close())
}
