// Runs one command and writes what it used. It is small itself: on Linux a process begins with the peak memory of the one that
// made it, so a large parent would hide what a small command needs.
//
// Usage: measure FILE COMMAND [ARG...]; the JSON goes to FILE, the exit code is that of the command.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(125)
	}
}

func run(file string, words []string) error {
	command := exec.Command(words[0], words[1:]...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	if err := command.Start(); err != nil {
		return err
	}
	waited := command.Wait()
	wall := time.Since(start).Seconds()
	if _, failed := waited.(*exec.ExitError); waited != nil && !failed {
		return waited
	}
	state := command.ProcessState
	// programs that the command waited for count: their time is added, the peak is that of the largest single one
	peak := state.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" {
		peak *= 1024
	}
	cpu := (state.UserTime() + state.SystemTime()).Seconds()
	used, err := json.Marshal(map[string]any{"wall_s": wall, "cpu_s": cpu, "rss_bytes": peak})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, used, 0o644); err != nil {
		return err
	}
	if code := state.ExitCode(); code >= 0 {
		os.Exit(code)
	}
	return fmt.Errorf("%s: %v", words[0], state)
}
