/** Feeders, their lines and the names of primaries on one canvas over Leaflet: no tiles, no network. */

import L from 'leaflet';
import type { Substation } from '@/lib/contract';
import type { FeederRow } from './feeder_rows';

export interface MapPicture {
  rows: FeederRow[];
  substations: Substation[];
  selected: string | null;
}

const margin = 0.25;
const order: Record<string, number> = { unknown: 0, normal: 1, near: 2, tight: 3, over: 4 };

/** The most urgent is drawn last, above the others. */
function urgency(row: FeederRow): number {
  return (order[row.ahead] ?? 0) - (row.covered === 'covered' ? 0.5 : 0);
}

/** A canvas a little larger than the map: dragging only moves it, and it is drawn again when the drag ends. */
export class FeederLayer extends L.Layer {
  private canvas: HTMLCanvasElement | null = null;
  private picture: MapPicture = { rows: [], substations: [], selected: null };
  private origin = L.point(0, 0);

  override onAdd(map: L.Map): this {
    this.canvas = L.DomUtil.create('canvas', 'feeder-canvas', map.getPane('overlayPane'));
    map.on('moveend zoomend resize', this.draw, this);
    map.on('zoomanim', this.hide, this);
    this.draw();
    return this;
  }

  override onRemove(map: L.Map): this {
    map.off('moveend zoomend resize', this.draw, this);
    map.off('zoomanim', this.hide, this);
    this.canvas?.remove();
    this.canvas = null;
    return this;
  }

  show(picture: MapPicture): void {
    this.picture = picture;
    this.draw();
  }

  /** The feeder drawn nearest to a point of the map, at most 14 pixels away. */
  nearest(at: L.LatLng): string | null {
    const map = this._map;
    const here = map.latLngToContainerPoint(at);
    let found: string | null = null;
    let best = 14;
    for (const row of this.picture.rows) {
      if (row.lat !== null && row.lon !== null) {
        const distance = here.distanceTo(map.latLngToContainerPoint([row.lat, row.lon]));
        if (distance < best) {
          best = distance;
          found = row.id;
        }
      }
    }
    return found;
  }

  private hide(): void {
    if (this.canvas) {
      this.canvas.style.visibility = 'hidden';
    }
  }

  private draw(): void {
    const map = this._map;
    const canvas = this.canvas;
    const ctx = canvas?.getContext('2d');
    if (!map || !canvas || !ctx) {
      return;
    }
    const size = map.getSize();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const width = Math.round(size.x * (1 + 2 * margin));
    const height = Math.round(size.y * (1 + 2 * margin));
    if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
      canvas.width = width * ratio;
      canvas.height = height * ratio;
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    this.origin = map.containerPointToLayerPoint([-size.x * margin, -size.y * margin]).round();
    L.DomUtil.setPosition(canvas, this.origin);
    canvas.style.visibility = 'visible';
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, width, height);
    this.paint(ctx, width, height);
  }

  private paint(ctx: CanvasRenderingContext2D, width: number, height: number): void {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const colours = {
      over: colour('--p1'),
      tight: colour('--p2'),
      near: colour('--p3'),
      normal: colour('--neutral'),
      unknown: colour('--neutral'),
      edge: colour('--edge'),
      line: colour('--line'),
      text: colour('--text'),
      selected: colour('--selected'),
      ground: colour('--panel'),
    };
    const places = this.placeSubstations();
    const zoom = this._map.getZoom();
    const scale = zoom >= 15 ? 1.3 : zoom >= 13 ? 1 : 0.8;
    this.paintLines(ctx, places, colours.line);
    const rows = this.picture.rows.slice().sort((a, b) => urgency(a) - urgency(b));
    for (const row of rows) {
      const at = this.place(row.lat, row.lon);
      if (at && at.x > -20 && at.y > -20 && at.x < width + 20 && at.y < height + 20) {
        paintMark(ctx, at, row, scale, colours);
      }
    }
    this.paintNames(ctx, places, colours);
    const chosen = rows.find((row) => row.id === this.picture.selected);
    const at = chosen ? this.place(chosen.lat, chosen.lon) : null;
    if (chosen && at) {
      ctx.strokeStyle = colours.selected;
      ctx.lineWidth = 3;
      ctx.beginPath();
      ctx.arc(at.x, at.y, 13 * scale, 0, 2 * Math.PI);
      ctx.stroke();
      label(
        ctx,
        chosen.name || chosen.id,
        at.x + 17 * scale,
        this.freeLine(at, places),
        colours.text,
        colours.ground,
        600,
      );
    }
  }

  /** The height beside `at`, or a line below or above it, at which no primary's name stands. */
  private freeLine(at: L.Point, places: Map<string, { at: L.Point; substation: Substation }>): number {
    const taken = [...places.values()]
      .filter(({ at: primary, substation }) => substation.kind === 'primary' && Math.abs(primary.x - at.x) < nameReach)
      .map(({ at: primary }) => primary.y + nameRise);
    const isFree = (y: number) => taken.every((other) => Math.abs(other - y) >= nameHeight);
    return [at.y, at.y + nameHeight, at.y - nameHeight, at.y - 2 * nameHeight].find(isFree) ?? at.y;
  }

  private place(lat: number | null, lon: number | null): L.Point | null {
    return lat === null || lon === null ? null : this._map.latLngToLayerPoint([lat, lon]).subtract(this.origin);
  }

  private placeSubstations(): Map<string, { at: L.Point; substation: Substation }> {
    const places = new Map<string, { at: L.Point; substation: Substation }>();
    for (const substation of this.picture.substations) {
      const at = this.place(substation.lat, substation.lon);
      if (at) {
        places.set(substation.substation_id, { at, substation });
      }
    }
    return places;
  }

  private paintLines(
    ctx: CanvasRenderingContext2D,
    places: Map<string, { at: L.Point; substation: Substation }>,
    colour: string,
  ): void {
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1;
    ctx.beginPath();
    const line = (from: L.Point | null | undefined, to: L.Point | null | undefined) => {
      if (from && to) {
        ctx.moveTo(from.x, from.y);
        ctx.lineTo(to.x, to.y);
      }
    };
    for (const { at, substation } of places.values()) {
      line(at, places.get(substation.parent_id)?.at);
    }
    for (const row of this.picture.rows) {
      line(this.place(row.lat, row.lon), places.get(row.parentId)?.at);
    }
    ctx.stroke();
  }

  private paintNames(
    ctx: CanvasRenderingContext2D,
    places: Map<string, { at: L.Point; substation: Substation }>,
    colours: { text: string; ground: string; edge: string },
  ): void {
    for (const { at, substation } of places.values()) {
      if (substation.kind === 'primary') {
        ctx.fillStyle = colours.ground;
        ctx.strokeStyle = colours.text;
        ctx.lineWidth = 2;
        ctx.beginPath();
        ctx.rect(at.x - 5, at.y - 5, 10, 10);
        ctx.fill();
        ctx.stroke();
        label(ctx, substation.name, at.x + 10, at.y + nameRise, colours.text, colours.ground, 600);
      }
    }
  }
}

