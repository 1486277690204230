import type { ReactNode } from 'react';
import { useTitle } from '../ui/title';

export default function ComparePage(): ReactNode {
  useTitle('Compare');
  return <h1>Compare</h1>;
}
