import { describe, expect, it } from 'vitest';
import { DATABASE_CALLS, databaseCall } from '../../src/go/sqlforms.ts';

const X = 'github.com/jmoiron/sqlx';

describe('the form of a database call that takes a context', () => {
  it.each([
    ['(*database/sql.DB).Query', 'QueryContext', 0],
    ['(*database/sql.DB).Begin', 'BeginTx', 1],
    ['(*database/sql.Tx).Exec', 'ExecContext', 0],
    ['(*database/sql.Stmt).QueryRow', 'QueryRowContext', 0],
    [`(*${X}.DB).Get`, 'GetContext', 0],
    [`(*${X}.DB).NamedQuery`, 'NamedQueryContext', 0],
    [`(*${X}.DB).Beginx`, 'BeginTxx', 1],
    [`(*${X}.DB).MustBegin`, 'MustBeginTx', 1],
    [`(*${X}.Tx).Select`, 'SelectContext', 0],
    [`(*${X}.NamedStmt).Exec`, 'ExecContext', 0],
    // What sqlx's types embed.
    [`(*${X}.DB).Ping`, 'PingContext', 0],
    [`(*${X}.Tx).QueryRow`, 'QueryRowContext', 0],
  ])('%s → %s', (callee, name, nilArguments) => {
    expect(databaseCall(callee)).toMatchObject({ name, nilArguments });
  });

  it.each([
    '(*database/sql.Conn).QueryContext',
    '(*database/sql.DB).BeginTx',
    `(*${X}.DB).BeginTxx`,
    `(*${X}.Stmt).GetContext`,
  ])('%s takes one', (callee) => expect(databaseCall(callee)).toBe('takesContext'));

  it.each([
    '(*database/sql.Tx).Commit',
    '(*database/sql.DB).Close',
    '(*database/sql.Rows).NextResultSet',
    `(*${X}.Tx).NamedQuery`,
    `(*${X}.DB).Rebind`,
    '(*net/url.URL).Query',
    '',
  ])('%s has none', (callee) => expect(databaseCall(callee)).toBeNull());

  it('knows the names from afar', () => {
    for (const name of ['Query', 'QueryRowxContext', 'MustExec', 'PrepareNamed', 'BeginTxx', 'MustBegin'])
      expect(DATABASE_CALLS.test(name), name).toBe(true);
    for (const name of ['Commit', 'Context', 'Stats', 'QueryAll', 'Beginning'])
      expect(DATABASE_CALLS.test(name), name).toBe(false);
  });
});
