// Package sqlx stands in for the part of sqlx that the examples use.
package sqlx

import (
	"context"
	"database/sql"
)

type (
	// DB is a pool.
	DB struct{ *sql.DB }
	// Tx is a transaction.
	Tx struct{ *sql.Tx }
	// Rows is a result.
	Rows struct{ *sql.Rows }
	// NamedStmt is a prepared statement with named parameters.
	NamedStmt struct{ Stmt *sql.Stmt }
)

// Beginx starts a transaction.
func (db *DB) Beginx() (*Tx, error) { return nil, nil }

// BeginTxx starts a transaction that ends with its context.
func (db *DB) BeginTxx(ctx context.Context, opts *sql.TxOptions) (*Tx, error) { return nil, nil }

// MustBegin starts a transaction or panics.
func (db *DB) MustBegin() *Tx { return nil }

// Queryx runs a query.
func (db *DB) Queryx(query string, args ...interface{}) (*Rows, error) { return nil, nil }

// NamedQuery runs a query with named parameters.
func (db *DB) NamedQuery(query string, arg interface{}) (*Rows, error) { return nil, nil }

// PrepareNamed prepares a statement.
func (db *DB) PrepareNamed(query string) (*NamedStmt, error) { return nil, nil }

// Get reads one row.
func (tx *Tx) Get(dest interface{}, query string, args ...interface{}) error { return nil }

// StructScan reads a row into a struct.
func (r *Rows) StructScan(dest interface{}) error { return nil }

// Close closes the statement.
func (n *NamedStmt) Close() error { return nil }

// Get reads one row.
func (n *NamedStmt) Get(dest, arg interface{}) error { return nil }

// StructScan reads all rows.
func StructScan(rows *sql.Rows, dest interface{}) error { return nil }
