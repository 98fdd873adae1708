import type { SourceFile } from '../engine/source.ts';
import type { Node } from '../syntax/tree.ts';
import { calleeName } from './calls.ts';
import { variable } from './paths.ts';
import type { Resource } from './uses.ts';
import { valuesOf } from './values.ts';

type Call = Node<'call_expression'>;

/**
 * What has to be closed, by what is lost otherwise: a descriptor, of a file or of something else, or the end of what was
 * written. Readers of compressed data hold nothing: their `Close` returns an error they have already reported.
 */
export type CloserKind = 'file' | 'descriptor' | 'stream' | 'zip';

const KINDS: readonly (readonly [CloserKind, RegExp])[] = [
  [
    'file',
    /^os\.(?:Create|CreateTemp|Open|OpenFile|OpenInRoot|OpenRoot)$|^\(\*os\.Root\)\.(?:Create|Open|OpenFile|OpenRoot)$|^io\/ioutil\.TempFile$/,
  ],
  [
    'descriptor',
    /^archive\/zip\.OpenReader$|^net\.(?:Dial\w*|File(?:Conn|Listener|PacketConn)|Listen\w*)$|^\(\*net\.ListenConfig\)\.Listen(?:Packet)?$|^\(\*(?:net|crypto\/tls)\.Dialer\)\.Dial\w*$|^crypto\/tls\.(?:Dial\w*|Listen)$|^\(\*?net\.(?:TCP|Unix)?Listener\)\.Accept(?:TCP|Unix)?$/,
  ],
  ['stream', /^compress\/(?:gzip|zlib|flate)\.NewWriter\w*$/],
  ['zip', /^archive\/zip\.NewWriter$/],
];

/** What a call of the standard library returns that has to be closed; null when it returns no such thing. */
export function closerKind(file: SourceFile, call: Call): CloserKind | null {
  const name = calleeName(file, call);
  const kind = KINDS.find(([, names]) => names.test(name))?.[0] ?? null;
  // Nobody reads the end of what only counts.
  return /\bDiscard\b/.test(call.field('arguments').children[0]?.text ?? '') ? null : kind;
}

/** The file is opened to be written to, as far as its flags are seen. */
export function opensForWriting(file: SourceFile, call: Call): boolean {
  const name = calleeName(file, call);
  return /\.(?:Create|CreateTemp|TempFile)$/.test(name) || /\bO_(?:WRONLY|RDWR)\b/.test(flagsOf(file, call));
}

/** Text of the flags of an `OpenFile`. */
export function flagsOf(file: SourceFile, call: Call): string {
  const flags = call.field('arguments').children[1];
  return calleeName(file, call).endsWith('.OpenFile') ? textOf(file, flags) : '';
}

/** How an expression is spelt, and what a local variable that it names gets. */
export function textOf(file: SourceFile, expression: Node | undefined): string {
  const d = expression === undefined ? null : variable(file, expression);
  const values = d === null ? null : valuesOf(d);
  return [expression, ...(values ?? [])].map((v) => v?.text ?? '').join(' ');
}

const READERS = new RegExp(
  [
    String.raw`^fmt\.(?:Fprint|Fscan|Print|Sprint|Errorf)\w*$`,
    String.raw`^log\.(?:Fatal|Panic|Print)\w*$|^\(\*log\.Logger\)\.(?:Fatal|Panic|Print)\w*$`,
    String.raw`^(?:log\/slog\.|\(\*log\/slog\.Logger\)\.)(?:Debug|Error|Info|Log|Warn)\w*$`,
    String.raw`^io\.(?:Copy\w*|Read\w+|WriteString)$|^io\/ioutil\.ReadAll$|\)\.(?:ReadFrom|WriteTo)$`,
    String.raw`^encoding\/(?:binary\.(?:Read|Write)|pem\.Encode)$`,
    String.raw`^\(\*(?:text|html)\/template\.Template\)\.Execute(?:Template)?$`,
    String.raw`^image(?:\/(?:gif|jpeg|png))?\.(?:Decode|Encode)\w*$`,
    String.raw`^runtime\/pprof\.WriteHeapProfile$|^go\/(?:format\.Node|printer\.Fprint)$`,
    String.raw`^net\/http\.ServeContent$|^\(\*net\/http\.(?:Header|Request|Response)\)\.Write$`,
  ].join('|'),
);

const WRAPPERS = new RegExp(
  [
    String.raw`^bufio\.New(?:Reader|ReaderSize|Scanner|Writer|WriterSize)$`,
    String.raw`^encoding\/(?:gob|json|xml)\.New(?:De|En)coder$|^encoding\/csv\.New(?:Reader|Writer)$`,
    String.raw`^encoding\/(?:base32|base64|hex)\.(?:Dumper|New(?:De|En)coder)$`,
    String.raw`^io\.(?:LimitReader|MultiReader|MultiWriter|NewOffsetWriter|NewSectionReader|NopCloser|TeeReader)$`,
    String.raw`^compress\/(?:bzip2|flate|gzip|lzw|zlib)\.New(?:Reader|Writer)\w*$`,
    String.raw`^archive\/(?:tar|zip)\.New(?:Reader|Writer)$|^text\/tabwriter\.NewWriter$`,
    String.raw`^debug\/(?:elf|macho|pe)\.NewFile$`,
  ].join('|'),
);

/** Anything with a `Close`. */
export const CLOSER: Resource = {
  // The descriptor's number, and what else reaches it without the value.
  parts: new Set(['FS', 'Fd', 'NetConn', 'SyscallConn']),
  releases: new Set(['Close']),
  releaser: /close|cleanup|shutdown/i,
  reads: (name) => READERS.test(name),
  wraps: (name) => WRAPPERS.test(name),
};

/** A flate stream that is flushed may be one that never ends: the other side cuts it into messages. */
export const FLATE: Resource = { ...CLOSER, releases: new Set(['Close', 'Flush']) };
