import { useSyncExternalStore } from 'react';
import { inUnitsOf, lengthUnit, type UnitSystem } from '../../contracts/scene/units';
import { decimal } from './format';

const KEY = 'spaceport.units';
const listeners = new Set<() => void>();

function chosen(): UnitSystem {
  try {
    return localStorage.getItem(KEY) === 'imperial' ? 'imperial' : 'metric';
  } catch {
    return 'metric'; // a frame on another site may have no storage
  }
}

/** Remembers on this device what lengths are read in, and shows it everywhere. */
export function chooseUnits(units: UnitSystem): void {
  try {
    localStorage.setItem(KEY, units);
  } catch {
    return;
  }
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('storage', listener); // another tab has chosen
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', listener);
  };
}

/** What lengths are read in here: metres, until somebody chooses otherwise in the settings. */
export const useUnits = (): UnitSystem => useSyncExternalStore(subscribe, chosen);

/** `1,234.5 m`, `4,050.2 ft` of metres, with so many digits behind the point. */
export const lengthWords = (metres: number, digits: number, units: UnitSystem): string =>
  `${decimal(inUnitsOf(units, metres), digits)} ${lengthUnit(units)}`;
