package jsonscan

import "unsafe"

// Alias returns bytes as a string that shares their memory. The bytes must not
// change as long as the string, or any part cut from it, is in use. It is for bytes that were
// made here and are not used again, such as a buffer that was just filled: a copy of a large
// text would double its memory.
func Alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
