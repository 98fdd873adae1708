import { describe, expect, it } from 'vitest';
import type { SourceFile } from '../../src/engine/source.ts';
import { calleeName } from '../../src/go/calls.ts';
import { constantInt } from '../../src/go/constants.ts';
import { THIRD_PARTY } from '../../src/go/knowledge/thirdparty.gen.ts';
import { std } from '../../src/go/std.ts';
import { twin } from '../../src/go/twins.ts';
import { typeString } from '../../src/go/type.ts';
import { types } from '../../src/go/types.ts';
import { fileFrom } from './source.ts';

const IMPORTS = `package example

import (
	"context"

	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	pgx4 "github.com/jackc/pgx/v4"
	pool4 "github.com/jackc/pgx/v4/pgxpool"
	"github.com/jmoiron/sqlx"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"example.com/other/client"
)
`;

const fileOf = (code: string): SourceFile => fileFrom(IMPORTS + code);

/** Each `_ = expression // type` line, and each call whose line ends with `// = callee`. */
function check(code: string): void {
  const file = fileOf(code);
  let checked = 0;
  for (const statement of file.tree.root.descendants('assignment_statement')) {
    const wanted = /\/\/ ([^=].*)$/.exec(file.tree.lineText(statement.line))?.[1];
    const value = statement.field('right').children[0];
    if (wanted === undefined || value === undefined) continue;
    expect(typeString(file.get(types).of(value)), statement.text).toBe(wanted);
    checked++;
  }
  for (const call of file.tree.root.descendants('call_expression')) {
    const wanted = /\/\/ = (.*)$/.exec(file.tree.lineText(call.line))?.[1];
    if (wanted === undefined) continue;
    expect(calleeName(file, call), call.text).toBe(wanted);
    checked++;
  }
  expect(checked).toBeGreaterThan(0);
}

