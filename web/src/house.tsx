// What every page stands in: the language, what was known at the start, the address.
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import type { Both, Lang, Start } from './api';

export type House = { lang: Lang; setLang: (lang: Lang) => void; start: Start };
export const HouseContext = createContext<House | null>(null);

export function useHouse(): House {
  const house = useContext(HouseContext);
  if (!house) throw new Error('outside the house');
  return house;
}

// Words of a page, Chinese and English side by side so that neither is forgotten: {title: ['标题', 'Title']}.
export type Words = Record<string, readonly [string, string]>;
export type Say<W extends Words> = (key: keyof W & string, parts?: Record<string, string | number>) => string;

export function useWords<W extends Words>(words: W): Say<W> {
  const { lang } = useHouse();
  return useCallback(
    (key, parts = {}) => {
      const said = words[key]?.[lang === 'zh' ? 0 : 1] ?? key;
      return said.replace(/\{(\w+)\}/g, (_, name: string) => String(parts[name] ?? ''));
    },
    [words, lang],
  );
}

export function useTerm(): (both: Both | undefined, fallback?: string) => string {
  const { lang } = useHouse();
  return useCallback((both, fallback = '') => (both ? both[lang] || both.zh : fallback), [lang]);
}

// Several words in a row, as the language puts them.
export function useListed(): (words: string[]) => string {
  const { lang } = useHouse();
  return useCallback((words) => words.join(lang === 'zh' ? '、' : ', '), [lang]);
}

export type Tier = { label: string; colour: string };

export function useTiers(): (tier: string) => Tier {
  const { start, lang } = useHouse();
  return useMemo(() => {
    const known = new Map(start.tiers.map((t) => [t.name, { label: t[lang], colour: t.colour }]));
    return (tier: string) => known.get(tier) ?? { label: tier, colour: '#5b6b73' };
  }, [start, lang]);
}

export function usePlaceName(): (region: string) => string {
  const { start, lang } = useHouse();
  return useCallback((region) => start.places.find((p) => p.id === region)?.[lang] ?? (region === 'cn' ? { zh: '全国', en: 'China' }[lang] : region), [start, lang]);
}

// The address is behind the #, so that nothing of it is ever sent: #/pay?c=...
export type Address = { path: string; query: URLSearchParams };

function read(): Address {
  const [path = '', query = ''] = window.location.hash.replace(/^#\/?/, '').split('?');
  return { path, query: new URLSearchParams(query) };
}

export function useAddress(): Address {
  const [address, setAddress] = useState(read);
  useEffect(() => {
    const heard = () => setAddress(read());
    window.addEventListener('hashchange', heard);
    return () => window.removeEventListener('hashchange', heard);
  }, []);
  return address;
}

// Write the state of a page into the address without a step in the history, and without a render.
export function keepInAddress(path: string, query: Record<string, string>): void {
  const said = new URLSearchParams(query).toString();
  window.history.replaceState(null, '', `#/${path}${said ? `?${said}` : ''}`);
}

export function useNarrow(width = 720): boolean {
  const [narrow, setNarrow] = useState(() => window.innerWidth < width);
  useEffect(() => {
    const query = window.matchMedia(`(max-width: ${width - 1}px)`);
    const heard = () => setNarrow(query.matches);
    heard();
    query.addEventListener('change', heard);
    return () => query.removeEventListener('change', heard);
  }, [width]);
  return narrow;
}
