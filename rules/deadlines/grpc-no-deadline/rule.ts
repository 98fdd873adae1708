import { defineRule } from '../../../src/engine/rule.ts';
import { callContext, callDefaults, unaryCall } from '../../../src/go/grpc.ts';
import { isTestCode } from '../../../src/go/places.ts';

const texts = {
  endless: {
    en: 'the context of `{method}` has no deadline: unless an interceptor of the connection adds one, the call waits for as long as the server does not answer',
    'zh-CN':
      '`{method}` 的 context 没有截止时间：除非连接的拦截器另行设置，否则服务器不响应多久，该调用就等待多久',
  },
  defaults: {
    en: 'an interceptor or the service config may set a deadline',
    'zh-CN': '拦截器或 service config 可能会设置截止时间',
  },
  option: { en: 'an option of the call may limit it', 'zh-CN': '该调用的某个选项可能会设置时限' },
  derived: {
    en: 'what the context goes through is not known here',
    'zh-CN': '此处不知道该 context 经过了哪些处理',
  },
} as const;

export default defineRule({
  id: 'grpc-no-deadline',
  group: 'deadlines',
  severity: 'info',
  confidence: 'medium',
  tests: false,
  since: '0.1.0',
  title: { en: 'gRPC call without a deadline', 'zh-CN': '没有截止时间的 gRPC 调用' },
  checklist: {
    en: 'Does every gRPC call have a deadline?',
    'zh-CN': '每个 gRPC 调用都有截止时间吗？',
  },
  aliases: [],
  texts,
  on: {
    call_expression(call, pass) {
      const found = unaryCall(pass.file, call);
      if (found === null || isTestCode(pass.file, call)) return;
      const { method, context, isProven, option } = found;
      const known = callContext(pass.file, context);
      const defaults = pass.pkg.get(callDefaults);
      if (known.kind === 'bound') pass.met(method, known.proof);
      else if (known.kind === 'derived') pass.unknown(method, 'derived');
      else if (known.kind === 'endless' && option !== null) pass.unknown(method, 'option');
      else if (known.kind === 'endless' && defaults !== null) pass.unknown(method, 'defaults');
      else if (known.kind === 'endless')
        pass.violated(method, {
          message: 'endless',
          args: { method: method.text },
          // Whoever makes the client may have given its connection an interceptor.
          ...(isProven ? {} : { confidence: 'low' }),
        });
    },
  },
});
