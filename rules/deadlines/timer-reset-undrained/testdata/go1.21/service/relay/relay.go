package relay

import "time"

// Serve returns when no message has come for a while.
func Serve(messages <-chan string, idle time.Duration) {
	t := time.NewTimer(idle)
	defer t.Stop()
	for {
		select {
		case <-messages:
			t.Reset(idle) // want warning "`t` may have fired before this `Reset`"
		case <-t.C:
			return
		}
	}
}
