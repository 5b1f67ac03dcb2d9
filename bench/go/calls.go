// calls.go - what bench/calls_client.c does, with Go's net/http: `calls URL WIDTH ROUNDS RATE` prints the same numbers.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func usage() syscall.Rusage {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage
}

func call(client *http.Client, url string) {
	response, err := client.Get(url)
	if err != nil {
		panic(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || response.StatusCode != 200 || len(body) != 5 {
		panic("another answer came")
	}
}

func main() {
	runtime.GOMAXPROCS(2)
	url := os.Args[1]
	width, _ := strconv.Atoi(os.Args[2])
	rounds, _ := strconv.Atoi(os.Args[3])
	rate, _ := strconv.Atoi(os.Args[4])
	transport := &http.Transport{MaxIdleConns: width, MaxIdleConnsPerHost: width}
	client := &http.Client{Transport: transport, Timeout: time.Minute}
	var group sync.WaitGroup
	began := time.Now()
	for number := 0; number < width; number++ {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			for round := 0; round < rounds; round++ {
				if rate > 0 {
					turn := time.Duration(round*width+number) * time.Second / time.Duration(rate)
					time.Sleep(time.Until(began.Add(turn)))
				}
				call(client, url)
			}
		}(number)
	}
	group.Wait()
	calls, used := float64(width*rounds), usage()
	fmt.Printf("%.1f %.2f %.2f\n", calls/time.Since(began).Seconds(),
		float64(used.Utime.Nano()+used.Stime.Nano())/1000/calls, float64(used.Maxrss)/1024)
}
