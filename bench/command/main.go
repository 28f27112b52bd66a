// Command measures what one process of the command line costs: processor time, user and
// system, of whole processes, beside "go version" as the floor of a Go program on the same
// machine in the same minutes, and beside restish where it is found: at -restish, or else in
// PATH. It prints the smallest and the median, the wall clock of the fastest, and the size of
// the binary as it is released:
//
//	go -C bench run ./command [-n 30] [-restish FILE]
//
// Runs of the rows alternate, so that a busy machine is busy for all of them.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	n := flag.Int("n", 30, "processes of each kind")
	restish := flag.String("restish", "", "the restish to measure beside it; without it the one in PATH, if any")
	flag.Parse()
	if *restish == "" {
		*restish, _ = exec.LookPath("restish")
	}
	if err := run(*n, *restish); err != nil {
		fmt.Fprintln(os.Stderr, "command:", err)
		os.Exit(1)
	}
}

// sample is one process.
type sample struct{ cpu, wall time.Duration }

func run(n int, restish string) error {
	dir, err := os.MkdirTemp("", "opcall")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	opcall := filepath.Join(dir, "opcall")
	build := exec.Command("../cmd/opcall/build", opcall)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("cmd/opcall/build: %w", err)
	}
	info, err := os.Stat(opcall)
	if err != nil {
		return err
	}
	rows := [][]string{
		{"go", "version"},
		{opcall, "--version"},
		{opcall, "ops"},
		{opcall, "ops", "vector", "store"},
		{opcall, "describe", "createResponse"},
		{opcall, "describe", "createResponse.tools"},
		{opcall, "__complete", "call", "createChat"},
		{opcall, "__complete", "call", "createChatCompletion", "messages[]."},
		{opcall, "__complete", "call", "createResponse", "service_tier="},
	}
	if restish != "" {
		rows = append(rows, []string{restish, "--version"}, []string{restish, "--help"}, []string{restish, "__complete", "get", "--rsh"})
	}
	samples := make([][]sample, len(rows))
	for range n {
		for i, row := range rows {
			s, err := measure(row)
			if err != nil {
				return err
			}
			samples[i] = append(samples[i], s)
		}
	}
	fmt.Printf("%-62s %9s %9s %9s\n", "", "min cpu", "median", "min wall")
	for i, row := range rows {
		cpu := make([]time.Duration, n)
		wall := make([]time.Duration, n)
		for j, s := range samples[i] {
			cpu[j], wall[j] = s.cpu, s.wall
		}
		name := filepath.Base(row[0]) + " " + strings.Join(row[1:], " ")
		fmt.Printf("%-62s %9s %9s %9s\n", name, ms(slices.Min(cpu)), ms(median(cpu)), ms(slices.Min(wall)))
	}
	fmt.Printf("the binary as it is released: %.2f MB\n", float64(info.Size())/1e6)
	return nil
}

// measure runs a process without what the environment of the caller would change.
func measure(row []string) (sample, error) {
	cmd := exec.Command(row[0], row[1:]...)
	cmd.Env = append(os.Environ(), "OPCALL_SPEC=", "OPCALL_PROFILE=", "OPCALL_CONFIG=")
	begun := time.Now()
	if err := cmd.Run(); err != nil {
		return sample{}, fmt.Errorf("%s: %w", strings.Join(row, " "), err)
	}
	wall := time.Since(begun)
	return sample{cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), wall}, nil
}

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
