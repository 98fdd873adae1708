import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ONCE } from '../../src/github/octokit.ts';
import { Pacer } from '../../src/github/pacer.ts';
import { write } from '../../src/github/repo.ts';
import { explain, Trouble } from '../../src/github/trouble.ts';
import { API, repo } from './unit.ts';

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

async function troubleWith(call: () => Promise<unknown>): Promise<Trouble> {
  const error = await call().then(
    () => null,
    (thrown: unknown) => explain(thrown),
  );
  if (!(error instanceof Trouble)) throw new Error('expected Trouble');
  return error;
}

const createComment = () => {
  const { client } = repo();
  return client.rest.issues.createComment({
    owner: 'acme',
    repo: 'pay',
    issue_number: 1,
    body: 'x',
    request: ONCE,
  });
};

describe('the client', () => {
  it('sends the version of the API with every call', async () => {
    nock(API, { reqheaders: { 'x-github-api-version': '2022-11-28' } })
      .get('/repos/acme/pay')
      .reply(200, { id: 1 });
    const { data } = await repo().client.rest.repos.get({ owner: 'acme', repo: 'pay' });
    expect(data.id).toBe(1);
  });

  it('asks once when it is told to wait, and hands on for how long', async () => {
    let calls = 0;
    nock(API)
      .persist()
      .get('/repos/acme/pay')
      .reply(() => {
        calls++;
        return [429, { message: 'slow down' }, { 'retry-after': '37' }];
      });
    const trouble = await troubleWith(() => repo().client.rest.repos.get({ owner: 'acme', repo: 'pay' }));
    expect(trouble).toMatchObject({ kind: 'rate-limited', retryAfterMs: 37_000 });
    expect(calls).toBe(1);
  });

  it('does not wait out the hourly limit inside a request', async () => {
    const reset = Math.floor(Date.now() / 1000) + 1800;
    nock(API)
      .get('/repos/acme/pay')
      .reply(
        403,
        { message: 'API rate limit exceeded for installation ID 1.' },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) },
      );
    const trouble = await troubleWith(() => repo().client.rest.repos.get({ owner: 'acme', repo: 'pay' }));
    expect(trouble.kind).toBe('rate-limited');
    expect(trouble.retryAfterMs).toBeGreaterThan(1_700_000);
  });

  it('never repeats a create after a 502, which may have had its effect', async () => {
    let calls = 0;
    nock(API)
      .persist()
      .post('/repos/acme/pay/issues/1/comments')
      .reply(() => {
        calls++;
        return [502, 'bad gateway'];
      });
    const trouble = await troubleWith(() => write(repo(), createComment));
    expect(trouble.kind).toBe('retry');
    expect(calls).toBe(1);
  });

  it('repeats a read after a 502', async () => {
    nock(API).get('/repos/acme/pay').reply(502).get('/repos/acme/pay').reply(200, { id: 5 });
    const { data } = await repo().client.rest.repos.get({ owner: 'acme', repo: 'pay' });
    expect(data.id).toBe(5);
  });

  it('gives up on an answer that does not come', async () => {
    nock(API).persist().get('/repos/acme/pay').delay(2_000).reply(200, {});
    const impatient = repo({ timeoutMs: 20 });
    const trouble = await troubleWith(() =>
      impatient.client.rest.repos.get({ owner: 'acme', repo: 'pay', request: ONCE }),
    );
    expect(trouble.kind).toBe('retry');
  });

  it('knows the abuse limit that comes as a 422', async () => {
    nock(API)
      .post('/repos/acme/pay/issues/1/comments')
      .reply(422, { message: 'Validation Failed', errors: [{ resource: 'IssueComment', code: 'abuse' }] });
    expect(await troubleWith(createComment)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
  });

  it('knows the limits that GraphQL answers with 200', async () => {
    nock(API)
      .post('/graphql')
      .reply(
        200,
        { data: null, errors: [{ type: 'RATE_LIMITED', message: 'API rate limit exceeded' }] },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + 100) },
      );
    const trouble = await troubleWith(() => repo().client.graphql('{ viewer { login } }'));
    expect(trouble.kind).toBe('rate-limited');
    expect(trouble.retryAfterMs).toBeGreaterThan(90_000);
  });
});

describe('what an answer means', () => {
  it.each([
    [404, {}, 'gone'],
    [410, {}, 'gone'],
    [401, {}, 'gone'],
    [403, {}, 'forbidden'],
    [403, { 'retry-after': '5' }, 'rate-limited'],
    [500, {}, 'retry'],
    [503, {}, 'retry'],
  ] as const)('%s %j is %s', async (status, headers, kind) => {
    nock(API).post('/repos/acme/pay/issues/1/comments').reply(status, { message: 'no' }, headers);
    expect((await troubleWith(createComment)).kind).toBe(kind);
  });

  it('is not trouble but a bug when the request itself was wrong', async () => {
    nock(API).post('/repos/acme/pay/issues/1/comments').reply(422, { message: 'Validation Failed' });
    const error: unknown = await createComment().catch((thrown: unknown) => thrown);
    expect(explain(error)).toBeNull();
    expect(explain(new TypeError('x is not a function'))).toBeNull();
  });

  it('is trouble that can pass when the connection breaks', async () => {
    nock(API).post('/repos/acme/pay/issues/1/comments').replyWithError('socket hang up');
    expect((await troubleWith(createComment)).kind).toBe('retry');
  });
});

describe('the pacer', () => {
  it('lets one write run at a time, with room between them, and goes on after a failure', async () => {
    const pacer = new Pacer(20);
    const at: number[] = [];
    let running = 0;
    const write = async (fails: boolean) => {
      expect(++running).toBe(1);
      at.push(performance.now());
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      if (fails) throw new Error('refused');
    };
    const results = await Promise.allSettled(
      [true, false, false].map((fails) => pacer.run(() => write(fails))),
    );
    expect(results.map((r) => r.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    const [a = 0, b = 0, c = 0] = at;
    expect(b - a).toBeGreaterThanOrEqual(23);
    expect(c - b).toBeGreaterThanOrEqual(23);
  });
});
