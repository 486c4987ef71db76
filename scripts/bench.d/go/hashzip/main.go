// Prints the h1 of module zips as golang.org/x/mod computes it, on so many goroutines: what gosum's hashing is held against.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"sort"
	"sync"

	"golang.org/x/mod/sumdb/dirhash"
)

func main() {
	workers := flag.Int("j", 2, "how many zips are hashed at once")
	flag.Parse()
	names := flag.Args()
	sums, errs := make([]string, len(names)), make([]error, len(names))
	next := make(chan int)
	var done sync.WaitGroup
	for range *workers {
		done.Go(func() {
			for at := range next {
				sums[at], errs[at] = dirhash.HashZip(names[at], dirhash.Hash1)
			}
		})
	}
	for _, at := range bigFirst(names) {
		next <- at
	}
	close(next)
	done.Wait()
	out, code := bufio.NewWriter(os.Stdout), 0
	for at, name := range names {
		if errs[at] != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", name, errs[at])
			code = 1
			continue
		}
		fmt.Fprintf(out, "%s  %s\n", sums[at], name)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 2
	}
	os.Exit(code)
}

// bigFirst orders the work so that no goroutine is left alone with a large zip at the end.
func bigFirst(names []string) []int {
	order, sizes := make([]int, len(names)), make([]int64, len(names))
	for at, name := range names {
		order[at] = at
		if info, err := os.Stat(name); err == nil {
			sizes[at] = info.Size()
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return sizes[order[a]] > sizes[order[b]] })
	return order
}
