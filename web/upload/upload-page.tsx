import type { ReactNode } from 'react';
import { useTitle } from '../ui/title';

export default function UploadPage(): ReactNode {
  useTitle('New scene');
  return <h1>New scene</h1>;
}
