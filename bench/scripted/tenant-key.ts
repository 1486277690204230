/** Makes a tenant at a server of this machine, where nobody needs a key to do so, and returns an API key of it. */
export async function keyOfNewTenant(server: string, tenant: string, scopes: readonly string[]): Promise<string> {
  await post(`${server}/v1/tenants`, { tenantId: tenant, name: tenant });
  const { key } = await post(`${server}/v1/keys`, { name: 'bench', scopes, tenant });
  return String(key);
}

async function post(url: string, body: object): Promise<Readonly<Record<string, unknown>>> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return (await response.json()) as Readonly<Record<string, unknown>>;
}
