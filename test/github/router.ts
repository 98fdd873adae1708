/** Finds the operation a request means, and what a caller needs for it. */
import type { Access } from './auth.ts';
import type { Call, Reply } from './http.ts';
import type { Operation } from './operations.ts';

/** Any one of these permissions suffices. */
export type Need = readonly (readonly [permission: string, access: Access])[];

export interface Route {
  operation: Operation;
  /** `app`: JWT; `installation`: token, checked against `needs` and the repository in the path. */
  auth: 'app' | 'installation' | 'any';
  needs: Need;
  handle(call: Call): Reply | Promise<Reply>;
}

interface CompiledRoute {
  route: Route;
  method: string;
  pattern: RegExp;
  names: string[];
}

/** Parameters that may contain slashes, sent encoded or not. */
const MULTI_SEGMENT = new Set(['path', 'ref', 'basehead', 'branch']);

export class Router {
  private readonly routes: CompiledRoute[];

  constructor(routes: readonly Route[]) {
    // A parameter with slashes would swallow longer templates, so those are tried first.
    this.routes = routes.map(compileRoute).sort((a, b) => segments(b.route) - segments(a.route));
  }

  match(method: string, path: string): { route: Route; params: Record<string, string> } | undefined {
    for (const { route, method: own, pattern, names } of this.routes) {
      const match = own === method ? pattern.exec(path) : null;
      if (!match) continue;
      try {
        const params = names.map((name, i) => [name, decodeURIComponent(match[i + 1] ?? '')]);
        return { route, params: Object.fromEntries(params) };
      } catch {
        return undefined;
      }
    }
    return undefined;
  }
}

function segments(route: Route): number {
  return route.operation.split('/').length;
}

function compileRoute(route: Route): CompiledRoute {
  const [method = '', template = ''] = route.operation.split(' ');
  const names: string[] = [];
  const source = template.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    names.push(name);
    return MULTI_SEGMENT.has(name) ? '(.+?)' : '([^/]+)';
  });
  return { route, method, pattern: new RegExp(`^${source}/?$`), names };
}
