"""The page's style sheet: light, calm, and fit to print."""

CSS = """
:root { color-scheme: light; --ink: #1c2430; --soft: #5d6776; --line: #e2e6eb; --paper: #f6f7f9; --card: #fff;
  --train: #3f74b5; --val: #e2a62f; --test: #55a583; --none: #ccd2da;
  --good: #3d9467; --fair: #dba636; --poor: #c4655c; --quiet: #b4bcc8; --accent: #3f74b5; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Noto Sans KR", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", sans-serif;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
main { max-width: 1240px; margin: 0 auto; padding: 32px 28px 64px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.01em; }
h2 { font-size: 19px; margin: 0 0 10px; }
h3 { font-size: 13px; margin: 0 0 6px; }
p { margin: 0 0 10px; max-width: 78ch; }
ul { margin: 0 0 10px; padding-left: 20px; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
code { unicode-bidi: isolate; }
.muted { color: var(--soft); }
.under { display: block; font-size: 12px; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: flex-end; gap: 12px; }
header p { margin: 0; }
.verdict { display: inline-block; border: 1px solid; border-radius: 999px; padding: 3px 12px; margin: 2px 0 2px 6px;
  background: var(--card); }
.verdict.ok, .v-passed { color: #1f6b46; }
.verdict.bad, .v-failed { color: #a3322a; font-weight: 600; }
.v-not_applicable { color: var(--soft); }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 14px 0 18px; padding-top: 12px;
  border-top: 1px solid var(--line); }
nav a { color: var(--accent); text-decoration: none; }
nav a:hover { text-decoration: underline; }
section, .tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
section { padding: 20px 22px; margin: 0 0 18px; overflow-wrap: break-word; }
figcaption, .examples, .checks { overflow-wrap: anywhere; }
section > :last-child { margin-bottom: 0; }
.attention { border-color: #ecd9ac; background: #fffaee; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(250px, 1fr)); gap: 14px; margin-bottom: 18px; }
.tile { padding: 16px 18px; display: flex; flex-direction: column; }
.tile p { margin: 0 0 8px; }
.tile .figure { font-size: 30px; line-height: 1.15; font-weight: 650; margin: 0; font-variant-numeric: tabular-nums; }
.tile h3 { color: var(--soft); font-weight: 600; }
.bar { display: flex; height: 12px; border-radius: 4px; overflow: hidden; background: #eef0f3; margin: 2px 0 8px; }
td .bar { margin: 3px 0; background: none; border-radius: 2px; }
.seg { display: block; height: 100%; min-width: 1px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 14px; padding: 0; font-size: 12.5px;
  margin: 0 0 8px; }
.tile .legend { margin: 0; }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
.c-train { background: var(--train); fill: var(--train); } .c-val { background: var(--val); fill: var(--val); }
.c-test { background: var(--test); fill: var(--test); } .c-none { background: var(--none); fill: var(--none); }
.c-kept { background: var(--train); fill: var(--train); } .c-dropped { background: #e0aaa4; fill: #e0aaa4; }
.c-high, .c-confirmed { background: var(--good); fill: var(--good); }
.c-medium { background: var(--fair); fill: var(--fair); }
.c-low, .c-rejected { background: var(--poor); fill: var(--poor); }
.c-corrected { background: var(--train); fill: var(--train); }
.c-unreviewed { background: var(--quiet); fill: var(--quiet); }
.columns { display: grid; gap: 18px 32px; margin-bottom: 12px; }
.columns > * { min-width: 0; }
.columns.two { grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); }
.columns.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); }
.scroll { overflow-x: auto; margin-bottom: 12px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); }
th { font-size: 12px; color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody tr:last-child > * { border-bottom: 0; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding-left: 6px; }
th.num { white-space: normal; }
.sub { color: var(--soft); font-size: 12.5px; }
.wide { min-width: 150px; }
.categories td { vertical-align: middle; overflow-wrap: normal; }
.categories td:first-child { min-width: 190px; }
.categories .wide { width: 30%; }
.reasons .wide { width: 26%; }
.examples { min-width: 280px; width: 38%; padding-left: 22px; }
.examples ul { font-size: 12.5px; }
.examples ul { margin: 0; padding: 0; list-style: none; }
.checks { font-size: 13px; }
.checks td { overflow-wrap: normal; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 14px; }
.card { margin: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: #fff;
  break-inside: avoid; display: flex; flex-direction: column; }
.card svg { display: block; width: 100%; height: auto; background: #eceef1; }
.card figcaption { padding: 9px 11px 8px; font-size: 12.5px; display: flex; flex-direction: column; flex: 1; }
.card p { margin: 0 0 5px; }
.card .names { list-style: none; margin: 0 0 6px; padding: 0; }
.card .names code, .card .id { font-size: 11px; color: var(--soft); }
.card .why { color: #8c3a32; font-size: 12px; line-height: 1.4; }
.card .id { margin: auto 0 0; line-height: 1.3; word-break: break-all; }
.whole { white-space: nowrap; }
.gone { border-color: #e6c3bf; }
.gone svg { filter: saturate(.55); }
.badge { display: inline-block; border-radius: 4px; padding: 0 6px; margin: 0 4px 3px 0; font-size: 11.5px;
  background: #eceff3; color: #3c4654; }
.g-high, .r-confirmed { background: #dff1e7; color: #1b5e3d; }
.g-medium { background: #fbf0d3; color: #6f4f07; }
.g-low, .r-rejected, .dropped { background: #f8e1de; color: #8c2f26; }
.r-corrected, .s-train { background: #e1ebf7; color: #234f85; }
.s-val { background: #fbf0d3; color: #6f4f07; } .s-test { background: #dcefe6; color: #1d5f46; }
.flag { background: #fff; box-shadow: inset 0 0 0 1px #d9b3ae; color: #8c3a32; }
.box { fill: none; stroke-width: 2; } .halo { fill: none; stroke: #fff; stroke-opacity: .75; stroke-width: 4; }
.name { fill: #fff; font-weight: 600; } rect.broken { fill: #dde1e6; }
text.broken { fill: var(--soft); font-size: 12px; }
.chart { display: block; width: 100%; max-width: 680px; height: auto; }
.axis line { stroke: var(--line); } .axis text { fill: var(--soft); font-size: 11px; }
.mark { stroke: #7c8694; stroke-dasharray: 3 3; } text.mark { stroke: none; fill: var(--soft); font-size: 10.5px; }
.area { fill: var(--accent); opacity: .12; } .line { fill: none; stroke: var(--accent); stroke-width: 2; }
.dots { fill: var(--accent); }
.gauge { display: block; width: 100%; height: 12px; background: #eef0f3; border-radius: 3px; margin: 4px 0; }
.gauge .filled { fill: var(--train); } .gauge line { vector-effect: non-scaling-stroke; }
.gauge .known { stroke: var(--ink); stroke-width: 1.5; opacity: .7; }
.gauge .wanted { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 3 2; }
.kpis .verdict { margin-left: 0; } .verdict.none { color: var(--soft); }
.rates td, .pairs td { vertical-align: middle; } .rates .wide { min-width: 110px; width: 40%; }
.samples { min-width: 250px; } .sample { display: inline-block; margin: 0 6px 4px 0; vertical-align: top; }
.sample svg { display: block; border-radius: 4px; }
.two-photos { display: flex; justify-content: center; gap: 6px; padding: 8px 4px 0; }
.up { color: #1f6b46; } .down { color: #a3322a; }
.parameters { columns: 3 220px; column-gap: 28px; margin-bottom: 10px; }
.parameter { break-inside: avoid; margin-bottom: 16px; }
.parameter th, .parameter td { padding: 3px 8px 3px 0; font-weight: 400; font-size: 12.5px; vertical-align: top; }
.parameter td { text-align: right; padding-right: 0; color: var(--ink); font-variant-numeric: tabular-nums; }
details summary { cursor: pointer; color: var(--accent); }
details p { margin-top: 8px; max-width: none; color: var(--soft); }
pre { white-space: pre-wrap; background: var(--paper); border-radius: 6px; padding: 14px; font-size: 12px;
  line-height: 1.5; }
@media (max-width: 900px) { main { padding: 20px 14px 40px; } section { padding: 16px; }
  .sheet { grid-template-columns: repeat(auto-fill, minmax(190px, 1fr)); gap: 10px; }
  th, td { padding-right: 7px; } .num { padding-left: 2px; } .categories td, .sub { font-size: 12px; }
  .rates .wide { min-width: 70px; } .samples { min-width: 110px; }
  .categories td:first-child { min-width: 130px; } .categories .wide { min-width: 70px; width: auto; }
  .wide { min-width: 110px; } .examples { min-width: 200px; padding-left: 10px; } }
@media print { body { background: #fff; font-size: 11px; } main { max-width: none; padding: 0; } nav { display: none; }
  section, .tile { border-color: #ccd1d8; padding: 10px 12px; } h2, h3 { break-after: avoid; }
  tr { break-inside: avoid; } .tiles { grid-template-columns: repeat(4, 1fr); gap: 8px; }
  .tile .figure { font-size: 20px; } .tile .legend { display: block; }
  .sheet { gap: 7px; } .card figcaption { padding: 5px 6px; }
  th, td { padding: 3px 5px 3px 0; } .num { padding-left: 2px; } .categories td, .categories th { font-size: 9px; }
  .categories td:first-child { min-width: 110px; } .categories .wide { min-width: 60px; width: auto; }
  .wide { min-width: 90px; } .examples { min-width: 150px; padding-left: 8px; }
  .under, .examples ul { font-size: 9.5px; }
  .scroll { overflow: visible; } .badge, .card figcaption { font-size: 9.5px; }
  .sheet { grid-template-columns: repeat(5, 1fr); } @page { margin: 14mm; } }
.changed { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 460px), 1fr)); gap: 22px; }
.changed figure { margin: 0; } .then-now { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin: 0 0 4px; }
.changed svg { width: 100%; height: auto; display: block; }
"""
