import { Image } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { posterOf } from '../ui/address';

interface Props {
  readonly jobId: string;
  /** Whether the job has published a picture. */
  readonly has: boolean;
  readonly alt: string;
}

/** The picture of a finished scene; a quiet ground where there is none. */
export function Poster({ jobId, has, alt }: Props): ReactNode {
  const [isLost, setLost] = useState(false);
  return (
    <span className="poster">
      {has && !isLost ? (
        <img src={posterOf(jobId)} alt={alt} loading="lazy" onError={() => setLost(true)} />
      ) : (
        <Image aria-hidden="true" size={22} strokeWidth={1.5} />
      )}
    </span>
  );
}
