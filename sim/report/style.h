// The report's style sheet: colours for light and dark, told apart by people who see red and green alike (the
// palette of Okabe and Ito, darkened for light ground).
#pragma once

namespace penstock {

inline constexpr const char* kReportStyle = R"css(
:root {
  --ground: #fff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --soft: #f6f8fa;
  --plain: #57606a; --good: #00704d; --aside: #0060a0; --bad: #c03a00; --warn: #8a5a00;
  --s0: #0060a0; --s1: #c03a00; --s2: #00704d; --s3: #8f3f74;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181d; --text: #e6edf3; --dim: #9aa5b1; --line: #3a424b; --soft: #1d232a;
    --plain: #9aa5b1; --good: #2fbf8f; --aside: #56b4e9; --bad: #ff7f4d; --warn: #e6a817;
    --s0: #56b4e9; --s1: #ff7f4d; --s2: #2fbf8f; --s3: #d79ac0;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 1rem; }
section { border-top: 1px solid var(--line); margin-top: 2rem; padding-top: .5rem; }
h1 { font-size: 1.6rem; margin: .5rem 0; }
h2 { font-size: 1.3rem; margin: .8rem 0 .3rem; overflow-wrap: anywhere; }
h2 small { color: var(--dim); font-weight: normal; }
h3 { font-size: 1.05rem; margin: 1.2rem 0 .3rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
a { color: var(--aside); }
.meta, figcaption, caption { color: var(--dim); font-size: .87rem; }
.reason { color: var(--bad); }
pre { background: var(--soft); padding: .5rem .7rem; margin: .4rem 0; overflow-x: auto; font-size: .85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: .4rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .2rem; }
th, td { padding: .15rem .8rem .15rem 0; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; }
thead th { color: var(--dim); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: normal; white-space: nowrap; }
tr.part th { padding-left: 1.3rem; color: var(--dim); }
.numbers td, .numbers thead th + th { text-align: right; padding-left: .8rem; }
.badge { font-size: .78rem; font-weight: 600; padding: .05rem .45rem; border: 1px solid;
  border-radius: .8rem; white-space: nowrap; }
.badge.pass { color: var(--good); } .badge.fail { color: var(--bad); }
.badge.invalid { color: var(--warn); } .badge.skip { color: var(--dim); }
details { margin: .4rem 0; } summary { cursor: pointer; color: var(--dim); }
figure { margin: .5rem 0 1rem; }
.row { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.row figure { flex: 1 1 460px; }
svg { display: block; width: 100%; height: auto; } svg.chart { max-width: 560px; }
svg text { font-size: 13px; fill: var(--text); } svg.chart text { font-size: 11.5px; fill: var(--dim); }
.flow text { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; stroke-linejoin: round; }
.n { fill: var(--dim); font-variant-numeric: tabular-nums; }
.end { text-anchor: end; } .mid { text-anchor: middle; }
rect.plain { fill: var(--plain); }
rect.good { fill: var(--good); }
rect.aside { fill: var(--aside); }
rect.bad { fill: var(--bad); }
.link { opacity: .28; } .link:hover { opacity: .6; }
.link.plain { fill: var(--plain); }
.link.good { fill: var(--good); }
.link.aside { fill: var(--aside); }
.link.bad { fill: var(--bad); }
.link.slow { fill: none; stroke: var(--good); stroke-dasharray: 4 3; opacity: .9; }
.grid { stroke: var(--line); }
.line { fill: none !important; stroke-width: 1.5; }
.s0 { fill: var(--s0); stroke: var(--s0); } .s1 { fill: var(--s1); stroke: var(--s1); }
.s2 { fill: var(--s2); stroke: var(--s2); } .s3 { fill: var(--s3); stroke: var(--s3); }
@media print { details { display: block; } }
)css";

}  // namespace penstock
