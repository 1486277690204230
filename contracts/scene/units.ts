/** Units that people may read lengths in. Everything that is stored or sent is in metres. */
export const UNIT_SYSTEMS = ['metric', 'imperial'] as const;
export type UnitSystem = (typeof UNIT_SYSTEMS)[number];

/** The international foot, exactly (1959). */
export const METRES_PER_FOOT = 0.3048;

/** The unit that lengths, areas (`dimension` 2) and volumes (3) are read in. */
export const lengthUnit = (units: UnitSystem): 'm' | 'ft' => (units === 'metric' ? 'm' : 'ft');

/** A length in metres, an area in m² (`dimension` 2) or a volume in m³ (3), in the unit that people read. */
export const inUnitsOf = (units: UnitSystem, metric: number, dimension: 1 | 2 | 3 = 1): number =>
  units === 'metric' ? metric : metric / METRES_PER_FOOT ** dimension;

/** Metres of a length that a person has written. */
export const metresOf = (units: UnitSystem, amount: number): number =>
  units === 'metric' ? amount : amount * METRES_PER_FOOT;
