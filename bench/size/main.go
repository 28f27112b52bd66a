// Size builds a chat program with opcall, with openai-go, with go-openai, and a
// program of net/http alone, each with an empty build cache and one after the
// other, and prints what each takes: CPU seconds of the build (user and system),
// size of the stripped binary, and modules linked into it. Of a machine with
// other work, CPU seconds say more than a clock.
//
//	go -C bench run ./size            # all four, several minutes
//	go -C bench run ./size opcall     # one of them
package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

var programs = []string{"bare", "go-openai", "openai-go", "opcall"}

func main() {
	if len(os.Args) > 1 {
		programs = os.Args[1:]
	}
	fmt.Printf("%-10s %10s %10s %8s\n", "program", "CPU s", "binary MB", "modules")
	for _, name := range programs {
		if err := measure(name); err != nil {
			fmt.Fprintln(os.Stderr, name+":", err)
			os.Exit(1)
		}
	}
}

func measure(name string) error {
	dir, err := os.MkdirTemp("", "size")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", binary, "./size/"+name)
	build.Env = append(os.Environ(), "GOCACHE="+filepath.Join(dir, "cache"))
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return err
	}
	cpu := build.ProcessState.UserTime() + build.ProcessState.SystemTime() // of its children, too
	info, err := os.Stat(binary)
	if err != nil {
		return err
	}
	linked, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	fmt.Printf("%-10s %10.1f %10.1f %8d\n", name, cpu.Round(100*time.Millisecond).Seconds(), float64(info.Size())/1e6, len(linked.Deps))
	return nil
}
