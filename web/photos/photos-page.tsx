import type { ReactNode } from 'react';
import { useTitle } from '../ui/title';

export default function PhotosPage(): ReactNode {
  useTitle('Photos');
  return <h1>Photos</h1>;
}
