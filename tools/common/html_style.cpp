// SPDX-License-Identifier: MIT
#include "common/html_style.h"

namespace vitrine::tools {

const char* const kHtmlStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f5f4f0; --card: #ffffff; --mat: #ffffff; --ink: #1d2025; --quiet: #666b74; --line: #e2e0d9;
  --accent: #b3432b; --bar: #b3432b; --track: #ebe8e1;
  --shadow: 0 1px 2px rgb(30 25 15 / 6%), 0 6px 18px rgb(30 25 15 / 6%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161a; --card: #1d2026; --mat: #ffffff; --ink: #eceae5; --quiet: #9ba0aa; --line: #2e323a;
    --accent: #f0876c; --bar: #e0704f; --track: #2e323a;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 6px 18px rgb(0 0 0 / 25%);
  }
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, header, footer { max-width: 1320px; margin: 0 auto; padding: 0 28px; }
header { padding-top: 30px; padding-bottom: 18px; display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 14px; }
h1 { font-size: 21px; font-weight: 650; letter-spacing: -.01em; }
h1::before { content: ""; display: inline-block; width: 11px; height: 11px; margin-right: 10px; border: 3px solid var(--accent); }
header p, footer { color: var(--quiet); font-size: 13.5px; }
footer { padding-top: 6px; padding-bottom: 34px; }
.query { display: grid; grid-template-columns: minmax(240px, 320px) minmax(0, 1fr); gap: 28px; padding: 26px 0; border-top: 1px solid var(--line); align-items: start; }
.photo { background: var(--card); border-radius: 12px; box-shadow: var(--shadow); overflow: hidden; position: sticky; top: 18px; }
.frame { position: relative; background: var(--mat); }
.frame img { display: block; width: 100%; height: auto; }
.frame svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.outside { fill: rgb(15 17 20 / 45%); fill-rule: evenodd; }
.region { fill: none; stroke: #fff; stroke-width: 2.5px; vector-effect: non-scaling-stroke; }
.region.edge { stroke: rgb(0 0 0 / 55%); stroke-width: 4.5px; }
.tag { min-width: 22px; padding: 0 6px; border-radius: 11px; background: #b3432b; color: #fff; font-size: 12.5px; font-weight: 600; line-height: 22px; text-align: center; display: inline-block; }
.frame .tag { position: absolute; transform: translate(-4px, -4px); }
.groups { display: grid; gap: 14px; }
.groups .hits { margin-bottom: 14px; }
h3 { font-size: 14px; font-weight: 600; display: flex; gap: 9px; align-items: center; }
.about { padding: 14px 16px 16px; }
h2 { font-size: 15px; font-weight: 600; overflow-wrap: anywhere; }
.about p, .quiet { color: var(--quiet); font-size: 13px; }
dl { margin-top: 12px; display: grid; grid-template-columns: minmax(0, 1fr) 5em 3.2em; gap: 5px 10px; align-items: center; font-size: 13px; }
dt { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
dd { font-variant-numeric: tabular-nums; text-align: right; color: var(--quiet); }
.bar { display: block; height: 6px; border-radius: 3px; background: var(--track); overflow: hidden; }
.bar i { display: block; height: 100%; border-radius: 3px; background: var(--bar); }
.hits { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(168px, 1fr)); gap: 18px; }
.hit { background: var(--card); border-radius: 12px; box-shadow: var(--shadow); overflow: hidden; display: flex; flex-direction: column; }
.picture { position: relative; aspect-ratio: 1; background: var(--mat); border-bottom: 1px solid var(--line); }
.picture img { position: absolute; inset: 0; width: 100%; height: 100%; object-fit: contain; padding: 10px; }
.missing { position: absolute; inset: 0; padding: 40px 12px 12px; color: #6b6862; font-size: 12px; line-height: 1.4; overflow: hidden; overflow-wrap: anywhere; background: repeating-linear-gradient(45deg, rgb(0 0 0 / 0%) 0 9px, rgb(0 0 0 / 5%) 9px 18px); }
.rank { position: absolute; z-index: 1; left: 9px; top: 9px; min-width: 24px; padding: 0 7px; border-radius: 12px; background: #1d2025; color: #fff; font-size: 12.5px; font-weight: 600; line-height: 24px; text-align: center; font-variant-numeric: tabular-nums; }
.hit:first-child .rank { background: #b3432b; }
.text { padding: 10px 13px 13px; display: flex; flex-direction: column; gap: 5px; flex: 1; }
.product { font-weight: 600; font-size: 14px; line-height: 1.35; overflow-wrap: anywhere; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.category { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
.score { margin-top: auto; padding-top: 4px; display: grid; grid-template-columns: 1fr auto; gap: 10px; align-items: center; font-size: 13px; font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) { .picture { filter: brightness(.92); border-bottom: 0; } }
@media (max-width: 720px) {
  main, header, footer { padding-left: 16px; padding-right: 16px; }
  .query { grid-template-columns: minmax(0, 1fr); gap: 18px; }
  .photo { position: static; }
  .hits { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 12px; }
}
@media print {
  .photo { position: static; } .photo, .hit { box-shadow: none; border: 1px solid var(--line); break-inside: avoid; }
}
)css";

}  // namespace vitrine::tools
