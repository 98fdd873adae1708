/** Go in which a return loses a cancel function, and the same in order. */
export const LEAKS = goFile(`	ctx, cancel := context.WithTimeout(ctx, time.Second)
	if err := call(ctx); err != nil {
		return err
	}
	cancel()
	return nil`);

export const SOUND = goFile(`	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return call(ctx)`);

function goFile(body: string): string {
  return `package pay

import (
	"context"
	"time"
)

func call(ctx context.Context) error { return ctx.Err() }

func Charge(ctx context.Context) error {
${body}
}
`;
}
