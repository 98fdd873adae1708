import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_COMMANDS, MAX_SCANNED_CHARS, parseCommands } from '../../src/policy/command.ts';

const verbs = (body: string): readonly string[] => parseCommands(body).commands.map(({ verb }) => verb);

describe('parseCommands', () => {
  it.each([
    ['alone', '/reef rescan', 1],
    ['in a paragraph', 'Fixed.\n/reef rescan\nThanks', 2],
    ['after blank lines', '\n\n/reef rescan', 3],
    ['with blanks', '/reef \t rescan  ', 1],
    ['in capitals', '/reef RESCAN', 1],
    ['with CRLF', 'a\r\n\r\n/reef rescan\r\n', 3],
    ['before a hard break', '/reef rescan  \nThanks', 1],
    ['above a signature', '/reef rescan\n--\nGopher', 1],
    ['after a fence', '```\na\n```\n/reef rescan', 4],
    ['after a quotation', '> a\n\n/reef rescan', 3],
    ['after a comment', '<!-- a -->\n/reef rescan', 2],
    ['after a list', '- a\n\n/reef rescan', 3],
  ])('finds a command %s', (_, body, line) => {
    expect(parseCommands(body)).toEqual({ commands: [{ verb: 'rescan', line }], problems: [] });
  });

  it.each([
    ['within a line', 'please /reef rescan'],
    ['indented', ' a\n  b\n    /reef rescan'],
    ['in indented code', 'a\n\n    /reef rescan'],
    ['in indented code after a tab', 'a\n\n\t/reef rescan'],
    ['in a fence', '```\n/reef rescan\n```'],
    ['in a fence of tildes', '~~~\n/reef rescan\n~~~'],
    ['in a fence left open', '```\n\n/reef rescan'],
    ['in a longer fence with a shorter inside', '````\n```\n/reef rescan\n```\n````'],
    ['in a fence of backticks with one of tildes inside', '```\n~~~\n/reef rescan\n```'],
    ['in a fence below a line indented like its end', '```\n     ```\n/reef rescan\n```'],
    ['in a quotation', '> /reef rescan'],
    ['in a quotation going on', '> a\n/reef rescan'],
    ['in a comment', '<!--\n/reef rescan\n-->'],
    ['in a comment with blank lines', '<!--\n\n/reef rescan\n\n-->'],
    ['in a comment left open', '<!--\n\n/reef rescan'],
    ['in a comment opened halfway', 'a <!-- b\n/reef rescan\n-->'],
    ['in a code span', 'a `b\n/reef rescan\nc`'],
    ['in HTML code', '<pre>\n\n/reef rescan\n</pre>'],
    ['in a heading', '# /reef rescan'],
    ['in a list', '- /reef rescan'],
    ['of another name', '/reefer rescan\n/ reef rescan\n//reef:ignore x -- y'],
  ])('finds none %s', (_, body) => {
    expect(parseCommands(body)).toEqual({ commands: [], problems: [] });
  });

  it.each([
    ['/reef resca', 'unknown verb `resca`, did you mean `rescan`?'],
    ['/reef hlep', 'unknown verb `hlep`, did you mean `help`?'],
    ['/reef frobnicate', 'unknown verb `frobnicate`, the commands are `/reef rescan` and `/reef help`'],
    ['/reef', 'missing verb; the commands are `/reef rescan` and `/reef help`'],
    ['/reef rescan now', '`/reef rescan` takes no argument'],
    ['/reef __proto__', 'unknown verb, the commands are `/reef rescan` and `/reef help`'],
    ['/reef constructor', 'unknown verb `constructor`, the commands are `/reef rescan` and `/reef help`'],
    ['/reef @gopher', 'unknown verb, the commands are `/reef rescan` and `/reef help`'],
  ])('explains %s', (body, message) => {
    expect(parseCommands(body)).toEqual({ commands: [], problems: [{ line: 1, message }] });
  });

  it('reads ten commands and says that there were more', () => {
    const result = parseCommands('/reef rescan\n'.repeat(12));
    expect(result.commands).toHaveLength(MAX_COMMANDS);
    expect(result.problems).toEqual([
      { line: 11, message: 'only the first 10 commands of a comment are read' },
    ]);
  });

  it('reads only the whole lines of the first part', () => {
    const filler = `${'x'.repeat(MAX_SCANNED_CHARS - 8)}\n\n`;
    expect(parseCommands(`${filler}/reef rescan`)).toEqual({ commands: [], problems: [] });
    expect(verbs(`/reef help\n\n${'x'.repeat(MAX_SCANNED_CHARS)}`)).toEqual(['help']);
  });

  const shown = fc.constantFrom('Some words.', 'a\nb', '**bold**', '- item\n- item', '[x](y)');
  const command = fc.constantFrom('/reef rescan', '/reef help');
  const inner = fc.array(
    fc.oneof(command, fc.constantFrom('code', '', '```', '~~~', '> a', '- ```', '  ```', '<!--', '-->')),
    { maxLength: 6 },
  );
  const hidden = fc.oneof(
    fc
      .record({ char: fc.constantFrom('`', '~'), lines: inner, info: fc.constantFrom('', 'go') })
      .map(({ char, lines, info }) => {
        const longest = Math.max(3, ...lines.map((line) => /[`~]{3,}/.exec(line)?.[0].length ?? 0));
        const fence = char.repeat(longest + 1);
        return `${fence}${info}\n${lines.join('\n')}\n${fence}`;
      }),
    inner.map((lines) => lines.map((line) => `> ${line}`).join('\n') || '> a'),
    inner.map((lines) => `a\n\n${lines.map((line) => `    ${line}`).join('\n')}`),
    inner.map((lines) => `<!-- \n${lines.filter((line) => line !== '-->').join('\n')}\n-->`),
  );

  it('finds exactly the commands outside everything that hides', () => {
    let found = 0;
    const block = fc.oneof(
      command.map((text) => ({ text, verb: text.slice(6) })),
      fc.oneof(shown, hidden).map((text) => ({ text, verb: null })),
    );
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        const expected = blocks.flatMap(({ verb }) => (verb === null ? [] : [verb]));
        found += expected.length;
        const body = blocks.map(({ text }) => text).join('\n\n');
        const { commands } = parseCommands(body);
        expect(commands.map(({ verb }) => verb)).toEqual(expected);
        for (const { verb, line } of commands) expect(body.split('\n')[line - 1]).toBe(`/reef ${verb}`);
      }),
      { numRuns: 1000 },
    );
    expect(found).toBeGreaterThan(500);
  });

  it('never throws, and repeats nothing that could act', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (a, b) => {
        const { problems } = parseCommands(`/reef ${a}\n${b}\n/reef ${b}`);
        for (const { message } of problems) expect(message).toMatch(/^[\w `/,;?-]+$/);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    '> ',
    '- ',
    '1. ',
    '> - ',
    '`',
    '<!--',
    '[',
    '*a ',
    '~~~\n',
    '/reef x\n',
    '\t',
    '&',
    '|\n',
    '<pre>',
  ])('is quick with a comment full of %j', (part) => {
    const start = process.cpuUsage();
    parseCommands(part.repeat(65_536 / part.length));
    // Quadratic work would take minutes of the processor; waiting for it does not count.
    expect(process.cpuUsage(start).user).toBeLessThan(5_000_000);
  });
});
