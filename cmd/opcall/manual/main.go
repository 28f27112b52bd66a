// Manual writes the man pages of the command and its completion scripts:
//
//	go run ./cmd/opcall/manual DIR
//
// It is a program of its own so that the command does not carry what makes them. The date
// in the pages is that of SOURCE_DATE_EPOCH, in seconds since 1970, or today.
package main

import (
	"fmt"
	"os"

	"github.com/opcall/opcall/cmd/opcall/internal/manual"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: manual DIR")
		os.Exit(2)
	}
	if err := manual.Write(os.Args[1], os.Getenv("SOURCE_DATE_EPOCH")); err != nil {
		fmt.Fprintln(os.Stderr, "manual:", err)
		os.Exit(1)
	}
}
