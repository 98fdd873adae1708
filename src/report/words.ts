import type { ChecklistState, Conclusion, Group, LedgerStatus, Severity, Text } from '../engine/verdict.ts';

/** The fixed words of the reports; what a finding says comes from its rule. */
export const WORDS = {
  noFindings: { en: 'No findings.', 'zh-CN': '未发现问题。' },
  findings: { en: '{count} {findings}: {counts}', 'zh-CN': '{count} 个问题：{counts}' },
  checklist: { en: 'Checklist', 'zh-CN': '检查清单' },
  group: { en: 'Group', 'zh-CN': '类别' },
  state: { en: 'State', 'zh-CN': '状态' },
  met: { en: 'met', 'zh-CN': '满足' },
  violated: { en: 'violated', 'zh-CN': '违反' },
  unknown: { en: 'unknown', 'zh-CN': '未知' },
  waived: { en: 'waived', 'zh-CN': '豁免' },
  suggestion: { en: 'suggestion', 'zh-CN': '建议' },
  removed: { en: 'the safeguard was deleted here', 'zh-CN': '保护措施在此被删除' },
  atBase: { en: 'before the change', 'zh-CN': '变更之前' },
  existing: { en: 'not introduced by this change', 'zh-CN': '非本次变更引入' },
  more: { en: 'reefpilot rules {rule}', 'zh-CN': 'reefpilot rules {rule}' },
  analysed: { en: '{count} {files} analysed', 'zh-CN': '已分析 {count} 个文件' },
  notAnalysed: { en: 'Not analysed', 'zh-CN': '未分析' },
  andMore: { en: '… and {count} more', 'zh-CN': '……另有 {count} 个' },
} as const satisfies Record<string, Text>;

export const SEVERITY_WORDS: Readonly<Record<Severity, Text>> = {
  error: { en: 'error', 'zh-CN': '错误' },
  warning: { en: 'warning', 'zh-CN': '警告' },
  info: { en: 'info', 'zh-CN': '提示' },
};

export const STATE_WORDS: Readonly<Record<ChecklistState, Text>> = {
  pass: { en: 'pass', 'zh-CN': '通过' },
  fail: { en: 'fail', 'zh-CN': '未通过' },
  attest: { en: 'needs a person', 'zh-CN': '需人工确认' },
};

export const STATUS_WORDS: Readonly<Record<LedgerStatus, Text>> = {
  analysed: { en: 'analysed', 'zh-CN': '已分析' },
  partial: { en: 'partly analysed', 'zh-CN': '部分分析' },
  skipped: { en: 'skipped', 'zh-CN': '已跳过' },
  failed: { en: 'failed', 'zh-CN': '失败' },
};

export const CONCLUSION_WORDS: Readonly<Record<Conclusion, Text>> = {
  success: { en: 'success', 'zh-CN': '通过' },
  failure: { en: 'failure', 'zh-CN': '未通过' },
  neutral: { en: 'neutral: some code could not be read', 'zh-CN': '中性：部分代码无法解析' },
  incomplete: { en: 'incomplete: the analysis failed in part', 'zh-CN': '不完整：部分分析失败' },
};

export const GROUP_WORDS: Readonly<Record<Group, Text>> = {
  deadlines: { en: 'deadlines', 'zh-CN': '超时期限' },
  context: { en: 'context', 'zh-CN': '上下文传递' },
  finalizers: { en: 'finalizers', 'zh-CN': '资源释放' },
  concurrency: { en: 'concurrency', 'zh-CN': '并发' },
  memory: { en: 'memory', 'zh-CN': '内存' },
  system: { en: 'system', 'zh-CN': '系统资源' },
  resilience: { en: 'resilience', 'zh-CN': '韧性' },
};
