// Metres between two places, on a sphere. Refuses more than that: a phone is not more exact than the sphere.

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

export function distanceM(one: Place, other: Place): number {
  const radians = Math.PI / 180;
  const half = (from: number, to: number) => Math.sin(((to - from) * radians) / 2) ** 2;
  const across = Math.cos(one.lat * radians) * Math.cos(other.lat * radians);
  const chord = half(one.lat, other.lat) + across * half(one.lon, other.lon);
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(Math.min(1, chord)));
}
