package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// tests names the variable with the address at which the tests hold a connection
// of every program that they start.
const tests = "VPNCONFORM_TESTS"

// endTogether lets nothing outlive the tests, however they end: a time limit or
// a signal that cannot be caught runs no clean-up. A program ends when its
// connection to the tests breaks, which the system sees to, and the tests end
// when go test, their parent, has gone.
func endTogether() error {
	if address := os.Getenv(tests); address != "" {
		held, err := net.Dial("tcp", address)
		if err != nil {
			return err // they have ended already
		}
		go func() {
			_, _ = io.Copy(io.Discard, held)
			if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(syscall.SIGTERM) == nil {
				time.Sleep(10 * time.Second) // to end what it started
			}
			os.Exit(1)
		}()
		return nil
	}
	address, err := holdConnections()
	if err != nil {
		return err
	}
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(200 * time.Millisecond)
		}
		os.Exit(1)
	}()
	return os.Setenv(tests, address)
}

// held is the number of connections that [holdConnections] holds, each by a goroutine.
var held atomic.Int64

// goroutines is the number of goroutines, those apart that hold the connections of
// programs that the tests started.
func goroutines() int { return runtime.NumGoroutine() - int(held.Load()) }

// holdConnections accepts connections, and never closes one by itself.
func holdConnections() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			held.Add(1)
			go func() { // which keeps it from the garbage collector
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
				held.Add(-1)
			}()
		}
	}()
	return listener.Addr().String(), nil
}

// TestEndTogether starts a server from a shell, as scripts do, and breaks its
// connection to the tests: it ends, though the shell waits for it.
func TestEndTogether(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "vpnconform serve --listen 127.0.0.1:0 & wait")
	cmd.Env = append(os.Environ(), tests+"="+listener.Addr().String())
	asGroup(cmd)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	held, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.TrimSpace(strings.TrimPrefix(url, "http://"))
	served, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatalf("it does not serve: %v", err)
	}
	_ = served.Close()
	_, _ = held.Close(), listener.Close()
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if served, err := net.Dial("tcp", address); err == nil {
		_ = served.Close()
		t.Errorf("%s serves still", address)
	}
}
