import { SHARED_CACHE, SHARED_PARAMETER } from './requests';

/** Photos that another app has shared with this one, once; none where the page was not opened for them. */
export async function takeSharedPhotos(): Promise<readonly File[]> {
  const address = new URL(location.href);
  if (!address.searchParams.has(SHARED_PARAMETER) || !('caches' in window)) return [];
  address.searchParams.delete(SHARED_PARAMETER);
  history.replaceState(history.state, '', address);
  const cache = await caches.open(SHARED_CACHE);
  const photos: File[] = [];
  for (const key of await cache.keys()) {
    const response = await cache.match(key);
    if (response === undefined) continue;
    const name = decodeURIComponent(response.headers.get('x-name') ?? 'photo.jpg');
    const lastModified = Number(response.headers.get('x-modified') ?? 0);
    const content = await response.blob();
    photos.push(new File([content], name, { type: content.type, lastModified }));
  }
  await caches.delete(SHARED_CACHE);
  return photos;
}
