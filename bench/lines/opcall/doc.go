// Package opcall has one file per task. The program in the folder above counts their
// lines.
package opcall
