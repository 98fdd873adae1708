import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { mentions } from './callers.ts';
import { calleeName, unparen } from './calls.ts';
import { constantInt } from './constants.ts';
import { imports } from './imports.ts';
import { variable } from './paths.ts';
import { deref } from './type.ts';
import { types } from './types.ts';
import { type Resource, usesOf } from './uses.ts';
import { valuesOf, writtenTarget, writtenValue } from './values.ts';

type Call = Node<'call_expression'>;

const PACKAGES = String.raw`(?:syscall|golang\.org\/x\/sys\/unix)`;
const MMAP = new RegExp(`^${PACKAGES}\\.Mmap$`);
const MUNMAP = new RegExp(`^${PACKAGES}\\.Munmap$`);
const READERS = new RegExp(
  [
    `^${PACKAGES}\\.(?:Madvise|Mlock|Mprotect|Msync|Munlock)$`,
    String.raw`^bytes\.(?:Compare|Contains\w*|Count|Equal\w*|Has\w+|Index\w*|LastIndex\w*)$`,
    String.raw`^(?:crypto|hash)\/.*\.(?:Checksum\w*|Sum\w*)$|^encoding\/json\.Unmarshal$|^os\.WriteFile$`,
    String.raw`^\(.*\)\.Write$|^\(encoding\/binary\.\w+\)|^\(\*encoding\/binary\.\w+\)|^fmt\.Print`,
  ].join('|'),
);

/** The slice that `Mmap` returned. */
export const MAPPING: Resource = {
  parts: new Set(),
  releases: new Set(['syscall.Munmap', 'golang.org/x/sys/unix.Munmap']),
  releaser: /unmap|close|release|free/i,
  reads: (name) => READERS.test(name),
  wraps: (name) => name === 'bytes.NewReader',
};

/** A call of `Mmap` that maps something to use: no reservation of addresses, no memory for C. */
export function mapsMemory(file: SourceFile, call: Call): boolean {
  const protection = call.field('arguments').children[3]?.text ?? '';
  return isMmap(file, call) && !/\bPROT_NONE\b/.test(protection) && !file.get(imports).has('C');
}

function isMmap(file: SourceFile, call: Node): boolean {
  return call.is('call_expression') && MMAP.test(calleeName(file, call));
}

/** The argument of a `Munmap` that cannot be the whole of a mapping: `data[off:]`, or `data[:4096]` of 8192 bytes. */
export function partUnmapped(file: SourceFile, call: Call): Node | null {
  if (!MUNMAP.test(calleeName(file, call))) return null;
  const part = call.field('arguments').children[0];
  if (!part?.is('slice_expression')) return null;
  const made = mappingOf(file, part.field('operand'));
  if (made === null) return null;
  const start = part.field('start');
  const end = part.field('end');
  if (start !== null && constantInt(file, start) !== 0) return part;
  const length = made.field('arguments').children[2];
  const [kept, whole] = [end, length].map((n) => (n == null ? null : constantInt(file, n)));
  return kept != null && whole != null && kept !== whole ? part : null;
}

/** `&data[0]`, or `data` itself, where a finalizer or cleanup is set on it. */
export function finalizedMapping(file: SourceFile, call: Call): Node | null {
  if (!/^runtime\.(?:SetFinalizer|AddCleanup)$/.test(calleeName(file, call))) return null;
  const pointer = call.field('arguments').children[0];
  if (pointer === undefined) return null;
  const address = pointer.is('unary_expression') ? unparen(pointer.field('operand')) : null;
  const slice = address?.is('index_expression') ? address.field('operand') : pointer;
  return mappingOf(file, slice) === null ? null : pointer;
}

/** The `Mmap` whose result a variable, or a field of the package's types, holds. */
function mappingOf(file: SourceFile, expression: Node): Call | null {
  const e = unparen(expression);
  const d = variable(file, e);
  const values = d === null ? [] : (valuesOf(d) ?? []).map((made) => ({ made, home: file }));
  if (e.is('selector_expression'))
    for (const { home, use } of usesOfField(file, ownerOf(file, e), e.field('field').text)) {
      const made = writtenValue(use);
      if (made !== null) values.push({ made, home });
    }
  for (const { made, home } of values) if (made.is('call_expression') && isMmap(home, made)) return made;
  return null;
}

/** The full name of the `Munmap` that is given a mapping of the other package, which keeps a table of its own; else ''. */
export function foreignUnmap(file: SourceFile, mmap: Call, unmap: Node): string {
  const name = unmap.is('call_expression') ? calleeName(file, unmap) : '';
  const isOther = MUNMAP.test(name) && name !== calleeName(file, mmap).replace(/Mmap$/, 'Munmap');
  return isOther ? name : '';
}

interface FieldUse {
  readonly home: SourceFile;
  readonly use: Node<'selector_expression'>;
}

/** Where the package speaks of a field of one of its types. */
function usesOfField(file: SourceFile, owner: string, field: string): readonly FieldUse[] {
  const same = file.pkg.get(mentions).selectors.get(field) ?? [];
  return same
    .map((use) => ({ home: file.pkg.fileOf(use), use }))
    .filter(({ home, use }) => owner !== '' && ownerOf(home, use) === owner);
}

/** Name of the package's own type that has the field; '' when it is not known. */
function ownerOf(file: SourceFile, field: Node<'selector_expression'>): string {
  return ownName(file, field.field('operand'));
}

function ownName(file: SourceFile, value: Node): string {
  const type = deref(file.get(types).of(value));
  return type.kind === 'named' && type.pkg === '' ? type.name : '';
}

/**
 * The unexported field that keeps the mapping, when nothing can unmap it: no name that speaks of unmapping stands
 * anywhere in the package, and the field is only read in place. '' otherwise.
 */
export function keptForever(file: SourceFile, call: Call): string {
  const { pkg } = file;
  const target = writtenTarget(call);
  const local = target === null ? null : variable(file, target);
  const places = local === null ? [target] : usesOf(file, local, MAPPING).handedOn;
  const [place] = places;
  if (!pkg.complete || place == null || places.length !== 1) return '';
  if (pkg.files.some(({ tree }) => /unmap/i.test(tree.text))) return '';
  const { owner, field } = fieldAt(file, place);
  const isPrivate = /^[\p{Ll}_]/u.test(field) && owner !== '';
  return isPrivate && usesOfField(file, owner, field).every(({ use }) => isReadInPlace(use))
    ? `${owner}.${field}`
    : '';
}

/** The field that a value goes into: `m.data = value`, `M{data: value}`. */
function fieldAt(file: SourceFile, value: Node): { readonly owner: string; readonly field: string } {
  const target = value.is('selector_expression') ? value : writtenTarget(value);
  if (target?.is('selector_expression'))
    return { owner: ownerOf(file, target), field: target.field('field').text };
  const element = value.parent?.parent;
  const literal = element?.ancestor('composite_literal');
  if (!element?.is('keyed_element') || literal == null) return { owner: '', field: '' };
  return { owner: ownName(file, literal), field: element.field('key').text };
}

/** `m.data[i]`, `m.data[a:b]`, `len(m.data)`, `m.data == nil`, or an assignment: the whole slice goes nowhere. */
function isReadInPlace(use: Node): boolean {
  const { parent } = use;
  if (writtenValue(use) !== null || parent?.is('range_clause', 'binary_expression')) return true;
  if (parent?.is('index_expression', 'slice_expression')) return parent.field('operand') === use;
  const call = parent?.is('argument_list') ? parent.parent : null;
  return call?.is('call_expression') === true && /^(?:cap|copy|len)$/.test(call.field('function').text);
}
