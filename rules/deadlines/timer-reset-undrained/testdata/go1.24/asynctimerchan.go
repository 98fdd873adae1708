//go:debug asynctimerchan=1

// The program asks for the timers of before 1.23.
package main

import "time"

func serve(messages <-chan string, idle time.Duration) {
	t := time.NewTimer(idle)
	for {
		select {
		case <-messages:
			t.Reset(idle) // want warning "`t` may have fired before this `Reset`"
		case <-t.C:
			return
		}
	}
}

func main() { serve(make(chan string), time.Second) }