/** A primary's name stands so far above its mark; names are so high and reach so far, in pixels. */
const nameRise = -10;
const nameHeight = 16;
const nameReach = 180;

function label(
  ctx: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
  halo: string,
  weight: number,
): void {
  ctx.font = `${weight} 12px system-ui, Liberation Sans, Arial, sans-serif`;
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  ctx.strokeStyle = halo;
  ctx.lineWidth = 4;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

function paintMark(
  ctx: CanvasRenderingContext2D,
  at: L.Point,
  row: FeederRow,
  scale: number,
  colours: Record<'over' | 'tight' | 'near' | 'normal' | 'unknown' | 'edge' | 'ground', string>,
): void {
  const { x, y } = at;
  ctx.fillStyle = colours[row.ahead];
  ctx.beginPath();
  if (row.stale || row.ahead === 'unknown') {
    ctx.strokeStyle = colours.normal;
    ctx.lineWidth = 1.5;
    ctx.arc(x, y, 4 * scale, 0, 2 * Math.PI);
    ctx.moveTo(x - 3 * scale, y + 3 * scale);
    ctx.lineTo(x + 3 * scale, y - 3 * scale);
    ctx.stroke();
    return;
  }
  if (row.ahead === 'over' && row.covered === 'covered') {
    ctx.rect(x - 5 * scale, y - 5 * scale, 10 * scale, 10 * scale);
    ctx.fillStyle = colours.ground;
    ctx.fill();
    ctx.strokeStyle = colours.over;
    ctx.lineWidth = 2.5;
    ctx.stroke();
    return;
  }
  if (row.ahead === 'over') {
    const half = 7 * scale;
    ctx.rect(x - half, y - half, 2 * half, 2 * half);
    ctx.fill();
    ctx.strokeStyle = colours.edge;
    ctx.lineWidth = 2;
    ctx.stroke();
    return;
  }
  if (row.ahead === 'tight') {
    ctx.arc(x, y, 5.5 * scale, 0, 2 * Math.PI);
  } else if (row.ahead === 'near') {
    ctx.moveTo(x, y - 5.5 * scale);
    ctx.lineTo(x + 5.5 * scale, y + 4.5 * scale);
    ctx.lineTo(x - 5.5 * scale, y + 4.5 * scale);
    ctx.closePath();
  } else {
    ctx.arc(x, y, (row.level === 'hv' ? 4 : 2.8) * scale, 0, 2 * Math.PI);
  }
  ctx.fill();
}
