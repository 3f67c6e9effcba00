"""Style sheet and scripts of our HTML pages."""

STYLE = """
:root { color-scheme: light; }
body { font: 14px/1.45 Helvetica, Arial, sans-serif; color: #333; background: #fff; margin: 0 auto;
  max-width: 1280px; padding: 16px 24px 48px; }
h1 { font-size: 24px; margin: 8px 0 4px; }
h2 { font-size: 18px; margin: 32px 0 4px; border-top: 1px solid #ddd; padding-top: 16px; }
p { margin: 4px 0 10px; max-width: 110ch; }
p.warning { background: #fdf0e7; border-left: 4px solid #D55E00; padding: 8px 12px; }
footer { color: #666; border-top: 1px solid #ddd; margin-top: 32px; padding-top: 8px; }
table { border-collapse: collapse; margin: 6px 0 14px; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 3px 16px 3px 0; border-bottom: 1px solid #eee; vertical-align: top; }
th { border-bottom: 1px solid #999; vertical-align: bottom; }
td:first-child { white-space: nowrap; }
th.number, td.number { text-align: right; }
table.sortable th { cursor: pointer; }
table.sortable th:hover { color: #0072B2; }
tr.marked td { background: #fdf0e7; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 10px 24px;
  margin: 14px 0; }
dt { color: #666; font-size: 12px; }
dd { margin: 0; font-size: 17px; overflow-wrap: anywhere; }
div.wide { overflow-x: auto; }
a { color: #0072B2; }
@page { size: A4; margin: 12mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h2 + p, h2 + p + p, dt, th { break-after: avoid; }
  h2 { margin-top: 18px; }
  div.figure, tr, dl, p { break-inside: avoid; }
  div.wide { overflow: visible; }
  table { font-size: 7.5pt; }
  th, td { padding: 2px 8px 2px 0; }
  thead { display: table-header-group; }
  p.warning, tr.marked td, div.figure { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .modebar-container { display: none !important; }
}
"""

# plotly.js travels compressed (1.8 instead of 4.6 MB a page); `eval` outside a scope gives window.Plotly
DRAW = """
(async () => {
  const holders = [...document.querySelectorAll("div.figure")];
  try {
    const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent), c => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    (0, eval)(await new Response(stream).text());
  } catch (error) {
    holders.forEach(holder => holder.textContent = "The figures need a browser of 2023 or newer.");
    throw error;
  }
  for (const holder of holders) {
    const figure = JSON.parse(document.getElementById(holder.id + "-data").textContent);
    await Plotly.newPlot(holder, figure.data, figure.layout, {responsive: true, displaylogo: false});
  }
})();
// paper is narrower than the screen: draw again for it, and again for the screen
const PAPER = 690;
const fit = width => document.querySelectorAll("div.figure").forEach(holder => {
  if (window.Plotly && holder.data) Plotly.relayout(holder, {width: width, autosize: !width});
});
window.addEventListener("beforeprint", () => fit(PAPER));
window.addEventListener("afterprint", () => fit(null));
"""

# numbers by value, words by alphabet, what is not known always last
SORT = """
for (const head of document.querySelectorAll("table.sortable th")) head.addEventListener("click", () => {
  const body = head.closest("table").tBodies[0], place = head.cellIndex;
  const turn = head.dataset.turn === "1" ? -1 : 1;
  head.dataset.turn = turn;
  const keys = new Map([...body.rows].map(row => [row, row.cells[place].textContent]));
  const compare = (p, q) => {
    if (p === "" || q === "") return (p === "") - (q === "");
    const x = Number(p.replaceAll(",", "")), y = Number(q.replaceAll(",", ""));
    return turn * (isNaN(x) || isNaN(y) ? p.localeCompare(q, undefined, {numeric: true}) : x - y);
  };
  [...body.rows].sort((a, b) => compare(keys.get(a), keys.get(b))).forEach(row => body.append(row));
});
"""
