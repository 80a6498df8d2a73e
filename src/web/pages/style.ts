import { createHash } from "node:crypto";
import { LOG_STYLE } from "./log-style.ts";

/** The one stylesheet. Colours keep 4.5:1 for text and 3:1 for edges of fields, on both grounds. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--raised:#f4f5f7;--text:#1b1f24;--minor:#545b66;--edge:#d5d9df;--field:#7b8490;--link:#0b57b0;--focus:#0b57b0;--good:#0f6b34;--good-g:#e3f5e9;--warn:#7d4b00;--warn-g:#fdf0d5;--bad:#a8141e;--bad-g:#fde8e8;--note:#1f4f8f;--note-g:#e5effb;--on:#fff;--s0:#0b57b0;--s1:#a14a00;--s2:#0f6b34;--s3:#8a2a8f;--s4:#545b66;--s5:#a8141e}
@media (prefers-color-scheme:dark){:root{--ground:#14171b;--raised:#1d2127;--text:#e8eaed;--minor:#a9b1bc;--edge:#373d46;--field:#7d8794;--link:#86b7ff;--focus:#ffd166;--good:#7fdca0;--good-g:#12301d;--warn:#ffcd75;--warn-g:#3a2a08;--bad:#ff9a9a;--bad-g:#42161a;--note:#9dc4ff;--note-g:#162c4a;--on:#14171b;--s0:#86b7ff;--s1:#ffb86b;--s2:#7fdca0;--s3:#e3a3ff;--s4:#a9b1bc;--s5:#ff9a9a}}
*{box-sizing:border-box}
html{font:16px/1.5 system-ui,sans-serif;background:var(--ground);color:var(--text);-webkit-text-size-adjust:100%}
body{margin:0}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.skip{position:absolute;left:-999px;top:0;background:var(--ground);padding:.5rem;z-index:1}
.skip:focus{left:0}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;padding:.5rem 1rem;background:var(--raised);border-bottom:1px solid var(--edge)}
.mark{font-weight:700;text-decoration:none;color:var(--text);padding:.35rem 0}
nav ul{display:flex;flex-wrap:wrap;gap:0 .25rem;list-style:none;margin:0;padding:0}
nav li a{display:block;padding:.45rem .5rem;text-decoration:none;border-radius:4px}
nav a[aria-current]{font-weight:700;text-decoration:underline}
.who{display:flex;gap:.75rem;align-items:center;margin-left:auto;overflow-wrap:anywhere}
main{max-width:80rem;margin:0 auto;padding:1rem}
main:focus{outline:none}
h1{font-size:1.35rem;margin:.25rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
h3{font-size:1rem;overflow-wrap:anywhere}
.minor,.empty,.may-not{color:var(--minor)}
code,pre{font:.9em/1.45 ui-monospace,monospace;overflow-wrap:anywhere}
pre{overflow:auto;max-height:32rem;background:var(--raised);border:1px solid var(--edge);border-radius:4px;padding:.6rem;white-space:pre-wrap}
pre.log{white-space:pre}
.l[hidden],.filter[hidden]{display:none}
.follow{display:flex;gap:.4rem;align-items:center;min-height:2.75rem}
.follow input{min-height:0;width:1.25rem;height:1.25rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.badge{display:inline-block;padding:0 .45rem;border-radius:999px;border:1px solid currentColor;font-size:.85rem;font-weight:600;white-space:nowrap}
.badge.good{color:var(--good);background:var(--good-g)}
.badge.warn{color:var(--warn);background:var(--warn-g)}
.badge.bad{color:var(--bad);background:var(--bad-g)}
.badge.note{color:var(--note);background:var(--note-g)}
.totals{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;padding:0;margin:0 0 1rem}
.totals a{display:block;padding:.3rem .6rem;border:1px solid var(--edge);border-radius:6px;text-decoration:none;color:var(--text)}
.totals a[aria-current]{border:2px solid var(--link)}
.filter{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;margin-bottom:1rem}
.field{display:flex;flex-direction:column;gap:.15rem;font-size:.9rem;min-width:0}
input,select,button{font:inherit;color:var(--text);background:var(--ground);border:1px solid var(--field);border-radius:5px;padding:.45rem .6rem;min-height:2.75rem;max-width:100%}
button{cursor:pointer;font-weight:600;background:var(--raised)}
button.first{background:var(--good);border-color:var(--good);color:var(--on)}
button.grave{border-color:var(--bad);color:var(--bad)}
button.quiet{font-weight:400}
.acts{display:grid;gap:1rem;margin-bottom:1rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr))}
.act{border:1px solid var(--edge);border-radius:6px;padding:.75rem;display:flex;flex-direction:column;gap:.5rem}
.act p{margin:0}
.act button{margin-top:auto}
.ends{display:grid;gap:.5rem;grid-template-columns:repeat(2,minmax(0,1fr));max-width:40rem;margin:0 0 1rem}
.ends .act{padding:.5rem}
.ends p{font-size:.85rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-bottom:1px solid var(--edge)}
th{font-size:.85rem;color:var(--minor)}
td{overflow-wrap:anywhere}
.facts{display:grid;gap:.4rem 1.5rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr));margin:0 0 1rem}
.facts dt{font-size:.85rem;color:var(--minor)}
.facts dd{margin:0;overflow-wrap:anywhere}
.states{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,15rem),1fr))}
.states h2,.states pre{margin:0 0 .25rem}
.states h2{font-size:.95rem}
.pager{display:flex;gap:1rem;padding:1rem 0}
.pager a,summary{display:inline-block;padding:.4rem 0}
summary{display:list-item;cursor:pointer;overflow-wrap:anywhere}
.resource,.module{border-left:3px solid var(--edge);padding-left:.75rem;margin:.25rem 0}
.diff{list-style:none;padding-left:0}
.diff li{overflow-wrap:anywhere;padding:.15rem 0}
del{color:var(--bad);background:var(--bad-g);text-decoration:none}
ins{color:var(--good);background:var(--good-g);text-decoration:none}
del::before{content:"− "}ins::before{content:"+ "}
.steps{padding-left:1.25rem}
.failure{border-left:4px solid var(--bad);padding-left:1rem}
.charts{display:grid;gap:1.5rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr))}
.chart{margin:0;min-width:0}
.chart svg{width:100%;height:auto;display:block}
.chart text{font-size:12px;fill:var(--minor)}
.chart .grid{stroke:var(--edge)}
.legend{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;margin:0;padding:0;font-size:.9rem}
.chart .legend .key{width:.8em;height:.8em;display:inline-block}
.s0{fill:var(--s0);stroke:var(--s0)}.s1{fill:var(--s1);stroke:var(--s1)}.s2{fill:var(--s2);stroke:var(--s2)}.s3{fill:var(--s3);stroke:var(--s3)}.s4{fill:var(--s4);stroke:var(--s4)}.s5{fill:var(--s5);stroke:var(--s5)}
.line polyline{fill:none;stroke-width:2}
.line.s1 polyline{stroke-dasharray:6 3}
.pager a[aria-current]{font-weight:700}
.answer{white-space:pre-wrap;overflow-wrap:anywhere}
@media (max-width:48rem){
.chart text{font-size:18px}
.states{gap:.25rem}
.states section{display:grid;grid-template-columns:6.5rem minmax(0,1fr);align-items:center;gap:.5rem}
.states pre{max-height:9rem;padding:.35rem .6rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody,tr,td{display:block}
tr{border:1px solid var(--edge);border-radius:6px;padding:.5rem .75rem;margin-bottom:.75rem}
td{border:0;padding:.1rem 0;display:grid;grid-template-columns:6.5rem minmax(0,1fr);gap:.5rem}
td.void{display:none}
td::before{content:attr(data-name);color:var(--minor);font-size:.85rem}
.field,.filter button{flex:1 1 9rem}
}
@media (prefers-reduced-motion:no-preference){button,a{transition:background-color .1s}}
${LOG_STYLE}`;

export const STYLE_URL = `/assets/${createHash("sha256").update(STYLE).digest("hex").slice(0, 16)}.css`;
