import type { ReactNode } from 'react';
import { useTitle } from '../ui/title';

export default function SettingsPage(): ReactNode {
  useTitle('Settings');
  return <h1>Settings</h1>;
}
