import type { Language } from '../engine/verdict.ts';
import type { Outcome as Next, Turn } from '../queue/port.ts';
import type { CheckOutcome } from '../review/model.ts';
import { analyseInTime } from './analyse.ts';
import { type Answer, answer, authorised, finish, judge, pendingCommands } from './commands.ts';
import type { Hint } from './hint.ts';
import type { Ports, PullPort } from './ports.ts';
import { recover } from './recover.ts';
import { ending, say } from './words.ts';

type PullHint = Extract<Hint, { kind: 'pull' }>;

/**
 * Reads the real state of a pull request and brings it to the desired one. May be stopped anywhere and run again.
 * Never throws: what stops it becomes the answer.
 */
export async function reconcilePull(hint: PullHint, ports: Ports, turn: Turn): Promise<Next> {
  const pass = { pull: null as PullPort | null, language: 'en' as Language };
  const correlation = ports.correlation();
  try {
    pass.pull = await ports.github.pull(hint, hint.number);
    await run(pass.pull, hint, ports, (language) => {
      pass.language = language;
    });
    return { kind: 'done' };
  } catch (error) {
    const { owner, name, number } = hint;
    const where = { repository: `${owner}/${name}`, number };
    const failure = { error, correlation, check: pass.pull, language: pass.language, where };
    return recover(failure, ports, turn);
  }
}

async function run(
  pull: PullPort,
  { fresh, ticks = [] }: PullHint,
  ports: Ports,
  speak: (language: Language) => void,
): Promise<void> {
  if (pull.state === 'closed') {
    if (pull.isPending) await pull.conclude(ending('superseded', 'en', {}));
    return;
  }
  // Before all else: from here on the check is there, whatever happens to us.
  await pull.begin(fresh);
  const pending = await pendingCommands(pull);
  const config = ports.readConfig(await pull.config());
  const { language } = config.settings;
  speak(language);
  const answers: Answer[] = [];
  for (const one of pending) answers.push(await judge(pull, one, language));
  if (answers.some((a) => a.rescan)) await pull.begin(true);
  for (const one of answers) await answer(pull, one);

  const seen = await pull.observe(pending.map((p) => p.comment));
  const observation = { ...seen, ticks: await authorised(pull, ticks) };
  const today = ports.now().toISOString().slice(0, 10);
  const snapshot = await pull.snapshot(observation, config.settings, today);
  const verdict = await analyseInTime(snapshot, ports);
  const plan = ports.decide(observation, verdict, {
    language,
    docsUrl: ports.docsUrl,
    suggestions: config.suggestions,
    failOn: config.settings.failOn,
    attest: { groups: config.attest, seal: ports.seal },
    notices: config.notices,
  });
  const homeless = await pull.act(observation, plan);
  const twins = plan.check.conclusion === 'failure' ? [] : await pull.failingTwins();
  await pull.conclude(complete(plan.check, homeless, twins, language));
  for (const one of answers) await finish(pull, one);
}

/** Adds to the check what only showed while writing. */
function complete(
  check: CheckOutcome,
  homeless: readonly string[],
  twins: readonly number[],
  language: Language,
): CheckOutcome {
  const text =
    homeless.length === 0
      ? check.text
      : [`#### ${say('homeless', language)}`, ...homeless, check.text].join('\n\n');
  if (twins.length === 0) return { ...check, text };
  const pulls = twins.map((number) => `#${number}`).join(', ');
  const summary = `${say('twins', language, { pulls })}\n\n${check.summary}`;
  return { ...check, text, summary, conclusion: 'failure' };
}
