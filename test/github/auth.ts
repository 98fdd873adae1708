/** Who is calling: the app itself by a signed JWT, or an installation by a token the double minted. */
import { createPublicKey, createVerify, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { HttpError } from './http.ts';

export type Access = 'read' | 'write';
/** Permission name, as in an app's manifest, to the access granted. */
export type Permissions = Readonly<Record<string, Access>>;

/** What an app like this one is installed with. */
export const DEFAULT_PERMISSIONS: Permissions = {
  metadata: 'read',
  contents: 'read',
  pull_requests: 'write',
  checks: 'write',
  issues: 'read',
  merge_queues: 'read',
};

export interface InstallationToken {
  token: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  permissions: Permissions;
  /** Null: every repository of the installation. */
  repositoryIds: readonly number[] | null;
}

export type Caller = { kind: 'none' } | { kind: 'app' } | { kind: 'installation'; token: InstallationToken };

const TOKEN_LIFE_MS = 3_600_000;
const MAX_JWT_LIFE_S = 600;
const CLOCK_SKEW_S = 60;

let cachedKey: string | undefined;

/** Making an RSA key takes a good part of a second, and no test needs two. PKCS#1, as GitHub gives out. */
export function appPrivateKey(): string {
  cachedKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs1', format: 'pem' })
    .toString();
  return cachedKey;
}

export class Authenticator {
  private readonly tokens = new Map<string, InstallationToken>();

  constructor(
    private readonly app: { id: number; privateKey: string; clientId: string },
    private readonly clock: Clock,
  ) {}

  /** @throws HttpError 401 with GitHub's message */
  identify(authorization: string | undefined): Caller {
    if (authorization === undefined || authorization === '') return { kind: 'none' };
    const [scheme = '', credential = ''] = authorization.split(' ');
    if (!/^(bearer|token)$/i.test(scheme)) throw badCredentials();
    if (credential.startsWith('ghs_')) {
      const token = this.tokens.get(credential);
      if (!token || token.expiresAt <= this.clock.now()) throw badCredentials();
      return { kind: 'installation', token };
    }
    this.verifyJwt(credential);
    return { kind: 'app' };
  }

  mint(
    installationId: number,
    permissions: Permissions,
    repositoryIds: readonly number[] | null,
  ): InstallationToken {
    const expiresAt = this.clock.now() + TOKEN_LIFE_MS;
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = {
      iss: this.app.id,
      sub: installationId,
      exp: Math.floor(expiresAt / 1000),
      jti: randomUUID(),
    };
    const jwt = `${part({ alg: 'ES256', typ: 'JWT' })}.${part(claims)}.${randomBytes(64).toString('base64url')}`;
    const token = { token: `ghs_${this.app.id}_${jwt}`, expiresAt, permissions, repositoryIds };
    this.tokens.set(token.token, token);
    return token;
  }

  revoke(token: string): void {
    this.tokens.delete(token);
  }

  /** Every token given out so far stops working; returns how many those were. */
  revokeAll(): number {
    const count = this.tokens.size;
    this.tokens.clear();
    return count;
  }

  private verifyJwt(jwt: string): void {
    const undecodable = 'A JSON web token could not be decoded';
    const [head = '', payload = '', signature = ''] = jwt.split('.');
    const header = decode(head);
    const claims = decode(payload);
    if (!header || !claims) throw new HttpError(401, jwt.includes('.') ? undecodable : 'Bad credentials');
    const verifier = createVerify('RSA-SHA256').update(`${head}.${payload}`);
    const key = createPublicKey(this.app.privateKey);
    if (header.alg !== 'RS256' || !verifier.verify(key, Buffer.from(signature, 'base64url'))) {
      throw new HttpError(401, undecodable);
    }
    const now = Math.floor(this.clock.now() / 1000);
    const { iat, exp, iss } = claims;
    if (typeof iat !== 'number' || iat > now + CLOCK_SKEW_S) {
      throw new HttpError(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      );
    }
    if (typeof exp !== 'number' || exp <= now - CLOCK_SKEW_S) {
      throw new HttpError(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      );
    }
    if (exp > now + MAX_JWT_LIFE_S + CLOCK_SKEW_S) {
      throw new HttpError(401, "'Expiration time' claim ('exp') is too far in the future");
    }
    if (String(iss) !== String(this.app.id) && iss !== this.app.clientId) {
      throw new HttpError(404, 'Integration not found');
    }
  }
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function badCredentials(): HttpError {
  return new HttpError(401, 'Bad credentials');
}

/** Whether `granted` covers a need; write includes read. */
export function allows(granted: Permissions, permission: string, access: Access): boolean {
  const level = granted[permission];
  return level === 'write' || (level === 'read' && access === 'read');
}
