// The page as files of the Python package: names change with content, so that they may be kept for ever; nothing from outside.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  base: './',
  build: {
    outDir: '../src/duoceng/interfaces/page/static',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    license: { fileName: 'assets/licenses.txt' },
  },
  server: { proxy: Object.fromEntries(['/page/', '/v1/', '/docs'].map((path) => [path, process.env.DUOCENG_API ?? 'http://127.0.0.1:8000'])) },
});
