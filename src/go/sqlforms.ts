import { twin } from './twins.ts';

/** How a call to a database is written when it takes a context. */
export interface ContextForm {
  readonly name: string;
  /** Arguments behind those of the original, all options that may be nil: `BeginTx(ctx, nil)`. */
  readonly nilArguments: number;
  /** The member of database/sql whose version tells whether it exists; null for one that another library brings. */
  readonly since: string | null;
}

const STANDARD = /^(?:Query|QueryRow|Exec|Prepare|Ping|Begin)$/;

/** Methods of sqlx with a `…Context` beside them; what its types embed comes on top. `Tx.NamedQuery` has none. */
const SQLX: Readonly<Record<string, string>> = {
  DB: 'Get Select Queryx QueryRowx NamedExec NamedQuery MustExec Preparex PrepareNamed',
  Tx: 'Get Select Queryx QueryRowx NamedExec MustExec Preparex PrepareNamed',
  Stmt: 'Get Select Queryx QueryRowx MustExec',
  NamedStmt: 'Get Select Query QueryRow Queryx QueryRowx Exec MustExec',
};
const SQLX_BEGINS: Readonly<Record<string, string>> = { Beginx: 'BeginTxx', MustBegin: 'MustBeginTx' };

/** What those methods are named, with or without a context. */
export const DATABASE_CALLS =
  /^(?:(?:Query(?:Row)?x?|(?:Must)?Exec|Named(?:Exec|Query)|Prepare(?:x|Named)?|Ping|Get|Select)(?:Context)?|(?:Must)?Begin(?:Txx?|x)?)$/;

/** `takesContext` of a method of database/sql or sqlx that does, the form that does of one that does not, else null. */
export function databaseCall(callee: string): ContextForm | 'takesContext' | null {
  const [, path, type = '', method = ''] = CALLEE.exec(callee) ?? [];
  if (path === undefined) return null;
  if (TAKES_CONTEXT.test(method)) return 'takesContext';
  if (path !== 'database/sql') {
    const isOwn = SQLX[type]?.split(' ').includes(method);
    const begins = type === 'DB' ? SQLX_BEGINS[method] : undefined;
    if (isOwn) return { name: `${method}Context`, nilArguments: 0, since: null };
    if (begins !== undefined) return { name: begins, nilArguments: 1, since: null };
  }
  const found = STANDARD.test(method) ? twin('database/sql', `${type}.${method}`) : null;
  return found === null ? null : { ...found, since: `${type}.${found.name}` };
}

const CALLEE = /^\(\*(database\/sql|github\.com\/jmoiron\/sqlx)\.(DB|Tx|Conn|(?:Named)?Stmt)\)\.(\w+)$/;
const TAKES_CONTEXT = /Context$|^(?:Must)?BeginTxx?$/;
