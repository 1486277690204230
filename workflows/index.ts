export { batch } from './batch/batch';
export { delivery } from './delivery/delivery';
export { erasure } from './erasure/erasure';
export { pipeline } from './job/pipeline';
export { upkeep } from './upkeep/upkeep';
