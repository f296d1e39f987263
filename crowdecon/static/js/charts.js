// Draws every [data-chart] of the page from the JSON beside it. The charts' script is fetched by the first one.
import { options } from "./chart-options.js";

const drawn = new Map();
let script;

function load(address) {
  script ??= new Promise((resolve, reject) => {
    const tag = document.createElement("script");
    tag.src = address;
    tag.onload = () => resolve(window.echarts);
    tag.onerror = reject;
    document.head.append(tag);
  });
  return script;
}

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const chart = drawn.get(target);
    if (!chart || !target.clientWidth) continue;
    chart.resize();
    chart.setOption(options(target, read(target)));
  }
});

function read(place) {
  return JSON.parse(document.getElementById(place.dataset.chart).textContent);
}

async function draw(place) {
  if (drawn.has(place)) return;
  drawn.set(place, null);
  const echarts = await load(place.dataset.script);
  const chart = echarts.init(place, null, { renderer: "canvas" });
  chart.setOption(options(place, read(place)));
  drawn.set(place, chart);
  resized.observe(place);
}

function drawAll() {
  for (const [place, chart] of drawn) {
    if (place.isConnected) continue;
    chart?.dispose();
    resized.unobserve(place);
    drawn.delete(place);
  }
  for (const place of document.querySelectorAll("[data-chart]")) draw(place);
}

function again() {
  for (const [place, chart] of drawn) chart?.setOption(options(place, read(place)), true);
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme", "data-type"] });
document.addEventListener("htmx:load", drawAll);
drawAll();
