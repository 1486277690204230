import type { ReactNode } from 'react';
import { useTitle } from '../ui/title';

export default function ScenePage(): ReactNode {
  useTitle('Scene');
  return <h1>Scene</h1>;
}
