import type { ReactNode } from 'react';
import { useTitle } from '../ui/title';

export default function UsagePage(): ReactNode {
  useTitle('Usage');
  return <h1>Usage</h1>;
}
