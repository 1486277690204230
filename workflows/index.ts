export { batch } from './batch/batch';
export { announcement } from './delivery/announcement';
export { budgetAlert } from './budget/alert';
export { delivery } from './delivery/delivery';
export { endpointDelivery } from './delivery/endpoint-delivery';
export { erasure } from './erasure/erasure';
export { pipeline } from './job/pipeline';
export { upkeep } from './upkeep/upkeep';
