// Package semaphore has the names of golang.org/x/sync/semaphore, and does nothing.
package semaphore

import "context"

// Weighted is a semaphore.
type Weighted struct{}

// NewWeighted makes a semaphore.
func NewWeighted(n int64) *Weighted { return &Weighted{} }

// Acquire acquires nothing.
func (*Weighted) Acquire(ctx context.Context, n int64) error { return nil }

// TryAcquire acquires nothing.
func (*Weighted) TryAcquire(n int64) bool { return false }

// Release releases nothing.
func (*Weighted) Release(n int64) {}
