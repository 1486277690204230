import { Image } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { shownFile } from '../ui/address';

interface Props {
  readonly jobId: string;
  /** Whether the job has published a picture. */
  readonly has: boolean;
  readonly alt: string;
}

/** The picture of a finished scene; a quiet ground where there is none. */
export function Poster({ jobId, has, alt }: Props): ReactNode {
  const [isLost, setIsLost] = useState(false);
  return (
    <span className="poster">
      {has && !isLost ? (
        <img src={shownFile(jobId, 'poster.jpg')} alt={alt} loading="lazy" onError={() => setIsLost(true)} />
      ) : (
        <Image aria-hidden="true" size={22} strokeWidth={1.5} />
      )}
    </span>
  );
}
