// Package errgroup has the names of golang.org/x/sync/errgroup, and does nothing.
package errgroup

import "context"

// Group is a group of goroutines.
type Group struct{}

// WithContext makes a group and its context.
func WithContext(ctx context.Context) (*Group, context.Context) { return &Group{}, ctx }

// Go starts nothing.
func (*Group) Go(f func() error) {}

// TryGo starts nothing.
func (*Group) TryGo(f func() error) bool { return false }

// SetLimit limits nothing.
func (*Group) SetLimit(n int) {}

// Wait waits for nothing.
func (*Group) Wait() error { return nil }
