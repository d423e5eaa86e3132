import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';
import { align, type ChartModel, type LineStyle, loadRange } from '@/lib/chart_model';
import { subscribePreferences } from '@/lib/preferences';
import { formatDayClock, formatMarks, type Zone, zoneName } from '@/lib/time';
import { formatNumber, formatPower } from '@/lib/units';

interface Props {
  /** what the chart shows, for who cannot see it; a table twin stands beside it */
  label: string;
  model: ChartModel;
  zone: Zone;
  /** called with the range a person has dragged over, or null for all */
  onRange?: (range: { from: number; to: number } | null) => void;
}

const strokes: Record<LineStyle, { colour: string; width: number; dash?: number[] }> = {
  measured: { colour: '--measured', width: 2 },
  limit: { colour: '--limit', width: 2 },
  without: { colour: '--dim', width: 1.75, dash: [6, 5] },
  median: { colour: '--median', width: 1.5 },
  baseline: { colour: '--dim', width: 1.5, dash: [2, 3] },
  instructed: { colour: '--selected', width: 1.5 },
};

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The shape of the chart without its values: when it changes, the plot is built anew; values only flow in. */
function structureOf(model: ChartModel): string {
  return JSON.stringify([
    model.bands.map((band) => [band.key, band.label]),
    model.lines.map((line) => [line.key, line.style, line.stepped]),
  ]);
}

function dataOf(model: ChartModel): uPlot.AlignedData {
  const { times, columns } = align([
    ...model.bands.flatMap((band) => [
      { times: band.times, values: band.high },
      { times: band.times, values: band.low },
    ]),
    ...model.lines,
  ]);
  return [times.map((time) => time / 1000), ...columns] as uPlot.AlignedData;
}

/** Time series over uPlot. React never draws it: values, theme and size are handed to the plot itself. */
export function Chart({ label, model, zone, onRange }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef({ model, zone, onRange });
  const [read, setRead] = useState('');
  latest.current = { model, zone, onRange };
  const structure = structureOf(model);

  // biome-ignore lint/correctness/useExhaustiveDependencies: built anew for another structure; values come by setData
  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const made = new uPlot(optionsOf(latest, element, setRead), dataOf(latest.current.model), element);
    plot.current = made;
    const size = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: element.clientHeight }));
    size.observe(element);
    const theme = subscribePreferences(() => made.redraw(false, true));
    return () => {
      size.disconnect();
      theme();
      made.destroy();
      plot.current = null;
    };
  }, [structure]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the zone changes the axis' words, so it redraws too
  useEffect(() => {
    plot.current?.setData(dataOf(model));
  }, [model, zone]);

  return (
    <div className="chart-frame">
      <div className="chart" ref={box} role="img" aria-label={label} />
      <div className="chart-read" aria-hidden="true">
        {read || `Drag to zoom, double-click for all. Axis: ${zoneName(model.to, zone)}.`}
      </div>
    </div>
  );
}

type Latest = { current: { model: ChartModel; zone: Zone; onRange?: Props['onRange'] } };

function optionsOf(latest: Latest, element: HTMLElement, setRead: (text: string) => void): uPlot.Options {
  const { model } = latest.current;
  const bandSeries = model.bands.flatMap((band): uPlot.Series[] => [
    { label: `${band.label} high`, stroke: 'transparent', width: 0, points: { show: false } },
    { label: `${band.label} low`, stroke: 'transparent', width: 0, points: { show: false } },
  ]);
  const lineSeries = model.lines.map((line): uPlot.Series => {
    const look = strokes[line.style];
    const series: uPlot.Series = {
      label: line.label,
      stroke: () => token(look.colour),
      width: look.width,
      points: { show: false },
    };
    if (look.dash) {
      series.dash = look.dash;
    }
    const stepped = uPlot.paths.stepped?.({ align: 1 });
    if (line.stepped && stepped) {
      series.paths = stepped;
    }
    return series;
  });
  const axis = { stroke: () => token('--dim'), grid: { stroke: () => token('--grid'), width: 1 }, font: axisFont };
  return {
    width: element.clientWidth || 600,
    height: element.clientHeight || 240,
    ms: 1e-3,
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true, range: () => [latest.current.model.from / 1000, latest.current.model.to / 1000] },
      y: { range: () => loadRange(latest.current.model) },
    },
    series: [{}, ...bandSeries, ...lineSeries],
    bands: model.bands.map((band, index) => ({
      series: [1 + index * 2, 2 + index * 2] as [number, number],
      fill: () => token(band.shade === 'outer' ? '--fan-outer' : '--fan-inner'),
    })),
    axes: [
      {
        ...axis,
        ticks: { stroke: () => token('--grid'), width: 1 },
        incrs: [300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400],
        space: 64,
        values: (_: uPlot, splits: number[]) => {
          return formatMarks(
            splits.map((at) => at * 1000),
            latest.current.zone,
          );
        },
      },
      {
        ...axis,
        ticks: { show: false },
        size: 52,
        label: 'kW',
        labelSize: 18,
        labelFont: axisFont,
        values: (_: uPlot, splits: number[]) => splits.map((kw) => formatNumber(kw, splits.some(hasPart) ? 1 : 0)),
      },
    ],
    hooks: {
      drawClear: [(u) => drawWindows(u, latest.current.model)],
      draw: [
        (u) => {
          drawExcess(u, latest.current.model);
          drawNow(u, latest.current.model);
        },
      ],
      setCursor: [(u) => setRead(readAt(u, latest.current.model, latest.current.zone))],
      setSelect: [
        (u) => {
          if (u.select.width > 8) {
            const from = u.posToVal(u.select.left, 'x') * 1000;
            const to = u.posToVal(u.select.left + u.select.width, 'x') * 1000;
            latest.current.onRange?.({
              from: Math.round(from / 60_000) * 60_000,
              to: Math.round(to / 60_000) * 60_000,
            });
          }
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      ready: [(u) => u.over.addEventListener('dblclick', () => latest.current.onRange?.(null))],
    },
  };
}

