package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// heed returns a context that the first signal ends. The second one ends the
// process, whatever it is doing: a command that does not look at its context, or
// waits for a file, must not keep its user. abandon removes what would stay
// behind, if it can be done in time.
func heed(ctx context.Context, abandon func()) context.Context {
	heard := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup asks for that
		heard = append(heard, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, heard...)

	// A pipe that nobody reads any more gives an error to who writes, and does not
	// end the process. To ignore the signal would do the same to every program
	// that is started, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	ctx, cancel := context.WithCancel(ctx)
	go func() {
		<-signals
		cancel()
		last := <-signals
		done := make(chan struct{})
		go func() {
			defer close(done)
			abandon()
		}()
		select {
		case <-done:
		case <-time.After(500 * time.Millisecond): // a disk may hang
		}
		os.Exit(forced(last))
	}()
	return ctx
}

// forced is the exit status of a process that a signal ends, as a shell says it.
func forced(s os.Signal) int {
	const base = 128
	if number, ok := s.(syscall.Signal); ok {
		return base + int(number)
	}
	return base
}

// stream is stdout or stderr. When nobody reads it any more, what is written is
// dropped: that costs the text alone, and not the verdict.
type stream struct {
	file *os.File
	mu   sync.Mutex
	gone bool
}

// Fd is the number of the file, which says whether it is a terminal.
func (s *stream) Fd() uintptr { return s.file.Fd() }

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return len(p), nil
	}
	n, err := s.file.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		s.gone = true
		return len(p), nil
	}
	return n, err
}
