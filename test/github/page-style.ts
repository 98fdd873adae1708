/** The look of the double's pages; light or dark as the reader's system is. */
export const STYLE = `
:root{color-scheme:light dark;--fg:#1f2328;--muted:#59636e;--bg:#fff;--panel:#f6f8fa;--line:#d1d9e0;--link:#0969da;
--add:#dafbe1;--del:#ffebe9;--good:#1a7f37;--bad:#cf222e;--warn:#9a6700;--draft:#59636e;--merged:#8250df}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--muted:#9198a1;--bg:#0d1117;--panel:#151b23;--line:#3d444d;
--link:#4493f8;--add:#12361f;--del:#3c1618;--good:#3fb950;--bad:#f85149;--warn:#d29922;--draft:#9198a1;--merged:#ab7df8}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 16px 80px}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:26px;font-weight:500;margin:0 0 8px}h1 small{color:var(--muted);font-weight:400}
.muted{color:var(--muted)}
code,pre,.diff{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{background:var(--panel);padding:.15em .35em;border-radius:5px}
pre{background:var(--panel);padding:12px;border-radius:6px;overflow-x:auto}pre code{background:none;padding:0}
.state{display:inline-block;padding:4px 12px;border-radius:99px;color:#fff;background:var(--good);font-size:13px}
.state.closed{background:var(--bad)}.state.draft{background:var(--draft)}.state.merged{background:var(--merged)}
nav{display:flex;gap:4px;border-bottom:1px solid var(--line);margin:20px 0}
nav a{padding:8px 14px;color:var(--fg);border:1px solid transparent;border-bottom:0;border-radius:6px 6px 0 0}
nav a[aria-current]{border-color:var(--line);background:var(--bg);margin-bottom:-1px;font-weight:600}
.count{background:var(--panel);border-radius:99px;padding:0 7px;font-size:12px;color:var(--muted)}
.box{border:1px solid var(--line);border-radius:6px;margin:0 0 16px;overflow:hidden}
.head{background:var(--panel);border-bottom:1px solid var(--line);padding:8px 14px;display:flex;gap:8px;align-items:baseline;flex-wrap:wrap}
.body{padding:12px 14px;overflow-wrap:anywhere}.body>:first-child{margin-top:0}.body>:last-child{margin-bottom:0}
.tag{border:1px solid var(--line);border-radius:99px;padding:0 8px;font-size:12px;color:var(--muted)}
.tag.bad{color:var(--bad);border-color:currentColor}.tag.good{color:var(--good);border-color:currentColor}
.tag.warn{color:var(--warn);border-color:currentColor}
.push{margin-left:auto}
table{border-collapse:collapse}.body table td,.body table th{border:1px solid var(--line);padding:4px 10px}
blockquote{margin:0 0 12px;padding:0 12px;border-left:4px solid var(--line);color:var(--muted)}
blockquote.alert{color:inherit}.alert.warning,.alert.caution{border-color:var(--warn)}.alert.note,.alert.tip,.alert.important{border-color:var(--link)}
.diff{width:100%}.diff td{padding:0 10px;white-space:pre-wrap;overflow-wrap:anywhere;vertical-align:top}
.diff td.n{width:1%;min-width:44px;text-align:right;color:var(--muted);user-select:none;white-space:nowrap}
.diff tr.add,.suggestion .add,pre .add{background:var(--add)}.diff tr.del,.suggestion .del,pre .del{background:var(--del)}
.diff tr.hunk td{background:var(--panel);color:var(--muted)}
.diff tr.talk td{padding:10px 14px;white-space:normal;font:15px/1.5 system-ui,sans-serif;border-block:1px solid var(--line)}
.talk .box,.thread .box{margin:0 0 8px;background:var(--bg)}
.suggestion{border:1px solid var(--line);border-radius:6px;overflow:hidden;margin-bottom:12px}
.suggestion pre{margin:0;padding:0;border-radius:0}.suggestion .add,.suggestion .del{padding:0 12px;white-space:pre-wrap}
.caption{padding:6px 12px;background:var(--panel);border-bottom:1px solid var(--line);font-size:13px;color:var(--muted)}
.thread{border:1px solid var(--line);border-radius:6px;margin:0 0 12px;padding:0 0 4px}.thread>pre{margin:0 0 8px;border-radius:0}
.thread>.box{margin:8px}.minimized>summary{padding:8px 14px;color:var(--muted);cursor:pointer}
.reactions{display:flex;gap:6px;padding:0 14px 10px}
.annotation{border-left:4px solid var(--line);padding:6px 12px;margin:0 0 10px}
.annotation.failure{border-color:var(--bad)}.annotation.warning{border-color:var(--warn)}.annotation.notice{border-color:var(--link)}
.annotation p{margin:2px 0;white-space:pre-wrap;overflow-wrap:anywhere}
.button{border:1px solid var(--line);border-radius:6px;padding:2px 10px;font-size:13px;background:var(--panel)}
`;
