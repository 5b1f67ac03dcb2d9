// primitives.go - the operations of bench/primitives.c in Go: `primitives NAME` prints ns per operation (bytes for memory).
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	buffer   = 128
	pairs    = 4
	semTasks = 4
	timers   = 100000
	parked   = 100000
	keys     = 100000
	shards   = 64
)

var n int

func yield() {
	var wg sync.WaitGroup
	for t := 0; t < 2; t++ {
		wg.Add(1)
		go func() {
			for i := 0; i < n/2; i++ {
				runtime.Gosched()
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func pingPong() {
	there, back := make(chan int), make(chan int)
	go func() {
		for v := range there {
			back <- v
		}
		close(back)
	}()
	for i := 0; i < n/2; i++ {
		there <- i
		<-back
	}
	close(there)
	<-back
}

func buffered(pairs int) {
	var wg sync.WaitGroup
	ch := make(chan int, buffer)
	for p := 0; p < pairs; p++ {
		wg.Add(2)
		go func() {
			for i := 0; i < n/pairs; i++ {
				ch <- i
			}
			wg.Done()
		}()
		go func() {
			for i := 0; i < n/pairs; i++ {
				<-ch
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func feed(chans []chan int) {
	for i := 0; i < n; i++ {
		chans[i%len(chans)] <- i
	}
}

func channels(cases, capacity int) []chan int {
	chans := make([]chan int, cases)
	for i := range chans {
		chans[i] = make(chan int, capacity)
	}
	return chans
}

func select2(parking bool) {
	capacity := 1
	if parking {
		capacity = 0
	}
	c := channels(2, capacity)
	if parking {
		go feed(c)
	}
	for i := 0; i < n; i++ {
		if !parking {
			c[1] <- i
		}
		select {
		case <-c[0]:
		case <-c[1]:
		}
	}
}

func select8(parking bool) {
	capacity := 1
	if parking {
		capacity = 0
	}
	c := channels(8, capacity)
	if parking {
		go feed(c)
	}
	for i := 0; i < n; i++ {
		if !parking {
			c[7] <- i
		}
		select {
		case <-c[0]:
		case <-c[1]:
		case <-c[2]:
		case <-c[3]:
		case <-c[4]:
		case <-c[5]:
		case <-c[6]:
		case <-c[7]:
		}
	}
}

func spawnJoin() {
	var wg sync.WaitGroup
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func() { wg.Done() }()
		wg.Wait()
	}
}

func semFree() {
	ctx := context.Background()
	sem := semaphore.NewWeighted(1)
	for i := 0; i < n; i++ {
		sem.Acquire(ctx, 1)
		sem.Release(1)
	}
}

func semContended() {
	var wg sync.WaitGroup
	ctx := context.Background()
	sem := semaphore.NewWeighted(1)
	for t := 0; t < semTasks; t++ {
		wg.Add(1)
		go func() {
			for i := 0; i < n/semTasks; i++ {
				sem.Acquire(ctx, 1)
				runtime.Gosched()
				sem.Release(1)
			}
			wg.Done()
		}()
	}
	wg.Wait()
}

func mutexFree() {
	var mutex sync.Mutex
	for i := 0; i < n; i++ {
		mutex.Lock()
		mutex.Unlock()
	}
}

func timerAmongOthers() {
	others := make([]*time.Timer, timers)
	for i := range others {
		others[i] = time.NewTimer(time.Duration(3600+i*7919%timers) * time.Second)
	}
	timer := time.NewTimer(time.Hour)
	began := time.Now()
	for i := 0; i < n; i++ {
		timer.Reset(time.Duration(3600+i*104729%timers) * time.Second)
		timer.Stop()
	}
	print(float64(time.Since(began).Nanoseconds()) / float64(n))
	runtime.KeepAlive(others)
}

type shard struct {
	sync.Mutex
	values map[uint64]*int
	_      [48]byte
}

func map9010() {
	var table [shards]shard
	var value int
	var wg sync.WaitGroup
	of := func(key uint64) *shard { return &table[key*0x9e3779b97f4a7c15>>58] }
	for i := range table {
		table[i].values = make(map[uint64]*int)
	}
	for key := uint64(0); key < keys; key++ {
		of(key).values[key] = &value
	}
	began := time.Now()
	for t := uint64(0); t < 2; t++ {
		wg.Add(1)
		go func(random uint64) {
			for i := 0; i < n/2; i++ {
				random ^= random << 13
				random ^= random >> 7
				random ^= random << 17
				key := random % keys
				s := of(key)
				if random>>32%10 != 0 {
					s.Lock()
					_ = s.values[key]
					s.Unlock()
				} else {
					s.Lock()
					s.values[key] = &value
					s.Unlock()
				}
			}
			wg.Done()
		}(88172645463325252 + t)
	}
	wg.Wait()
	print(float64(time.Since(began).Nanoseconds()) / float64(n))
}

func residentBytes() int {
	var pages int
	file, _ := os.Open("/proc/self/statm")
	defer file.Close()
	fmt.Fscanf(file, "%d %d", new(int), &pages)
	return pages * 4096
}

func parkedBytes() {
	var wg sync.WaitGroup
	ch := make(chan int)
	before := residentBytes()
	for i := 0; i < parked; i++ {
		wg.Add(1)
		go func() { <-ch; wg.Done() }()
	}
	runtime.Gosched()
	print(float64(residentBytes()-before) / parked)
	close(ch)
	wg.Wait()
}

func print(value float64) { fmt.Printf("%.2f\n", value) }

var benches = map[string]struct {
	processors, n int
	run           func()
	prints        bool
}{
	"yield":            {1, 10000000, yield, false},
	"ping-pong":        {1, 3000000, pingPong, false},
	"ping-pong-2":      {2, 1000000, pingPong, false},
	"ping-pong-2-stay": {2, 1000000, pingPong, false},
	"buffered-1-1":     {1, 10000000, func() { buffered(1) }, false},
	"buffered-4-4":     {1, 10000000, func() { buffered(pairs) }, false},
	"buffered-4-4-2":   {2, 4000000, func() { buffered(pairs) }, false},
	"select-2-parking": {1, 2000000, func() { select2(true) }, false},
	"select-8-parking": {1, 1000000, func() { select8(true) }, false},
	"select-2-ready":   {1, 3000000, func() { select2(false) }, false},
	"select-8-ready":   {1, 2000000, func() { select8(false) }, false},
	"spawn-join":       {1, 1000000, spawnJoin, false},
	"sem-free":         {1, 20000000, semFree, false},
	"sem-contended":    {1, 1000000, semContended, false},
	"mutex-free":       {1, 30000000, mutexFree, false},
	"timer-100k":       {1, 3000000, timerAmongOthers, true},
	"map-90-10":        {2, 6000000, map9010, true},
	"parked-bytes":     {1, parked, parkedBytes, true},
}

func main() {
	bench, known := benches[os.Args[1]]
	if !known {
		os.Exit(2)
	}
	runtime.GOMAXPROCS(bench.processors)
	n = bench.n
	began := time.Now()
	bench.run()
	if !bench.prints {
		print(float64(time.Since(began).Nanoseconds()) / float64(n))
	}
}
