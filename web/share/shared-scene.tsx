import { StrictMode, useEffect, useState, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { SharedJob } from '../../contracts/access/share-schema';
import { scene as words } from '../i18n/en/scene';
import { annotationsAt } from '../scene-page/data/annotations';
import { jsonOrNull, posterBelow, readSceneFile, sceneSource, type SceneData } from '../scene-page/data/scene-files';
import { askEarly } from '../scene/early';
import { isStreamed } from '../scene/streamed';
import { Viewer } from '../scene-page/viewer';
import { bytes } from '../ui/format';

/** The scene of a link in place of what the server has written; embedded without the list and without tools. */
export function showShared(root: HTMLElement, token: string, embedded: boolean): void {
  const written = root.firstElementChild;
  createRoot(root).render(
    <StrictMode>
      <Shared token={token} embedded={embedded} written={written} />
    </StrictMode>,
  );
}

interface Found {
  readonly job: SharedJob;
  readonly data: SceneData | null;
}

function Shared(props: {
  readonly token: string;
  readonly embedded: boolean;
  readonly written: Element | null;
}): ReactNode {
  const { token, embedded, written } = props;
  const [found, setFound] = useState<Found | 'gone' | null>(null);
  useEffect(() => {
    const left = new AbortController();
    read(token, embedded, left.signal).then(setFound, () => {
      if (!left.signal.aborted) setFound('gone');
    });
    return () => left.abort();
  }, [token, embedded]);
  if (found === null) {
    const poster = written?.querySelector('img')?.src;
    return <main className="shared-shell">{poster !== undefined && <img src={poster} alt="" />}</main>;
  }
  if (found === 'gone' || found.data === null)
    return <main className="shared-shell">{found === 'gone' ? words.shared.gone : words.shared.none}</main>;
  const { job, data } = found;
  return (
    <main>
      <Viewer data={data} below={job.downloads.length > 0 && <Downloads files={job.downloads} />} />
      <h1 className="scene-back">{data.name}</h1>
    </main>
  );
}

function Downloads({ files }: { readonly files: SharedJob['downloads'] }): ReactNode {
  return (
    <section>
      <h3>{words.shared.downloads}</h3>
      <ul>
        {files.map(({ name, bytes: size, url }) => (
          <li key={name}>
            <a href={url}>{name}</a> {bytes(size)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Rejects where the link is not valid, or the server cannot be reached. */
async function read(token: string, embedded: boolean, signal: AbortSignal): Promise<Found> {
  const base = `/v1/shared/${encodeURIComponent(token)}`;
  const job = (await jsonOrNull(base, signal)) as SharedJob | null;
  if (job === null) throw new Error('gone');
  const files = new Set(job.scene.map(({ name }) => name));
  if (!files.has('scene.sog')) return { job, data: null };
  const source = sceneSource(base, files.has('lod-meta.json'));
  if (!isStreamed(source.url)) askEarly(source.url, signal);
  const sceneFile = files.has('scene.json') ? await jsonOrNull(`${base}/scene/scene.json`, signal) : null;
  return {
    job,
    data: {
      name: job.name ?? words.shared.nameless,
      source,
      ...readSceneFile(sceneFile),
      poster: posterBelow(base, files),
      hasPhotos: false,
      annotations: annotationsAt(base),
      mayMeasure: !embedded && job.scopes.includes('measure'),
      mayChangeAll: false,
    },
  };
}
