import L from 'leaflet';
import { useEffect, useMemo, useRef } from 'react';
import type { Substation } from '@/lib/contract';
import { usePreferences } from '@/lib/preferences';
import { FeederLayer } from './canvas_layer';
import type { FeederRow } from './feeder_rows';

interface Props {
  rows: FeederRow[];
  substations: Substation[];
  selected: string | null;
  onSelect: (id: string) => void;
}

/** Feeders where they are, marked by the worse of now and the next 12 hours. The list beside it is its table twin. */
export function FeederMap({ rows, substations, selected, onSelect }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<L.Map | null>(null);
  const layer = useRef<FeederLayer | null>(null);
  const select = useRef(onSelect);
  select.current = onSelect;
  const { theme } = usePreferences();

  useEffect(() => {
    if (!box.current) {
      return;
    }
    const reduced = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const made = L.map(box.current, {
      attributionControl: false,
      zoomAnimation: false,
      inertia: !reduced,
      center: [54, -2],
      zoom: 6,
      minZoom: 5,
      maxZoom: 18,
    });
    const feeders = new FeederLayer().addTo(made);
    L.control.scale({ imperial: false }).addTo(made);
    made.on('click', (click) => {
      const found = feeders.nearest(click.latlng);
      if (found) {
        select.current(found);
      }
    });
    const size = new ResizeObserver(() => made.invalidateSize({ pan: false }));
    size.observe(box.current);
    map.current = made;
    layer.current = feeders;
    return () => {
      size.disconnect();
      made.remove();
      map.current = null;
      layer.current = null;
    };
  }, []);

  const extent = useMemo(() => {
    const points = [...rows, ...substations].flatMap((one) =>
      one.lat !== null && one.lon !== null ? [[one.lat, one.lon] as [number, number]] : [],
    );
    return points.length > 0 ? L.latLngBounds(points) : null;
  }, [rows, substations]);
  const fitted = useRef('');
  useEffect(() => {
    const key = extent?.toBBoxString() ?? '';
    if (extent && map.current && fitted.current !== key) {
      fitted.current = key;
      map.current.fitBounds(extent, { padding: [28, 28], animate: false });
    }
  }, [extent]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme is drawn in other colours
  useEffect(() => {
    layer.current?.show({ rows, substations, selected });
  }, [rows, substations, selected, theme]);

  return <section className="map" ref={box} aria-label="Map of feeders; the list of feeders says the same in words" />;
}
