// From neutral data to the charts' own options, in the colours and letters of the page it stands on.

function theme(place) {
  const style = getComputedStyle(place);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    font: style.fontFamily,
    ink: token("--ink"), soft: token("--ink-3"), line: token("--line"), surface: token("--surface"),
    roles: {
      accent: token("--accent"), "accent-2": token("--accent-2"), quiet: token("--quiet-bar"), paper: token("--line"),
      strong: token("--line-strong"),
    },
  };
}

function writer(format) {
  const lang = document.documentElement.lang || "en";
  const given = format === "percent" ? { style: "percent", maximumFractionDigits: 1 } : { maximumFractionDigits: 2 };
  const exact = new Intl.NumberFormat(lang, given);
  const brief = new Intl.NumberFormat(lang, format === "percent" ? given : { notation: "compact", maximumFractionDigits: 1 });
  return {
    exact: (value) => (value === null || value === undefined ? "\u2013" : exact.format(Math.abs(value))),
    brief: (value) => brief.format(Math.abs(value)),
  };
}

// A band is two lines that stand on one another, the lower of them unseen; what is pointed at is told of their sum.
function band(line, look) {
  const common = { type: "line", stack: line.name, stackStrategy: "all", symbol: "none", silent: true, lineStyle: { opacity: 0 }, emphasis: { disabled: true } };
  const height = line.values.map((value, i) => (value === null ? null : value - line.low[i]));
  return [{ ...common, name: "", data: line.low },
    { ...common, name: line.name, data: height, color: look.roles[line.role], areaStyle: { color: look.roles[line.role], opacity: 0.22 } }];
}

function series(line, look, count, last) {
  const colour = look.roles[line.role];
  const common = { name: line.name, data: line.values, color: colour, stack: line.stack || undefined };
  if (line.mark === "bar") {
    return { ...common, type: "bar", barMaxWidth: 28, barCategoryGap: count > 40 ? "12%" : "28%",
      itemStyle: { borderRadius: line.stack ? 0 : [3, 3, 0, 0] }, emphasis: { disabled: true } };
  }
  return { ...common, type: "line", connectNulls: false, showSymbol: count < 3, symbol: "circle", symbolSize: 6,
    lineStyle: { width: 2, color: colour }, emphasis: { disabled: true },
    areaStyle: last ? { color: colour, opacity: 0.09, origin: "start" } : undefined };
}

export function options(place, data) {
  const look = theme(place);
  const write = writer(data.format);
  const count = data.labels.length;
  const wide = place.clientWidth > 520;
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const letters = { color: look.soft, fontFamily: look.font, fontSize: 12 };
  // Bars need room at both ends; a line alone begins at the edge.
  const lines = data.series.every((line) => line.mark !== "bar");
  const drawn = data.series.filter((line) => line.mark !== "band");
  const told = (place) => data.series.filter((line) => line.values[place] !== null).map((line) =>
    `${line.name}  ${line.mark === "band" ? `${write.exact(line.low[place])} \u2013 ` : ""}${write.exact(line.values[place])}`);
  return {
    animation: !still, animationDuration: 350,
    textStyle: { fontFamily: look.font },
    grid: { left: 4, right: 12, top: 12, bottom: data.axis ? 26 : 4, containLabel: true },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: look.surface, borderColor: look.line, borderWidth: 1, padding: [8, 12],
      textStyle: { color: look.ink, fontFamily: look.font, fontSize: 13 },
      axisPointer: lines ? { type: "line", lineStyle: { color: look.line, type: "solid" } } : { type: "shadow", shadowStyle: { color: look.line, opacity: 0.35 } },
      formatter: (points) => [data.names[points[0].dataIndex], ...(drawn.length < data.series.length ? told(points[0].dataIndex)
        : points.map((point) => `${point.seriesName}  ${write.exact(point.value)}`))].join("\n"),
    },
    xAxis: {
      type: "category", data: data.labels, boundaryGap: !lines, name: data.axis, nameLocation: "middle", nameGap: 30, nameTextStyle: letters,
      axisLine: { lineStyle: { color: look.line } }, axisTick: { show: false },
      axisLabel: { ...letters, hideOverlap: true, margin: 10, alignMinLabel: lines ? "left" : undefined, alignMaxLabel: lines ? "right" : undefined },
    },
    yAxis: {
      type: "value", splitNumber: wide ? 4 : 3, minInterval: data.format === "percent" ? undefined : 1,
      axisLabel: { ...letters, formatter: write.brief }, splitLine: { lineStyle: { color: look.line, width: 1 } },
    },
    // Where there is a band, no line has an area of its own.
    series: data.series.flatMap((line, i) => (line.mark === "band" ? band(line, look)
      : series(line, look, count, i === 0 && lines && drawn.length === data.series.length))),
  };
}
