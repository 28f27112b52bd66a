package main

import (
	"os"

	"github.com/opcall/opcall/cmd/opcall/internal/root"
)

func main() { os.Exit(root.Main()) }
