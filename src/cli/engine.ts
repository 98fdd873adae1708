import { rules } from '../../rules/index.ts';
import type { Engine } from '../engine/analyse.ts';
import { loadGoParser } from '../parser.ts';
import { VERSION } from '../version.ts';

export async function loadEngine(): Promise<Engine> {
  return { parser: await loadGoParser(), rules, version: VERSION };
}
