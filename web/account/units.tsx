import type { ReactNode } from 'react';
import { UNIT_SYSTEMS } from '../../contracts/scene/units';
import { account } from '../i18n/en/account';
import { chooseUnits, useUnits } from '../ui/units';

const words = account.settings.units;

/** What lengths are read in, on this device. */
export function Units(): ReactNode {
  const units = useUnits();
  return (
    <section className="card">
      <h2>{words.title}</h2>
      <fieldset className="units">
        <legend className="quiet small">{words.text}</legend>
        {UNIT_SYSTEMS.map((each) => (
          <label key={each}>
            <input type="radio" name="units" checked={each === units} onChange={() => chooseUnits(each)} />
            {words[each]}
          </label>
        ))}
      </fieldset>
    </section>
  );
}
