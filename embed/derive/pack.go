package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
)

// pack writes data to path, compressed. A file that has the same data stays as it is:
// releases of Go differ in how they compress.
func pack(path string, data []byte) error {
	if before, err := unpack(path); err == nil && bytes.Equal(before, data) {
		return nil
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(data); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return replaceFile(path, packed.Bytes())
}

func unpack(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
