package client

import (
	"context"
	"io"
	"sync/atomic"
	"time"
)

// Meeting lets requests be at a target at the same time: each holds back the end of its
// body until the others have come so far, but not for long.
type Meeting struct {
	absent   atomic.Int64
	complete chan struct{}
}

// longestMeeting bounds that wait: a target may take one request after another.
const longestMeeting = 500 * time.Millisecond

// NewMeeting returns a meeting of a number of requests.
func NewMeeting(requests int) *Meeting {
	m := &Meeting{complete: make(chan struct{})}
	m.absent.Store(int64(requests))
	return m
}

// lateEnd is the end of a body, which is read when all requests of a meeting are there.
type lateEnd struct {
	ctx     context.Context
	meeting *Meeting
	end     []byte
}

// Read waits for the other requests of the meeting, then returns the end of the body.
func (l *lateEnd) Read(p []byte) (int, error) {
	if len(l.end) == 0 {
		return 0, io.EOF
	}
	if l.meeting.absent.Add(-1) == 0 {
		close(l.meeting.complete)
	}
	timer := time.NewTimer(longestMeeting)
	defer timer.Stop()
	select {
	case <-l.meeting.complete:
	case <-timer.C:
	case <-l.ctx.Done():
	}
	n := copy(p, l.end)
	l.end = l.end[n:]
	return n, nil
}
