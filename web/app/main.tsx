import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '../ui/tokens.css';
import '../ui/base.css';
import '../ui/parts.css';
import { createCache } from '../api/cache';
import { registerServiceWorker } from '../pwa/register';
import { Shell } from './shell';

const place = document.getElementById('app');
if (place === null) throw new Error('the document has no place for the application');

registerServiceWorker();
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={createCache()}>
      <Shell />
    </QueryClientProvider>
  </StrictMode>,
);
