export { delivery } from './delivery';
export { pipeline } from './pipeline';
