package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// longestWait is a number of seconds that no run waits.
const longestWait = 24 * 60 * 60

// mostTries is how often a request is sent to a target that is too busy.
const mostTries = 5

// retryAfter returns how long the target wants the client to wait, and whether it does:
// by its status, or by a code of a passing error with a status that goes with it. The
// time is that of Retry-After, otherwise half a second, doubled with every try.
func (a *Answer) retryAfter(e *openapi.Errors, try int) (time.Duration, bool) {
	later := a.Header.Get("Retry-After")
	asks := a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable && later != ""
	if !asks && a.Status >= 400 && e != nil {
		body, _ := match.Decode(a.Body) // a body that is not JSON has no code
		code, _, _ := e.Said(body)
		asks = slices.Contains(e.Busy, code) && slices.Contains(e.StatusOf(code), strconv.Itoa(a.Status))
	}
	if !asks {
		return 0, false
	}
	if seconds, err := strconv.Atoi(later); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, longestWait)) * time.Second, true
	}
	if at, err := http.ParseTime(later); err == nil {
		return max(time.Until(at), 0), true
	}
	return 500 * time.Millisecond << try, true
}

// Budget is how long a run may wait for a busy target in all. Time in which several
// requests wait counts once: a target with a limit of requests a second makes all of
// them wait together.
type Budget struct {
	mu    sync.Mutex
	Left  time.Duration
	until time.Time // when the longest wait so far ends
}

// ErrTooBusy says that the target wants more or longer waits than the run may spend.
// ErrNoTurn says that the run ends before the rate allows another request.
var (
	ErrTooBusy = errors.New("the target is too busy")
	ErrNoTurn  = errors.New("the run ends before its turn")
)

// Wait waits, unless the budget is used up.
func (b *Budget) Wait(ctx context.Context, d time.Duration) error {
	b.mu.Lock()
	until := time.Now().Add(d)
	more := max(min(d, until.Sub(b.until)), 0)
	enough := more <= b.Left
	if enough && more > 0 {
		b.Left -= more
		b.until = until
	}
	b.mu.Unlock()
	if !enough {
		return ErrTooBusy
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// DescribeError returns the code and the sentence of an error answer, in any documented
// form; empty if it has none.
func DescribeError(e *openapi.Errors, body []byte) string {
	value, err := match.Decode(body)
	code, sentence, _ := e.Said(value)
	if err != nil || code+sentence == "" {
		return ""
	}
	return fmt.Sprintf(", %s: %s", code, sentence)
}
