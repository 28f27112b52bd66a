package jsonscan

import "unsafe"

// Alias returns bytes as a string that shares their memory. The bytes must not
// change as long as the string, or any part cut from it, is in use.
func Alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
