// Distances are those of a map.

import { expect, test } from '@playwright/test';
import { distanceM } from './distance.ts';

test('a degree of latitude is 111 km and the same place is nowhere else', () => {
  expect(distanceM({ lat: 22, lon: 104 }, { lat: 23, lon: 104 })).toBeCloseTo(111_195, -2);
  expect(distanceM({ lat: 22, lon: 104 }, { lat: 22, lon: 104 })).toBe(0);
});
