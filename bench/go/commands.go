// commands.go - what bench/commands measures, with Go's os/exec: `commands PROGRAM N CONCURRENCY` prints commands a second and CPU ms of each.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func cpu() time.Duration {
	var total int64
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		syscall.Getrusage(who, &usage)
		total += usage.Utime.Nano() + usage.Stime.Nano()
	}
	return time.Duration(total)
}

func run() {
	var out, err bytes.Buffer
	command := exec.Command(os.Args[1])
	command.Stdout, command.Stderr = &out, &err
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Run(); err != nil {
		panic(err)
	}
}

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	concurrency, _ := strconv.Atoi(os.Args[3])
	var group sync.WaitGroup
	todo := make(chan bool, n)
	for i := 0; i < n; i++ {
		todo <- true
	}
	close(todo)
	began, used := time.Now(), cpu()
	for i := 0; i < concurrency; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for range todo {
				run()
			}
		}()
	}
	group.Wait()
	fmt.Printf("%.1f %.4f\n", float64(n)/time.Since(began).Seconds(), (cpu()-used).Seconds()*1000/float64(n))
}