const axisFont = '12px system-ui, Liberation Sans, Arial, sans-serif';
const hasPart = (value: number) => value % 1 !== 0;

function drawWindows(u: uPlot, model: ChartModel): void {
  const { ctx, bbox } = u;
  for (const window of model.windows) {
    const left = Math.max(bbox.left, u.valToPos(window.from / 1000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, u.valToPos(window.to / 1000, 'x', true));
    if (right <= left) {
      continue;
    }
    ctx.save();
    ctx.fillStyle = token('--shade');
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = token('--dim');
    ctx.font = `${12 * devicePixelRatio}px system-ui, Liberation Sans, Arial, sans-serif`;
    ctx.textBaseline = 'top';
    ctx.textAlign = 'left';
    // A window too narrow for its word has it beside it.
    const gap = 4 * devicePixelRatio;
    const isNarrow = ctx.measureText(window.label).width + 2 * gap > right - left;
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillText(window.label, (isNarrow ? right : left) + gap, bbox.top + bbox.height - 18 * devicePixelRatio);
    ctx.restore();
  }
}

/** The area between the limit and what is expected above it. */
function drawExcess(u: uPlot, model: ChartModel): void {
  const { excess } = model;
  if (!excess || excess.times.length < 2) {
    return;
  }
  const { ctx, bbox } = u;
  const floor = u.valToPos(excess.limit, 'y', true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, Math.max(0, floor - bbox.top)); // nothing below the limit
  ctx.clip();
  ctx.beginPath();
  const x = (index: number) => u.valToPos((excess.times[index] ?? 0) / 1000, 'x', true);
  ctx.moveTo(x(0), floor);
  excess.high.forEach((kw, index) => {
    ctx.lineTo(x(index), u.valToPos(kw ?? excess.limit, 'y', true));
  });
  ctx.lineTo(x(excess.times.length - 1), floor);
  ctx.closePath();
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = token('--p1');
  ctx.fill();
  ctx.restore();
}

function drawNow(u: uPlot, model: ChartModel): void {
  if (model.now === null || model.now < model.from || model.now > model.to) {
    return;
  }
  const { ctx, bbox } = u;
  const x = u.valToPos(model.now / 1000, 'x', true);
  ctx.save();
  ctx.strokeStyle = token('--text');
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.fillStyle = token('--text');
  ctx.font = `600 ${12 * devicePixelRatio}px system-ui, Liberation Sans, Arial, sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  ctx.fillText('now', x + 4 * devicePixelRatio, bbox.top + 2);
  ctx.restore();
}

/** The values under the cursor in one line. */
function readAt(u: uPlot, model: ChartModel, zone: Zone): string {
  const index = u.cursor.idx;
  const at = index === null || index === undefined ? undefined : u.data[0][index];
  if (index === null || index === undefined || at === undefined || (u.cursor.left ?? -1) < 0) {
    return '';
  }
  const words = model.lines.flatMap((line, place) => {
    const value = u.data[1 + model.bands.length * 2 + place]?.[index];
    return typeof value === 'number' ? [`${line.label} ${formatPower(value)}`] : [];
  });
  return [`${formatDayClock(at * 1000, zone)} ${zoneName(at * 1000, zone)}`, ...words].join(' · ');
}
