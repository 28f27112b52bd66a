// Bare is a program of net/http alone: what the others are measured over.
package main

import (
	"fmt"
	"net/http"
)

func main() {
	response, err := http.Get("http://127.0.0.1:1")
	fmt.Println(response, err)
}
