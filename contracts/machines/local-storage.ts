/** Families whose storage is an NVMe disk of the machine itself, for which AWS refuses `VolumeKmsKeyId`. */
const NVME_FAMILY = /^ml\.(g4dn|g5|g6|g6e|p4d|p5)\./;

/** Whether the disk is the machine's own: always encrypted by its hardware, with no key that could be named. */
export const hasNvme = (instanceType: string): boolean => NVME_FAMILY.test(instanceType);
