export { delivery } from './delivery';
export { erasure } from './erasure';
export { pipeline } from './pipeline';
export { upkeep } from './upkeep';
