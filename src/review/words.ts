import type { Group, Language, Severity, Text } from '../engine/verdict.ts';
import type { WithheldReason } from './model.ts';

/** Everything Reefpilot says on a pull request. `{s}` is the plural ending that belongs to `{n}`. */
const TEXTS = {
  titleNothing: { en: 'No Go changes: nothing to review', 'zh-CN': '没有 Go 代码变更：无需审查' },
  titleIncomplete: {
    en: 'Could not evaluate this change',
    'zh-CN': '未能完成对本次变更的分析',
  },
  titleBlocking: { en: '{n} blocking finding{s}', 'zh-CN': '{n} 个阻塞合并的问题' },
  titleAdvisory: { en: '{n} finding{s}, none blocking', 'zh-CN': '{n} 个问题，均不阻塞合并' },
  titleAttest: {
    en: 'No findings; {n} item{s} for a human to confirm',
    'zh-CN': '未发现问题；{n} 项需要人工确认',
  },
  titleWaiting: {
    en: '{n} item{s} to be confirmed by a human',
    'zh-CN': '{n} 项等待人工确认',
  },
  titleClean: { en: 'No findings', 'zh-CN': '未发现问题' },
  incomplete: {
    en: 'Reefpilot could not evaluate all of this change. That is a limit or a fault of Reefpilot, not of the change; it does not pass the check only because it must not vouch for code it has not read. Re-run the check; what is missing is listed below.',
    'zh-CN':
      'Reefpilot 未能分析本次变更的全部内容。这是 Reefpilot 自身的限制或故障，并非变更有误；检查未通过，只是因为它不能为没有读过的代码担保。请重新运行检查；缺失的部分列在下方。',
  },
  reviewed: { en: 'Commit {commit}.', 'zh-CN': '提交 {commit}。' },
  delta: {
    en: 'Since the last push: {fixed} fixed · {added} new · {there} still there · {waived} waived.',
    'zh-CN': '与上次推送相比：已修复 {fixed} · 新增 {added} · 仍存在 {there} · 已豁免 {waived}。',
  },
  counts: {
    en: '{met} met · {violated} violated · {unknown} unknown · {waived} waived',
    'zh-CN': '满足 {met} · 违反 {violated} · 未知 {unknown} · 豁免 {waived}',
  },
  countsNone: { en: 'nothing in this change needs it', 'zh-CN': '本次变更不涉及' },
  headerGroup: { en: 'Group', 'zh-CN': '类别' },
  headerMet: { en: 'Met', 'zh-CN': '满足' },
  headerViolated: { en: 'Violated', 'zh-CN': '违反' },
  headerUnknown: { en: 'Unknown', 'zh-CN': '未知' },
  headerWaived: { en: 'Waived', 'zh-CN': '豁免' },
  evidence: { en: 'Evidence for {n} site{s}', 'zh-CN': '{n} 处的依据' },
  attest: { en: 'For a human to confirm', 'zh-CN': '需要人工确认' },
  attestUnknown: { en: 'undecided: {text}', 'zh-CN': '无法判定：{text}' },
  attestWaived: { en: 'waived in this change: {text}', 'zh-CN': '在本次变更中豁免：{text}' },
  attestedBy: { en: '— confirmed by {login}', 'zh-CN': '—— 由 {login} 确认' },
  attestHow: {
    en: 'A tick counts when somebody makes it who may write to this repository and is not the author of the change; it lapses when the code it is about changes.',
    'zh-CN': '由拥有写权限且并非变更作者的人勾选才算数；相关代码改动后，勾选即失效。',
  },
  alreadyThere: {
    en: 'Not from this change, but in code that it touches: {n} finding{s}',
    'zh-CN': '并非由本次变更引入，但位于其触及的代码中：{n} 个问题',
  },
  withheld: { en: 'Not commented inline', 'zh-CN': '未在行内评论' },
  ledger: {
    en: 'Not, or only partly, analysed: {n} file{s}',
    'zh-CN': '未分析或仅部分分析：{n} 个文件',
  },
  functions: { en: 'skipped: {names}', 'zh-CN': '已跳过：{names}' },
  more: { en: '… and {n} more', 'zh-CN': '…… 另有 {n} 项' },
  shrunk: {
    en: 'This list is shortened; the check run `reefpilot` has more.',
    'zh-CN': '列表已缩短；更多内容见检查 `reefpilot`。',
  },
  trace: { en: 'Path', 'zh-CN': '路径' },
  aboutLine: {
    en: 'About {link}, which this diff does not show.',
    'zh-CN': '针对 {link}，该行不在此差异中。',
  },
  fixHere: { en: 'The fix belongs here; it is about {link}.', 'zh-CN': '应在此处修改，问题在 {link}。' },
  deletedBefore: {
    en: 'was deleted, and kept this safe before the change',
    'zh-CN': '已被删除，它在此更改之前保证了安全',
  },
  safeguard: {
    en: 'This removed line was what kept {link} safe.',
    'zh-CN': '被删除的这一行曾保证 {link} 的安全。',
  },
  suggestionFolded: { en: 'Suggested change ({n} line{s})', 'zh-CN': '建议的修改（{n} 行）' },
  why: { en: 'Why', 'zh-CN': '原因' },
  commands: {
    en: '`/reef rescan` to check again · `{ignore}` above the line to accept it',
    'zh-CN': '`/reef rescan` 重新检查 · 在该行上方写 `{ignore}` 以接受',
  },
  ignoreReason: { en: '<reason>', 'zh-CN': '<理由>' },
  again: {
    en: 'This was fixed before ([earlier thread]({url})) and is back.',
    'zh-CN': '此问题曾被修复（[先前的讨论]({url})），现又出现。',
  },
  grouped: { en: '{n} sites of {rule}', 'zh-CN': '{rule} 共 {n} 处' },
  alsoHere: { en: 'The others:', 'zh-CN': '其余各处：' },
  fixed: { en: 'Fixed in {commit}.', 'zh-CN': '已在 {commit} 中修复。' },
  fixedWaived: { en: 'Waived as of {commit}: {text}', 'zh-CN': '自 {commit} 起已豁免：{text}' },
  reviewBody: {
    en: 'Reefpilot: {n} new finding{s} ({parts}).',
    'zh-CN': 'Reefpilot：{n} 个新问题（{parts}）。',
  },
  findings: { en: 'Findings', 'zh-CN': '问题' },
  waivers: { en: 'Waived', 'zh-CN': '已豁免' },
  notices: { en: 'Notices', 'zh-CN': '提示' },
  annotationsCut: {
    en: '{n} finding{s} without an annotation of their own: the number of annotations is limited.',
    'zh-CN': '{n} 个问题没有单独的标注：标注数量有限。',
  },
  allAnalysed: { en: '{n} file{s} analysed, none left out.', 'zh-CN': '已分析 {n} 个文件，无遗漏。' },
} as const satisfies Record<string, Text>;

