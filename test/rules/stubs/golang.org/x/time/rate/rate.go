// Package rate has the names of golang.org/x/time/rate that the Go examples of the rules use, and does nothing.
package rate

import "context"

// Limit is a rate.
type Limit float64

// Limiter is a limiter.
type Limiter struct{}

// NewLimiter makes a limiter.
func NewLimiter(r Limit, b int) *Limiter { return &Limiter{} }

// Wait waits for nothing.
func (*Limiter) Wait(ctx context.Context) error { return nil }
