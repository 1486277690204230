/** What a caller may do: look, start and change things, or administer tenants and keys. */
export const SCOPES = ['read', 'write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export const isScope = (value: unknown): value is Scope => SCOPES.includes(value as Scope);

/** What the holder of a shared link may do with one job. */
export const SHARE_SCOPES = ['view', 'measure', 'download'] as const;
export type ShareScope = (typeof SHARE_SCOPES)[number];

export const isShareScope = (value: unknown): value is ShareScope => SHARE_SCOPES.includes(value as ShareScope);

/** What a share hides unless it is switched on. */
export const SHARE_DETAILS = ['email', 'cost', 'fileNames', 'position'] as const;
export type ShareDetail = (typeof SHARE_DETAILS)[number];

export const isShareDetail = (value: unknown): value is ShareDetail => SHARE_DETAILS.includes(value as ShareDetail);
