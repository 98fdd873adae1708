/** Files that cost more than they are worth, each by name: what a hostile or a generated pull request may bring. */
export const DEAR: Readonly<Record<string, () => string>> = {
  '100,000 nested parentheses': () => `package p\n\nvar x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}\n`,
  '5 MB of one expression': () => `package p\n\nvar x = 1${'+1'.repeat(2_500_000)}\n`,
  '1 MB of elements': () => `package p\n\nvar x = []int{${'1,'.repeat(500_000)}}\n`,
  'brackets that read in many ways': () => `package p\n\nfunc f() {${'a[b['.repeat(200_000)}`,
  '2 MB of nested closures': () =>
    `package p\n\nfunc f() {\n${'g(func() { x := 1; _ = x\n'.repeat(60_000)}${'})\n'.repeat(60_000)}}\n`,
  'closures in 150 levels': () =>
    `package p\n\nfunc f() {\n${'g(func() { x := 1; _ = x\n'.repeat(150)}${'h(x, x, y, y)\n'.repeat(10_000)}${'})\n'.repeat(150)}}\n`,
  '20,000 functions': () => functions(20_000),
  '8,000 functions': () => functions(8_000),
  '50,000 identical lines': () =>
    `package p\n\nimport "net/http"\n\nfunc f() {\n${'\tresp, err := http.Get("x")\n'.repeat(50_000)}}\n`,
  '10,000 identical lines': () =>
    `package p\n\nimport "net/http"\n\nfunc f() {\n${'\tresp, err := http.Get("x")\n'.repeat(10_000)}}\n`,
  'a function with 20,000 ifs': () =>
    `package p\n\nimport ("context"; "net/http")\n\nfunc f(c context.Context, a int) error {\n\tc, cancel := context.WithCancel(c)\n\tresp, err := http.Get("x")\n${lines(20_000, (i) => `\tif a == ${i} { g(c, resp, err) }`)}\tcancel()\n\treturn nil\n}\n`,
};

function functions(count: number): string {
  return `package p\n\nimport "context"\n\n${lines(count, (i) => `func f${i}(c context.Context) { c, stop := context.WithCancel(c); _ = c; stop() }`)}`;
}

function lines(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
}
