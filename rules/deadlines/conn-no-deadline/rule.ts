import { defineRule } from '../../../src/engine/rule.ts';
import { unparen } from '../../../src/go/calls.ts';
import { ownConnection } from '../../../src/go/conns.ts';
import { deadlineCalls } from '../../../src/go/deadlines.ts';
import { isLasting, isTestCode } from '../../../src/go/places.ts';
import type { Node } from '../../../src/syntax/tree.ts';

const texts = {
  reads: {
    en: 'nothing limits how long `{operation}` waits: a peer that stays connected and says nothing holds this goroutine for as long as it likes',
    'zh-CN': '`{operation}` 的等待没有任何时限：对端只要保持连接而不发送数据，就能一直占住该 goroutine',
  },
  writes: {
    en: 'nothing limits how long `{operation}` waits: a peer that stays connected and reads nothing holds this goroutine for as long as it likes',
    'zh-CN': '`{operation}` 的等待没有任何时限：对端只要保持连接而不读取数据，就能一直占住该 goroutine',
  },
  made: { en: 'the connection is made', 'zh-CN': '连接在此建立' },
  waits: { en: 'waits for the peer', 'zh-CN': '在此等待对端' },
  elsewhere: {
    en: 'the package sets deadlines, but not visibly on this connection',
    'zh-CN': '该包会设置截止时间，但看不出是否用于此连接',
  },
} as const;

export default defineRule({
  id: 'conn-no-deadline',
  group: 'deadlines',
  severity: 'info',
  confidence: 'low',
  tests: false,
  since: '0.1.0',
  title: {
    en: 'connection that is read or written without a deadline',
    'zh-CN': '读写时没有截止时间的连接',
  },
  checklist: {
    en: 'Does every read and write on a network connection have a deadline?',
    'zh-CN': '网络连接上的每次读写都有截止时间吗？',
  },
  aliases: [],
  texts,
  calls: /Dial|Accept/,
  on: {
    call_expression(call, pass) {
      if (!/Dial|Accept/.test(call.field('function').text) || isTestCode(pass.file, call)) return;
      const own = isLasting(pass.file, call) ? null : ownConnection(pass.file, call);
      if (own === null) return;
      const { deadline, waits } = own;
      const site = unparen(call.field('function'));
      if (deadline !== null) pass.met(site, deadline);
      else if (pass.pkg.get(deadlineCalls).all.length > 0) pass.unknown(site, 'elsewhere');
      else
        pass.violated(site, {
          message: waits.how,
          args: { operation: nameOf(waits.call) },
          trace: [
            { at: call, text: 'made' },
            { at: waits.call, text: 'waits' },
          ],
        });
    },
  },
});

/** `reader.ReadString`, `json.NewDecoder(c).Decode`; of a longer chain the method alone. */
function nameOf(call: Node<'call_expression'>): string {
  const target = unparen(call.field('function'));
  const isLong = target.text.length > 60 || target.text.includes('\n');
  return isLong && target.is('selector_expression') ? target.field('field').text : target.text;
}
