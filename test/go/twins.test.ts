import { describe, expect, it } from 'vitest';
import { twin } from '../../src/go/twins.ts';

describe('the twin that takes a context', () => {
  it.each<[string, string, string, number]>([
    ['net/http', 'NewRequest', 'net/http.NewRequestWithContext', 13],
    ['net/http/httptest', 'NewRequest', 'net/http/httptest.NewRequestWithContext', 23],
    ['os/exec', 'Command', 'os/exec.CommandContext', 7],
    ['database/sql', 'DB.Query', '(*database/sql.DB).QueryContext', 8],
    ['database/sql', 'Tx.Stmt', '(*database/sql.Tx).StmtContext', 8],
    ['net', 'Dialer.Dial', '(*net.Dialer).DialContext', 7],
    ['crypto/tls', 'Conn.Handshake', '(*crypto/tls.Conn).HandshakeContext', 17],
    ['log/slog', 'Warn', 'log/slog.WarnContext', 21],
    ['log/slog', 'Logger.Info', '(*log/slog.Logger).InfoContext', 21],
  ])('%s %s → %s', (path, name, fullName, since) => {
    expect(twin(path, name)).toMatchObject({ fullName, since, receiver: null, nilArguments: 0 });
  });

  it.each([
    ['Dial', '(*net.Dialer).DialContext', 'Dialer'],
    ['Listen', '(*net.ListenConfig).Listen', 'ListenConfig'],
    ['LookupHost', '(*net.Resolver).LookupHost', 'Resolver'],
  ])('net.%s is a method of a zero value', (name, fullName, receiver) => {
    expect(twin('net', name)).toMatchObject({ fullName, receiver });
  });

  it('counts the options that may be nil', () => {
    expect(twin('database/sql', 'DB.Begin')).toMatchObject({ name: 'BeginTx', nilArguments: 1 });
  });

  it.each([
    ['os/signal', 'Notify', 'NotifyContext gives something else'],
    ['net', 'LookupIP', 'the method wants a network too'],
    ['crypto/tls', 'Dial', 'the configuration would be lost'],
    ['net/http', 'NewRequestWithContext', 'it takes a context already'],
    ['net/http', 'Get', 'there is none'],
    ['log/slog', 'Logger.With', 'there is none'],
    ['no/such', 'Thing', 'not known'],
    ['net/http', 'Client.Nothing', 'not known'],
  ])('%s.%s has none: %s', (path, name) => {
    expect(twin(path, name)).toBeNull();
  });
});
