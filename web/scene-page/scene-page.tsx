import { useQuery } from '@tanstack/react-query';
import { ArrowLeft, Columns2, Share2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { problemWords } from '../api/problem';
import type { PageProps } from '../app/page-props';
import { scene as words } from '../i18n/en/scene';
import { useTitle } from '../ui/title';
import { CompareDialog } from './compare-dialog';
import { readJobPhotos, readJobScene } from './data/job-scene';
import { ShareDialog } from './share-dialog';
import { Tool } from './toolbar';
import { Viewer } from './viewer';

/** The scene of a job: to look at, to measure in, and to share. */
export default function ScenePage({ params: { id = '' } }: PageProps): ReactNode {
  const { data, error, isPending } = useQuery({
    queryKey: ['scene', id],
    queryFn: ({ signal }) => readJobScene(id, signal),
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const { data: photos } = useQuery({
    queryKey: ['photo places', id],
    queryFn: ({ signal }) => readJobPhotos(id, signal),
    enabled: data?.hasPhotos === true,
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });
  const [asked, setAsked] = useState<'compare' | 'share' | null>(null);
  useTitle(words.title(data?.name ?? id));
  if (isPending) return <p className="loading">{words.starting}</p>;
  if (!data)
    return (
      <div className="message-page">
        <h1>{error === null ? words.none : words.notOpened}</h1>
        {error !== null && <p>{problemWords(error)}</p>}
        <Link href={`/jobs/${id}`}>{words.back}</Link>
      </div>
    );
  return (
    <>
      <h1 className="scene-hidden">{words.title(data.name)}</h1>
      <Viewer
        data={data}
        {...(photos === undefined ? {} : { photos })}
        actions={
          <>
            <Tool icon={Columns2} name={words.actions.compare} onPress={() => setAsked('compare')} />
            <Tool icon={Share2} name={words.actions.share} onPress={() => setAsked('share')} />
          </>
        }
      />
      <a className="scene-back" href={`/jobs/${encodeURIComponent(id)}`}>
        <ArrowLeft size={18} aria-hidden /> {data.name}
      </a>
      {asked === 'compare' && <CompareDialog jobId={id} onClose={() => setAsked(null)} />}
      {asked === 'share' && <ShareDialog jobId={id} onClose={() => setAsked(null)} />}
    </>
  );
}
