/** What the double's own tests share: a client as an app has it, and a repository with a pull request. */
import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { createGitHubDouble, type DoubleOptions, type GitHubDouble, type RepoHandle } from './index.ts';
import type { PullRequest } from './state.ts';

const QUIET = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface Scene {
  github: GitHubDouble;
  repo: RepoHandle;
  pull: PullRequest;
  /** Authenticated as the installation. */
  octokit: Octokit;
  /** Authenticated as the app. */
  asApp: Octokit;
  at: { owner: string; repo: string };
  onPull: { owner: string; repo: string; pull_number: number };
}

export const CLIENT_GO = `package pay

import "net/http"

func Charge(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return nil
}
`;

/** `main` has client.go and unchanged files; the pull request changes client.go and adds new.go. */
export async function openScene(options: DoubleOptions = {}): Promise<Scene> {
  const github = await createGitHubDouble(options);
  const repo = github.createRepository({ owner: 'acme', name: 'pay' });
  const padding = Array.from({ length: 30 }, (_, i) => `// line ${i + 14}\n`).join('');
  repo.commit({
    branch: 'main',
    message: 'Start',
    files: {
      'go.mod': 'module acme/pay\n\ngo 1.24\n',
      'pay/client.go': CLIENT_GO + padding,
      'docs/a.md': '# A\n',
    },
  });
  repo.createBranch('feature');
  repo.commit({
    branch: 'feature',
    message: 'Leak',
    files: {
      'pay/client.go': CLIENT_GO.replace('\tdefer resp.Body.Close()\n', '') + padding,
      'pay/new.go': 'package pay\n\nvar X = 1\n',
    },
  });
  const pull = repo.openPullRequest({ title: 'Charge', head: 'feature', author: 'alice' });
  const at = { owner: 'acme', repo: 'pay' };
  return { github, repo, pull, at, onPull: { ...at, pull_number: pull.number }, ...clients(github) };
}

export function clients(github: GitHubDouble): { octokit: Octokit; asApp: Octokit } {
  const { id, privateKey, installationId } = github.app;
  const make = (auth: object): Octokit =>
    new Octokit({ authStrategy: createAppAuth, auth, baseUrl: github.url, log: QUIET });
  return {
    octokit: make({ appId: id, privateKey, installationId }),
    asApp: make({ appId: id, privateKey }),
  };
}

/** The error of a call that must fail. */
export async function failure(call: Promise<unknown>): Promise<{ status: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const { status, message } = error as { status: number; message: string };
    return { status, message };
  }
  throw new Error('expected the call to fail');
}
