// Package openaigo has one file per task, as a program with openai-go is written. The
// program in the folder above counts their lines.
package openaigo
