// Owns: the page on http://localhost:3000: TypeScript is bundled at each request, and nothing is written.

import { context } from 'esbuild';

const { AUTH_URL = 'http://localhost:8080', SERVICE_URL = 'http://localhost:8000', PORT = '3000' } = process.env;

const page = await context({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['main.ts'],
  outdir: '.',
  bundle: true,
  write: false,
  format: 'esm',
  define: { AUTH_URL: JSON.stringify(AUTH_URL), SERVICE_URL: JSON.stringify(SERVICE_URL) },
});
await page.serve({ servedir: import.meta.dirname, host: '127.0.0.1', port: Number(PORT) });
console.log(`http://localhost:${PORT}`);
