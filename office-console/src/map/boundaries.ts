// The boundary layer, when the operator installed one: areas of communes to draw.
// Refuses to be measured with: its corners are coarse, and it is asked once for all screens.

import { api, ask } from '../api/office.ts';

export interface Area {
  readonly code: string;
  readonly geometry: GeoJSON.MultiPolygon;
}
type Layer = GeoJSON.FeatureCollection<GeoJSON.MultiPolygon, { code: string }>;

let asked: Promise<readonly Area[]> | null = null;

/** Every area; none when no layer is installed. */
export function boundaries(): Promise<readonly Area[]> {
  asked ??= ask(api.GET('/api/v1/boundaries')).then(
    (layer) =>
      (layer as unknown as Layer).features.map((feature) => ({
        code: feature.properties.code,
        geometry: feature.geometry,
      })),
    (error: unknown) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

export function collectionOf(areas: readonly Area[]): GeoJSON.FeatureCollection {
  return {
    type: 'FeatureCollection',
    features: areas.map(({ geometry }) => ({ type: 'Feature', properties: {}, geometry })),
  };
}
