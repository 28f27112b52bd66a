package openai

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/opcall/opcall/client/internal/extension"
)

// batchFile is the calls of one batch, on the disk.
type batchFile struct {
	path      string
	operation string // its ID
	endpoint  string
	file      *os.File
	out       *bufio.Writer // nil when the file is finished
	sum       hash.Hash
	size      int64
	inputs    int
	places    []uint32 // of the calls in the Batch
	failed    error    // what was written may be cut: the file cannot be used
}

// batchBuffer is how much of a file is in memory while it is written, in bytes.
const batchBuffer = 32 << 10

func newBatchFile(dir string, number int, call *batchCall) (*batchFile, error) {
	path := filepath.Join(dir, fmt.Sprintf("%06d.jsonl", number))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	f := &batchFile{path: path, operation: call.operation.ID, endpoint: call.path, file: file, sum: sha256.New()}
	f.out = bufio.NewWriterSize(file, batchBuffer)
	return f, nil
}

// full reports whether another line would be more than a batch takes.
func (f *batchFile) full(limits extension.BatchLimits, mostInputs, line, inputs int) bool {
	return limits.Requests > 0 && len(f.places) >= limits.Requests ||
		limits.Bytes > 0 && f.size+int64(line) > limits.Bytes ||
		mostInputs > 0 && f.inputs+inputs > mostInputs
}

// write adds a line, of the call at a place of the Batch.
func (f *batchFile) write(line []byte, inputs, place int) error {
	if f.failed != nil {
		return f.failed
	}
	if _, err := f.out.Write(line); err != nil {
		f.failed = err
		return err
	}
	f.sum.Write(line)
	f.size += int64(len(line))
	f.inputs += inputs
	f.places = append(f.places, uint32(place))
	return nil
}

// finish writes what is still in memory and closes the file. It may be called again.
func (f *batchFile) finish() error {
	if f.out != nil {
		f.failed = errors.Join(f.failed, f.out.Flush(), f.file.Close())
		f.out = nil
	}
	return f.failed
}

// hash tells the content of a finished file from others.
func (f *batchFile) hash() string { return hex.EncodeToString(f.sum.Sum(nil)) }

// abandon closes the file, whose content nobody needs any more.
func (f *batchFile) abandon() error {
	if f.out == nil {
		return nil
	}
	f.out, f.failed = nil, fs.ErrClosed
	return f.file.Close()
}
