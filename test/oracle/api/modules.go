//go:build tools

// Keeps the modules that the table is made from in go.mod; never compiled.
package main

import (
	_ "github.com/go-redis/redis/v8"
	_ "github.com/gorilla/websocket"
	_ "github.com/jackc/pgconn"
	_ "github.com/jackc/pgx/v4/pgxpool"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jmoiron/sqlx"
	_ "github.com/pkg/errors"
	_ "github.com/redis/go-redis/v9"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/sync/semaphore"
	_ "golang.org/x/sys/unix"
	_ "golang.org/x/time/rate"
	_ "golang.org/x/tools/go/packages"
	_ "google.golang.org/grpc"
)
