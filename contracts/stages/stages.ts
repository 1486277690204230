import { compression } from './compression';
import type { StageDefinition } from './definition';
import { sfm } from './sfm';
import type { Stage } from './stage';
import { training } from './training';

/** The stages as they are written down, with the names of their options and artefacts. */
export const DEFINITIONS = { sfm, training, compression } as const;

/** The one definition of each stage. */
export const STAGE: { readonly [S in Stage]: StageDefinition<S> } = DEFINITIONS;

/** The environment variable that names the image of a stage's program. */
export const imageVariable = <S extends Stage>(stage: S): `SPACEPORT_IMAGE_${Uppercase<S>}` =>
  `SPACEPORT_IMAGE_${stage.toUpperCase() as Uppercase<S>}`;
