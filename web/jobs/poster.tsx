import { Image } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { POSTERS } from '../../contracts/storage/posters';
import { shownFile } from '../ui/address';

interface Props {
  readonly jobId: string;
  /** Whether the job has published a picture. */
  readonly has: boolean;
  readonly alt: string;
}

/** The picture of a finished scene; a quiet ground where there is none. */
export function Poster({ jobId, has, alt }: Props): ReactNode {
  // A list does not say which of them a result has.
  const [lost, setLost] = useState(0);
  const file = POSTERS[lost];
  return (
    <span className="poster">
      {has && file !== undefined ? (
        <img src={shownFile(jobId, file)} alt={alt} loading="lazy" onError={() => setLost(lost + 1)} />
      ) : (
        <Image aria-hidden="true" size={22} strokeWidth={1.5} />
      )}
    </span>
  );
}