describe('packages of other modules', () => {
  it('lends the methods of an embedded type, under the name of the package that declares them', () => {
    check(`
type store struct{ *sqlx.DB }
func f(ctx context.Context, db *sqlx.DB, tx *sqlx.Tx, s *store, conn *sqlx.Conn, stmt *sqlx.Stmt, named *sqlx.NamedStmt) {
	db.Query("q") // = (*database/sql.DB).Query
	s.QueryContext(ctx, "q") // = (*database/sql.DB).QueryContext
	s.Queryx("q") // = (*github.com/jmoiron/sqlx.DB).Queryx
	db.Queryx("q") // = (*github.com/jmoiron/sqlx.DB).Queryx
	tx.Commit() // = (*database/sql.Tx).Commit
	tx.Rollback() // = (*database/sql.Tx).Rollback
	conn.Close() // = (*database/sql.Conn).Close
	stmt.Close() // = (*database/sql.Stmt).Close
	named.Close() // = (*github.com/jmoiron/sqlx.NamedStmt).Close
	rows, err := db.Query("q")
	rowsx, _ := tx.NamedQuery("q", 1)
	plain, _ := db.Begin()
	begun := db.MustBegin()
	rowsx.Next() // = (*database/sql.Rows).Next
	_ = rows // *database/sql.Rows
	_ = err // error
	_ = rowsx // *github.com/jmoiron/sqlx.Rows
	_ = rowsx.Rows // *database/sql.Rows
	_ = plain // *database/sql.Tx
	_ = begun // *github.com/jmoiron/sqlx.Tx
	_ = db.DB // *database/sql.DB
	_ = s.DB // *github.com/jmoiron/sqlx.DB
	_ = s.DB.DB // *database/sql.DB
	_ = named.Stmt // *github.com/jmoiron/sqlx.Stmt
	_ = (*sqlx.DB)(nil) // *github.com/jmoiron/sqlx.DB
	_ = db.Query // func(string, interface) (*database/sql.Rows, error)
}
func open() {
	db, err := sqlx.Connect("postgres", "dsn")
	_ = db // *github.com/jmoiron/sqlx.DB
	_ = err // error
}`);
  });

  it('knows the interfaces of pgx, old and new, and its generic helpers', () => {
    check(`
type user struct{ Name string }
func f(ctx context.Context, pool *pgxpool.Pool, old *pool4.Pool, conn *pgx.Conn) error {
	tx, err := pool.Begin(ctx)
	oldTx, _ := old.Begin(ctx)
	rows, _ := tx.Query(ctx, "q")
	held, _ := pool.Acquire(ctx)
	users, _ := pgx.CollectRows(rows, pgx.RowToStructByName[user])
	names, _ := pgx.CollectRows[string](rows, pgx.RowTo[string])
	_ = tx // github.com/jackc/pgx/v5.Tx
	_ = oldTx // github.com/jackc/pgx/v4.Tx
	_ = rows // github.com/jackc/pgx/v5.Rows
	_ = rows.Next() // bool
	_ = held // *github.com/jackc/pgx/v5/pgxpool.Conn
	_ = held.Conn() // *github.com/jackc/pgx/v5.Conn
	_ = users // []user
	_ = names // []string
	_ = err // error
	var iso pgx4.TxOptions
	_ = iso // github.com/jackc/pgx/v4.TxOptions
	tx.Commit(ctx) // = (github.com/jackc/pgx/v5.Tx).Commit
	oldTx.Rollback(ctx) // = (github.com/jackc/pgx/v4.Tx).Rollback
	held.Release() // = (*github.com/jackc/pgx/v5/pgxpool.Conn).Release
	return nil
}`);
  });

  it('knows groups, clients and connections', () => {
    check(`
func f(ctx context.Context, rdb *redis.Client, any redis.UniversalClient) {
	group, inner := errgroup.WithContext(ctx)
	ws, resp, err := websocket.DefaultDialer.Dial("u", nil)
	cc, _ := grpc.NewClient("target")
	data, _ := unix.Mmap(1, 0, 1, unix.PROT_READ, unix.MAP_SHARED)
	sub := rdb.Subscribe(ctx, "c")
	_ = group // *golang.org/x/sync/errgroup.Group
	_ = inner // context.Context
	_ = ws // *github.com/gorilla/websocket.Conn
	_ = resp // *net/http.Response
	_ = err // error
	_ = cc // *google.golang.org/grpc.ClientConn
	_ = data // []uint8
	_ = sub // *github.com/redis/go-redis/v9.PubSub
	_ = sub.Channel() // <-chan *github.com/redis/go-redis/v9.Message
	_ = any.Subscribe(ctx) // *github.com/redis/go-redis/v9.PubSub
	group.Wait() // = (*golang.org/x/sync/errgroup.Group).Wait
	any.Subscribe(ctx) // = (github.com/redis/go-redis/v9.UniversalClient).Subscribe
	unix.Munmap(data) // = golang.org/x/sys/unix.Munmap
	grpc.WithInsecure() // = google.golang.org/grpc.WithInsecure
}`);
  });

  it('does not know what is not listed', () => {
    check(`
type both interface { redis.UniversalClient }
type mine struct { redis.UniversalClient; other }
type other struct{}
func (other) Get(int) int { return 0 }
func f(ctx context.Context, rdb *redis.Client, b both, m mine, c client.Client) {
	_ = rdb.Get(ctx, "k") // ?
	_ = rdb.NoSuchMethod() // ?
	_ = b.Get(ctx, "k") // ?
	_ = redis.NewRing(nil) // ?
	_ = c.Subscribe() // ?
	_ = client.New() // ?
	_ = unix.ForkLock // ?
	_ = m.Subscribe(ctx) // *github.com/redis/go-redis/v9.PubSub
	rdb.Get(ctx, "k") // = (*github.com/redis/go-redis/v9.Client).Get
	redis.Nil() // =${' '}
}`);
  });

  it('is no part of the standard library', () => {
    for (const path of Object.keys(THIRD_PARTY)) {
      expect(std.has(path), path).toBe(false);
    }
    expect(std.since('github.com/jmoiron/sqlx', 'DB.Get')).toBeNull();
    expect(std.func('constructor', 'toString')).toBeNull();
  });

  it('derives what takes a context, and folds constants', () => {
    expect(twin('github.com/jmoiron/sqlx', 'DB.Select')?.name).toBe('SelectContext');
    expect(twin('github.com/jackc/pgx/v5', 'Conn.Query')).toBeNull();
    const file = fileOf('const prot = unix.PROT_READ\n');
    const [spec] = [...file.tree.root.descendants('const_spec')];
    const value = spec?.field('value')?.children[0];
    expect(value && constantInt(file, value)).toBe(1);
  });

  it('is small', () => {
    expect(Object.values(THIRD_PARTY).join('').length).toBeLessThan(60_000);
  });
});
