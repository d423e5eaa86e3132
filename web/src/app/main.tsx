import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'leaflet/dist/leaflet.css';
import 'uplot/dist/uPlot.min.css';
import '@/components/components.css';
import { Problem } from '@/lib/api';
import { App } from './App';
import './theme.css';
import './frame.css';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      refetchOnWindowFocus: false,
      // The live channel says when the server is back; a refusal is not asked again.
      retry: (count, fault) => !(fault instanceof Problem && fault.status >= 400 && fault.status < 500) && count < 2,
    },
  },
});

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
