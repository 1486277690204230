import type { AuditEntry } from '../../contracts/access/audit-schema';
import type { Caller } from '../http/context';

/** As deeds note it. */
export const whoIs = ({ keyId, sessionExpiresAtMs }: Caller): AuditEntry['by'] => ({
  kind: keyId === null ? 'machine' : sessionExpiresAtMs === undefined ? 'key' : 'session',
  keyId,
});
