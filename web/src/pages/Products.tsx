// The shelf: terms side by side, drugs to search, what each product would have paid, and one person's gaps and overlaps.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { keepInAddress, useAddress, useWords } from '../house';
import Sub from '../parts/Sub';
import DrugsTab from '../parts/products/DrugsTab';
import GapsTab from '../parts/products/GapsTab';
import PaidTab from '../parts/products/PaidTab';
import TermsTab from '../parts/products/TermsTab';
import type { State } from '../parts/products/types';
import { readState } from '../parts/products/types';
import { packed } from '../scenario';
import { productsWords } from '../words/products';
import './Products.css';

const TABS = ['terms', 'drugs', 'paid', 'gaps'] as const;

export default function Products() {
  const say = useWords(productsWords);
  const { query } = useAddress();
  const tab = TABS.find((t) => t === query.get('tab')) ?? 'terms';
  const [state, setState] = useState<State>(() => readState(query.get('c')));
  const mine = useRef(query.get('c'));
  const written = query.get('c');
  useEffect(() => {
    if (written === mine.current || written === null) return;
    mine.current = written;
    setState(readState(written));
  }, [written]);
  const change = useCallback((next: State) => {
    setState(next);
    mine.current = packed(next);
    keepInAddress('products', { tab, c: mine.current });
  }, [tab]);
  const kept = mine.current ? `&c=${mine.current}` : '';
  const items = useMemo(() => TABS.map((key) => ({ key, label: say(key), href: `#/products?tab=${key}${kept}` })), [say, kept]);
  return (
    <>
      <h1>{say('title')}</h1>
      <p className="soft">{say('lead')}</p>
      <Sub label={say('tabs')} items={items} chosen={tab} />
      {tab === 'terms' && <TermsTab />}
      {tab === 'drugs' && <DrugsTab />}
      {tab === 'paid' && <PaidTab state={state} onChange={change} />}
      {tab === 'gaps' && <GapsTab state={state} onChange={change} />}
    </>
  );
}
