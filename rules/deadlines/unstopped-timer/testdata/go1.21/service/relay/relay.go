package relay

import (
	"context"
	"time"
)

// Serve returns when no message has come for an hour.
func Serve(messages <-chan string, handle func(string)) {
	for {
		select {
		case m := <-messages:
			handle(m)
		case <-time.After(time.Hour): // want warning "such timers pile up"
			return
		}
	}
}

// Watch checks until the context ends.
func Watch(ctx context.Context, d time.Duration, check func()) {
	t := time.NewTicker(d) // want warning "`t` is not stopped"
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			check()
		}
	}
}

// Once takes one tick.
func Once(d time.Duration) {
	<-time.Tick(d) // want warning "`time.Tick`"
}
