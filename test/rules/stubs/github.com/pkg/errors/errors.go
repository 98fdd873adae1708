// Package errors has the names of github.com/pkg/errors that the Go examples of the rules use, and does nothing.
package errors

import std "errors"

// New makes an error.
func New(message string) error { return std.New(message) }

// Is looks for target in what err wraps.
func Is(err, target error) bool { return std.Is(err, target) }

// Wrap gives nil for nil.
func Wrap(err error, message string) error { return err }

// Wrapf gives nil for nil.
func Wrapf(err error, format string, args ...interface{}) error { return err }

// WithMessage gives nil for nil.
func WithMessage(err error, message string) error { return err }

// WithStack gives nil for nil.
func WithStack(err error) error { return err }
