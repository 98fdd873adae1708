import { expect, it } from 'vitest';
import { foreignUnmap, keptForever, mapsMemory, partUnmapped } from '../../src/go/mappings.ts';
import { fileFrom, packageFrom } from './source.ts';

/** Both packages; the one of golang.org/x/sys is not of the standard library, so no rule example can name it. */
const source = (body: string) =>
  `package p\nimport (\n"syscall"\n"golang.org/x/sys/unix"\n)\nvar _ = syscall.EINVAL\nvar _ = unix.EINVAL\n${body}`;

function callsOf(body: string) {
  const file = fileFrom(source(body));
  const calls = [...file.tree.root.descendants('call_expression')];
  const named = (name: RegExp) => calls.filter((call) => name.test(call.field('function').text));
  return { file, mmaps: named(/Mmap$/), unmaps: named(/Munmap$/) };
}

it('knows both packages, and what is mapped for use', () => {
  const { file, mmaps } = callsOf(
    'func f() {\nunix.Mmap(-1, 0, 1, unix.PROT_READ, 0)\nsyscall.Mmap(-1, 0, 1, syscall.PROT_READ, 0)\nunix.Mmap(-1, 0, 1, unix.PROT_NONE, 0)\n}\n',
  );
  expect(mmaps.map((call) => mapsMemory(file, call))).toEqual([true, true, false]);
});

it('tells a Munmap of the other package, whose table does not have the mapping', () => {
  const { file, mmaps, unmaps } = callsOf(
    'func f() {\nb, _ := unix.Mmap(-1, 0, 1, 1, 0)\nsyscall.Munmap(b)\nunix.Munmap(b)\n}\n',
  );
  const [mmap] = mmaps;
  if (mmap === undefined) throw new Error('nothing mapped');
  expect(unmaps.map((unmap) => foreignUnmap(file, mmap, unmap))).toEqual(['syscall.Munmap', '']);
});

it('sees a part where it cannot be the whole', () => {
  const parts = ['b[1:]', 'b[:100]', 'b', 'b[0:]', 'b[:]', 'b[:n]', 'b[:200]'];
  const { file, unmaps } = callsOf(
    `func f(n int) {\nb, _ := unix.Mmap(-1, 0, 200, 1, 0)\n${parts.map((p) => `unix.Munmap(${p})`).join('\n')}\n}\n`,
  );
  expect(unmaps.map((call) => partUnmapped(file, call)?.text ?? null)).toEqual([
    'b[1:]',
    'b[:100]',
    ...Array<null>(5).fill(null),
  ]);
});

it('asks the whole package who unmaps, and stays silent when it is not all there', () => {
  const kept = (files: Readonly<Record<string, string>>) => {
    const pkg = packageFrom(files);
    const [file] = pkg.files;
    const [call] = file === undefined ? [] : [...file.tree.root.descendants('call_expression')];
    if (file === undefined || call === undefined) throw new Error('nothing mapped');
    return keptForever(file, call);
  };
  const a = source('type m struct{ b []byte }\nfunc (x *m) f() { x.b, _ = unix.Mmap(-1, 0, 1, 1, 0) }\n');
  expect(kept({ 'a.go': a })).toBe('m.b');
  expect(kept({ 'a.go': a, 'b.go': 'package p\nfunc g(x *m) byte { return x.b[0] }\n' })).toBe('m.b');
  expect(kept({ 'a.go': a, 'b.go': 'package p\nfunc g(x *m) []byte { return x.b }\n' })).toBe('');
  expect(kept({ 'a.go': a, 'b.go': source('func g(x *m) { unix.Munmap(x.b) }\n') })).toBe('');
});