export type TextKey = keyof typeof TEXTS;

/** The text in a language. Arguments are put in as they are: untrusted ones have to be escaped by the caller. */
export function say(
  language: Language,
  key: TextKey,
  args: Readonly<Record<string, string | number>> = {},
): string {
  return TEXTS[key][language].replace(/\{(\w+)\}/g, (whole, name: string) => {
    if (name === 's') return args.n === 1 ? '' : 's';
    const value = args[name];
    return value === undefined ? whole : String(value);
  });
}

export const GROUP_NAMES: Readonly<Record<Group, Text>> = {
  deadlines: { en: 'Deadlines', 'zh-CN': '超时与截止时间' },
  context: { en: 'Context propagation', 'zh-CN': '上下文传递' },
  finalizers: { en: 'Release of resources', 'zh-CN': '资源释放' },
  concurrency: { en: 'Concurrency', 'zh-CN': '并发' },
  memory: { en: 'Memory', 'zh-CN': '内存' },
  system: { en: 'System', 'zh-CN': '系统' },
  resilience: { en: 'Resilience', 'zh-CN': '韧性' },
};

export const SEVERITY_NAMES: Readonly<Record<Severity, Text>> = {
  error: { en: 'Error', 'zh-CN': '错误' },
  warning: { en: 'Warning', 'zh-CN': '警告' },
  info: { en: 'Info', 'zh-CN': '提示' },
};

export const SEVERITY_ICONS: Readonly<Record<Severity, string>> = { error: '🔴', warning: '🟡', info: '🔵' };

export const LEDGER_NAMES: Readonly<Record<'analysed' | 'partial' | 'skipped' | 'failed', Text>> = {
  analysed: { en: 'analysed', 'zh-CN': '已分析' },
  partial: { en: 'partly analysed', 'zh-CN': '部分分析' },
  skipped: { en: 'skipped', 'zh-CN': '已跳过' },
  failed: { en: 'failed', 'zh-CN': '失败' },
};

export const WITHHELD_NAMES: Readonly<Record<WithheldReason, Text>> = {
  'outside-diff': { en: 'the diff shows no line of it', 'zh-CN': '差异中没有相关行' },
  'over-budget': {
    en: 'one push gets a limited number of comments; it follows with the next',
    'zh-CN': '每次推送的评论数量有限，下次推送时补上',
  },
  'already-there': { en: 'it was there before this change', 'zh-CN': '变更之前就已存在' },
  draft: {
    en: 'the pull request is a draft; comments follow when it is ready for review',
    'zh-CN': '拉取请求仍是草稿，转为可审查后再评论',
  },
  'below-threshold': { en: 'information only', 'zh-CN': '仅供参考' },
  locked: { en: 'the conversation is locked', 'zh-CN': '讨论已锁定' },
  closed: { en: 'the pull request is closed', 'zh-CN': '拉取请求已关闭' },
};
