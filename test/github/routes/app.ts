/** The app about itself: installations, tokens, deliveries, rate limit. */
import { allows, type Permissions } from '../auth.ts';
import { HttpError, input, type JsonObject, notFound, numberParam, ok, paginate } from '../http.ts';
import type { Route } from '../router.ts';
import type { Repository } from '../state.ts';
import type { Delivery } from '../webhooks.ts';
import { found, type Parts, repositoryOf } from './shared.ts';

const LEVELS = new Set(['read', 'write']);

export function appRoutes(parts: Parts): Route[] {
  const { world, show, app, auth, webhooks } = parts;
  const installed = (id: number): void => {
    if (id !== app.installationId || app.uninstalled) throw notFound();
  };
  const visible = (ids: readonly number[] | null): Repository[] =>
    world.repositories.filter((repo) => repo.installed && (ids === null || ids.includes(repo.id)));

  return [
    {
      operation: 'GET /app',
      auth: 'app',
      needs: [],
      handle: () => ok({ ...show.integration(), installations_count: app.uninstalled ? 0 : 1 }),
    },
    {
      operation: 'GET /app/installations',
      auth: 'app',
      needs: [],
      handle: (call) => paginate(call, world.url, app.uninstalled ? [] : [show.installation()], (i) => i),
    },
    {
      operation: 'GET /app/installations/{installation_id}',
      auth: 'app',
      needs: [],
      handle: (call) => {
        installed(numberParam(call, 'installation_id'));
        return ok(show.installation());
      },
    },
    {
      operation: 'GET /repos/{owner}/{repo}/installation',
      auth: 'app',
      needs: [],
      handle: (call) => {
        if (!repositoryOf(parts, call).installed || app.uninstalled) throw notFound();
        return ok(show.installation());
      },
    },
    {
      operation: 'POST /app/installations/{installation_id}/access_tokens',
      auth: 'app',
      needs: [],
      handle: (call) => {
        installed(numberParam(call, 'installation_id'));
        if (app.suspended) throw new HttpError(403, 'This installation has been suspended');
        const wanted = input<{
          repositories?: string[];
          repository_ids?: number[];
          permissions?: Permissions;
        }>(call);
        const permissions = reducePermissions(app.permissions, wanted.permissions);
        const ids = repositoryIds(visible(null), wanted);
        const token = auth.mint(app.installationId, permissions, ids);
        return {
          status: 201,
          body: {
            token: token.token,
            expires_at: new Date(token.expiresAt).toISOString().replace(/\.\d+Z$/, 'Z'),
            permissions,
            repository_selection: ids === null ? 'all' : 'selected',
            ...(ids === null ? {} : { repositories: visible(ids).map((repo) => show.repository(repo)) }),
          },
        };
      },
    },
    {
      operation: 'DELETE /installation/token',
      auth: 'installation',
      needs: [],
      handle: ({ caller }) => {
        if (caller.kind === 'installation') auth.revoke(caller.token.token);
        return { status: 204 };
      },
    },
    {
      operation: 'GET /installation/repositories',
      auth: 'installation',
      needs: [['metadata', 'read']],
      handle: (call) => {
        const ids = call.caller.kind === 'installation' ? call.caller.token.repositoryIds : null;
        const repos = visible(ids);
        const page = paginate(call, world.url, repos, (repo) => show.repository(repo));
        return {
          ...page,
          body: {
            total_count: repos.length,
            repository_selection: ids === null ? 'all' : 'selected',
            repositories: page.body,
          },
        };
      },
    },
    {
      operation: 'GET /app/hook/config',
      auth: 'app',
      needs: [],
      handle: () =>
        ok({ content_type: 'json', insecure_ssl: '0', secret: '********', url: webhooks.url ?? '' }),
    },
    {
      operation: 'GET /app/hook/deliveries',
      auth: 'app',
      needs: [],
      handle: (call) => {
        const status = call.query.get('status');
        const before = Number(call.query.get('cursor')?.replace('v1_', '') ?? Number.POSITIVE_INFINITY);
        const size = Math.min(100, Number(call.query.get('per_page')) || 30);
        const matching = webhooks.deliveries
          .filter((d) => d.statusCode !== 0 && d.id < before)
          .filter((d) => status === null || (status === 'success') === isSuccess(d))
          .reverse();
        const page = matching.slice(0, size);
        const next = new URL(call.target, world.url);
        next.searchParams.set('cursor', `v1_${page.at(-1)?.id}`);
        const link = matching.length > size ? { link: `<${next}>; rel="next"` } : {};
        return ok(
          page.map((d) => showDelivery(parts, d)),
          link,
        );
      },
    },
    {
      operation: 'GET /app/hook/deliveries/{delivery_id}',
      auth: 'app',
      needs: [],
      handle: (call) => {
        const id = numberParam(call, 'delivery_id');
        const delivery = found(webhooks.deliveries.find((d) => d.id === id));
        const headers = webhooks.headers(delivery, JSON.stringify(delivery.payload));
        return ok({
          ...showDelivery(parts, delivery),
          url: webhooks.url ?? '',
          request: { headers, payload: delivery.payload },
          response: { headers: {}, payload: delivery.response },
        });
      },
    },
    {
      operation: 'POST /app/hook/deliveries/{delivery_id}/attempts',
      auth: 'app',
      needs: [],
      handle: (call) => {
        const id = numberParam(call, 'delivery_id');
        found(webhooks.deliveries.find((d) => d.id === id));
        webhooks.redeliver(id);
        return { status: 202, body: {} };
      },
    },
    {
      operation: 'GET /rate_limit',
      auth: 'any',
      needs: [],
      handle: () => {
        const core = parts.rate('core');
        const idle = { limit: 30, used: 0, remaining: 30, reset: core.reset };
        return ok({ resources: { core, graphql: parts.rate('graphql'), search: idle }, rate: core });
      },
    },
    {
      operation: 'GET /meta',
      auth: 'any',
      needs: [],
      handle: () => ok({ verifiable_password_authentication: false, hooks: ['127.0.0.0/8'] }),
    },
  ];
}

/** @throws HttpError 422 when more is asked than the installation has */
function reducePermissions(granted: Permissions, wanted: Permissions | undefined): Permissions {
  if (wanted === undefined) return granted;
  for (const [name, access] of Object.entries(wanted)) {
    if (!LEVELS.has(access) || !allows(granted, name, access)) {
      throw new HttpError(422, 'The permissions requested are not granted to this installation.');
    }
  }
  return { metadata: 'read', ...wanted };
}

function repositoryIds(
  repos: readonly Repository[],
  wanted: { repositories?: string[]; repository_ids?: number[] },
): number[] | null {
  if (!wanted.repositories && !wanted.repository_ids) return null;
  const byName = (wanted.repositories ?? []).map((name) => repos.find((repo) => repo.name === name)?.id);
  const ids = [...(wanted.repository_ids ?? []), ...byName];
  const known = ids.filter((id) => id !== undefined && repos.some((repo) => repo.id === id));
  if (known.length < ids.length) {
    throw new HttpError(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  return known.filter((id) => id !== undefined);
}

function isSuccess(delivery: Delivery): boolean {
  return delivery.statusCode >= 200 && delivery.statusCode < 400;
}

function showDelivery({ app }: Parts, delivery: Delivery): JsonObject {
  const repository = delivery.payload.repository as { id: number } | undefined;
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: delivery.deliveredAt,
    redelivery: delivery.redelivery,
    duration: delivery.durationMs / 1000,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: app.installationId,
    repository_id: repository?.id ?? null,
    throttled_at: null,
  };
}
