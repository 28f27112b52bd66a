// Package goopenai has one file per task, as a program with go-openai is written. The
// program in the folder above counts their lines.
package goopenai
