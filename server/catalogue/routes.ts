import { OPTION_LIST, PRESET_LIST } from '../../contracts/stages/catalogue-schema';
import { DEFAULT_PRESET } from '../../contracts/stages/presets';
import { route, type Route } from '../http/route';
import { optionViews, presetViews } from './catalogue';

const TAG = 'Presets';

/** Presets and options, from which a form can be made. They are the same for everybody. */
export const catalogueRoutes = (): Route[] => [
  route(
    {
      method: 'get',
      path: '/v1/presets',
      operation: 'listPresets',
      tag: TAG,
      summary: 'Presets: their machines, limits, and what their options are',
      scope: null,
      answers: { 200: { description: 'From quick to thorough', schema: PRESET_LIST } },
    },
    async () => ({ status: 200, body: { presets: presetViews(), default: DEFAULT_PRESET } }),
  ),
  route(
    {
      method: 'get',
      path: '/v1/options',
      operation: 'listOptions',
      tag: TAG,
      summary: 'Settings of a preset that a job may change',
      scope: null,
      answers: { 200: { description: 'With their ranges', schema: OPTION_LIST } },
    },
    async () => ({ status: 200, body: { options: optionViews() } }),
  ),
];
