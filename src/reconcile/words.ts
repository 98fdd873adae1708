import type { Language, Text } from '../engine/verdict.ts';
import type { Outcome } from './ports.ts';

/** What a check says when there is no verdict to show. `{name}` is replaced by the argument of that name. */
const ENDINGS = {
  'not-evaluated': {
    conclusion: 'failure',
    title: { en: 'Could not evaluate this change', 'zh-CN': '无法评估此变更' },
    summary: {
      en: 'Something went wrong inside Reefpilot. This is not your fault, and it says nothing about your code. Press **Re-run**, or comment `/reef rescan`. Should it happen again, give `{id}` to whoever runs this app.',
      'zh-CN':
        'Reefpilot 内部出错。这不是你的问题，也不代表你的代码有问题。请点击 **Re-run**，或评论 `/reef rescan`。如果再次发生，请将 `{id}` 告知此应用的维护者。',
    },
  },
  unreachable: {
    conclusion: 'failure',
    title: { en: 'Could not evaluate: GitHub did not answer', 'zh-CN': '无法评估：GitHub 没有响应' },
    summary: {
      en: 'GitHub kept failing while this change was being read. This is not your fault. Press **Re-run**, or comment `/reef rescan`, in a while (`{id}`).',
      'zh-CN':
        '读取此变更时 GitHub 持续出错。这不是你的问题。请稍后点击 **Re-run**，或评论 `/reef rescan`（`{id}`）。',
    },
  },
  forbidden: {
    conclusion: 'failure',
    title: { en: 'Could not evaluate: a permission is missing', 'zh-CN': '无法评估：缺少权限' },
    summary: {
      en: 'GitHub refused something that Reefpilot needs. An administrator has to accept the permissions of the app (`{id}`); then press **Re-run**.',
      'zh-CN':
        'GitHub 拒绝了 Reefpilot 所需的操作。管理员需要接受此应用的权限（`{id}`），然后点击 **Re-run**。',
    },
  },
  vanished: {
    conclusion: 'failure',
    title: { en: 'Could not evaluate: the commit is gone', 'zh-CN': '无法评估：提交已不存在' },
    summary: {
      en: 'GitHub no longer has the head commit of this pull request or its merge base, as happens after a force push or when a fork is deleted. Push again to have it reviewed.',
      'zh-CN':
        'GitHub 上已找不到此拉取请求的头部提交或其合并基，这会在强制推送或删除复刻之后发生。请重新推送以进行审查。',
    },
  },
  superseded: {
    conclusion: 'cancelled',
    title: { en: 'Superseded', 'zh-CN': '已被取代' },
    summary: {
      en: 'The pull request was pushed to or closed while this commit was being reviewed.',
      'zh-CN': '在审查此提交期间，拉取请求有新的推送或已关闭。',
    },
  },
  'proven-group': {
    conclusion: 'success',
    title: { en: 'The same code that was reviewed', 'zh-CN': '与已审查的代码相同' },
    summary: {
      en: 'Every Go file that decides about this merge group is the one that was reviewed in #{number}, with the same settings and the same rules, and that review passed.',
      'zh-CN':
        '决定此合并组结果的每个 Go 文件都与 #{number} 中已审查的文件相同，设置和规则也相同，且该审查已通过。',
    },
  },
  'unknown-group': {
    conclusion: 'failure',
    title: { en: 'Could not evaluate this merge group', 'zh-CN': '无法评估此合并组' },
    summary: {
      en: 'The pull request of this merge group could not be told from its branch name, `{ref}`. Nothing was reviewed, so nothing is let through.',
      'zh-CN': '无法从分支名 `{ref}` 得知此合并组所属的拉取请求。没有进行审查，因此不予通过。',
    },
  },
} as const satisfies Record<
  string,
  { readonly conclusion: Outcome['conclusion']; readonly title: Text; readonly summary: Text }
>;

export type Ending = keyof typeof ENDINGS;

export function ending(name: Ending, language: Language, values: Readonly<Record<string, string>>): Outcome {
  const { conclusion, title, summary } = ENDINGS[name];
  return {
    conclusion,
    title: title[language],
    summary: fill(summary[language], values),
    text: '',
    annotations: [],
  };
}

const WORDS = {
  homeless: {
    en: 'GitHub did not take these comments on the diff',
    'zh-CN': 'GitHub 未接受以下针对差异的评论',
  },
  twins: {
    en: 'The same commit is the head of {pulls}, whose review found something that blocks. A check belongs to the commit, so it stays red here as well.',
    'zh-CN': '同一提交也是 {pulls} 的头部，其审查发现了阻断问题。检查属于提交，因此此处同样保持失败。',
  },
  refused: {
    en: '`{usage}` was not run: it takes {needs}.',
    'zh-CN': '未执行 `{usage}`：需要 {needs}。',
  },
  line: { en: 'Line {line}: {message}.', 'zh-CN': '第 {line} 行：{message}。' },
  commands: { en: 'Commands, each on a line of its own:', 'zh-CN': '命令（每条单独一行）：' },
} as const satisfies Record<string, Text>;

export function say(
  key: keyof typeof WORDS,
  language: Language,
  values: Readonly<Record<string, string>> = {},
): string {
  return fill(WORDS[key][language], values);
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
