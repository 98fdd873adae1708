// Package pgx stands in for the part of pgx that the examples use.
package pgx

import "context"

type (
	// Tx is a transaction.
	Tx interface {
		Begin(ctx context.Context) (Tx, error)
		Commit(ctx context.Context) error
		Rollback(ctx context.Context) error
		Exec(ctx context.Context, query string, args ...any) (CommandTag, error)
		Query(ctx context.Context, query string, args ...any) (Rows, error)
	}
	// Rows is a result.
	Rows interface {
		Close()
		Err() error
		Next() bool
		Scan(dest ...any) error
	}
	// CommandTag tells what a statement has done.
	CommandTag struct{}
	// CollectableRow is a row that can be collected.
	CollectableRow interface{ Scan(dest ...any) error }
	// RowToFunc makes a value of a row.
	RowToFunc[T any] func(row CollectableRow) (T, error)
)

// CollectRows reads all rows, closes them and returns their error.
func CollectRows[T any](rows Rows, fn RowToFunc[T]) ([]T, error) { return nil, nil }

// RowTo takes the only column.
func RowTo[T any](row CollectableRow) (T, error) {
	var value T
	return value, nil
}
