/** Webhook delivery: signed POSTs, a log that the API lists, redelivery under the same GUID. */
import { createHmac, randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { isoSeconds } from './git.ts';
import type { JsonObject } from './http.ts';

/** One attempt to deliver one event. */
export interface Delivery {
  id: number;
  /** Shared by an event's first delivery and its redeliveries. */
  guid: string;
  event: string;
  action: string | null;
  payload: JsonObject;
  deliveredAt: string;
  redelivery: boolean;
  /** Milliseconds. */
  durationMs: number;
  /** HTTP status; 0 while under way, 502 when the receiver could not be reached, 504 on timeout. */
  statusCode: number;
  status: string;
  response: string;
}

/** GitHub gives a receiver ten seconds. */
const TIMEOUT_MS = 10_000;

export class Webhooks {
  /** Every attempt, oldest first. */
  readonly deliveries: Delivery[] = [];
  private target: string | null = null;
  private readonly pending = new Set<Promise<void>>();
  private held: (() => void)[] | null = null;
  private dropping = 0;

  constructor(
    private readonly secret: string,
    private readonly clock: Clock,
    private readonly hookId: number,
  ) {}

  deliverTo(url: string | null): void {
    this.target = url;
  }

  get url(): string | null {
    return this.target;
  }

  /** Lets the next `count` events fail to arrive; they stay in the log as failed, as on GitHub. */
  dropNext(count = 1): void {
    this.dropping += count;
  }

  /** Keeps events back until {@link release}, for tests of lateness and of order. */
  hold(): void {
    this.held ??= [];
  }

  /** Sends what was held, in the given order. */
  release(order: 'first-in-first-out' | 'last-in-first-out' = 'first-in-first-out'): void {
    const held = this.held ?? [];
    this.held = null;
    if (order === 'last-in-first-out') held.reverse();
    for (const send of held) send();
  }

  send(event: string, action: string | null, payload: JsonObject): Delivery {
    return this.attempt({ guid: randomUUID(), event, action, payload, redelivery: false });
  }

  /** What "Redeliver" does: the same GUID and payload once more. */
  redeliver(id: number): Delivery {
    const original = this.deliveries.find((d) => d.id === id);
    if (!original) throw new Error(`no delivery ${id}`);
    const { guid, event, action, payload } = original;
    return this.attempt({ guid, event, action, payload, redelivery: true });
  }

  /** Resolves once nothing is being delivered (held events do not count). */
  async idle(): Promise<void> {
    while (this.pending.size > 0) await Promise.all(this.pending);
  }

  /** The headers GitHub sends with a payload. */
  headers(delivery: Pick<Delivery, 'guid' | 'event'>, body: string): Record<string, string> {
    const hmac = (algorithm: string): string => createHmac(algorithm, this.secret).update(body).digest('hex');
    return {
      accept: '*/*',
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/double',
      'x-github-delivery': delivery.guid,
      'x-github-event': delivery.event,
      'x-github-hook-id': String(this.hookId),
      'x-github-hook-installation-target-type': 'integration',
      'x-hub-signature': `sha1=${hmac('sha1')}`,
      'x-hub-signature-256': `sha256=${hmac('sha256')}`,
    };
  }

  private attempt(what: Pick<Delivery, 'guid' | 'event' | 'action' | 'payload' | 'redelivery'>): Delivery {
    const delivery: Delivery = {
      id: 10_000_000_001 + this.deliveries.length,
      ...what,
      deliveredAt: isoSeconds(this.clock.now()),
      durationMs: 0,
      statusCode: 0,
      status: 'pending',
      response: '',
    };
    this.deliveries.push(delivery);
    const dropped = this.dropping > 0;
    if (dropped) this.dropping--;
    const send = (): void => {
      const done = this.post(delivery, dropped ? null : this.target).finally(() => this.pending.delete(done));
      this.pending.add(done);
    };
    if (this.held) this.held.push(send);
    else send();
    return delivery;
  }

  private async post(delivery: Delivery, target: string | null): Promise<void> {
    const settle = (code: number, status: string): void => {
      Object.assign(delivery, { statusCode: code, status });
    };
    if (target === null) return settle(502, 'failed to connect to host');
    const body = JSON.stringify(delivery.payload);
    const started = performance.now();
    try {
      const response = await fetch(target, {
        method: 'POST',
        headers: this.headers(delivery, body),
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      delivery.response = await response.text();
      settle(response.status, response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`);
    } catch (error) {
      const timedOut = error instanceof Error && error.name === 'TimeoutError';
      settle(timedOut ? 504 : 502, timedOut ? 'timed out' : 'failed to connect to host');
    }
    delivery.durationMs = performance.now() - started;
  }
}
