import type { ReactNode } from 'react';
import { useTitle } from '../ui/title';

export default function ReportPage(): ReactNode {
  useTitle('Report');
  return <h1>Report</h1>;
}
