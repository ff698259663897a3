// The terms of two to four products side by side: cover, layers, deductibles, shares, ceilings, each with its words and status.
import { Select } from 'antd';
import { useState } from 'react';
import { useAsk } from '../../asking';
import { useHouse, useListed, usePlaceName, useTerm, useWords } from '../../house';
import { productsWords } from '../../words/products';
import { Broken, StatusTag, TierDot, Waiting } from '../Parts';
import PartText from '../policies/PartText';
import { readable } from '../policies/types';
import type { Terms } from './types';

const FIRST = ['shanghai.huhuibao.2023', 'chengdu.huirongbao.2023', 'guangzhou.suisuikang'];
const MOST = 4;

export function ProductSelect({ id, chosen, most, onChange, region = '' }: { id: string; chosen: string[]; most: number; onChange: (policies: string[]) => void; region?: string }) {
  const { start } = useHouse();
  const term = useTerm();
  const placeName = usePlaceName();
  const options = [...start.products].sort((a, b) => Number(b.region === region) - Number(a.region === region))
    .map((p) => ({ value: p.policy, label: `${term(p)} · ${placeName(p.region)}`, disabled: chosen.length >= most && !chosen.includes(p.policy) }));
  return <Select id={id} mode="multiple" className="chooser" value={chosen} options={options} showSearch={{ optionFilterProp: 'label' }} onChange={(v: string[]) => onChange(v.slice(0, most))} />;
}

export default function TermsTab() {
  const { lang } = useHouse();
  const say = useWords(productsWords);
  const { data, broken, again } = useAsk<{ products: Terms[] }>('terms', { lang });
  const [chosen, setChosen] = useState(FIRST);
  if (broken) return <Broken again={again} />;
  if (!data) return <Waiting label={say('waiting')} />;
  const shown = chosen.map((policy) => data.products.find((p) => p.policy === policy)).filter((p): p is Terms => !!p);
  return (
    <>
      <div className="card no-print"><label className="soft" htmlFor="terms-choice">{say('choose')}</label><ProductSelect id="terms-choice" chosen={chosen} most={MOST} onChange={setChosen} /></div>
      <div className="columns" style={{ '--columns': Math.max(1, shown.length) } as React.CSSProperties} aria-live="polite">
        {shown.map((product) => <Column key={product.policy} product={product} />)}
      </div>
    </>
  );
}

// A layer in a line: what it takes off, which share it pays, up to what.
function briefOf(layer: Terms['layers'][number]): string {
  const parts = layer.parts.filter((p) => ['deductible', 'share'].includes(p.part) || p.part.startsWith('ceiling'));
  return parts.map((p) => p.unread ? `${p.label} ?` : `${p.label.split(' · ')[0]} ${[...new Set(p.cells[p.part.startsWith('ceiling') || p.part === 'share' ? 0 : valueAt(p.cells)]?.cells.map(([, v]) => readable(v)) ?? [])].slice(0, 4).join(' / ')}`).join(' · ');
}

const valueAt = (cells: { cells: [string, string][] }[]) => Math.max(0, cells.findIndex((c) => c.cells.some(([, v]) => /\d/.test(v))));

function Column({ product }: { product: Terms }) {
  const { start, lang } = useHouse();
  const say = useWords(productsWords);
  const listed = useListed();
  const placeName = usePlaceName();
  return (
    <article className="card terms" aria-label={product[lang]}>
      <h2>{product[lang]}</h2>
      <dl className="facts">
        <div><dt>{say('place')}</dt><dd>{placeName(product.region)}</dd></div>
        <div><dt>{say('window')}</dt><dd>{product.from || product.until ? `${product.from || '…'} – ${product.until || '…'}` : say('no_window')}</dd></div>
        {product.covers.map(([label, value], at) => <div key={at}><dt>{label || say('covers')}</dt><dd>{value}</dd></div>)}
        {product.asks.length > 0 && <div><dt>{say('asks')}</dt><dd>{listed(product.asks.map((a) => start.attributes[a]?.[lang] ?? a))}</dd></div>}
      </dl>
      {product.layers.map((layer) => (
        <details key={layer.layer} className="term-layer" open={product.layers.length < 4}>
          <summary><TierDot tier={layer.tier} label={false} />{layer.title}<span className="brief">{briefOf(layer)}</span></summary>
          <p className="soft">{say('looks_at')}{listed(layer.sees.map((s) => s.label))}</p>
          {layer.only.length > 0 && <p className="soft">{say('only')}{listed(layer.only.map(([l, v]) => [l, v].filter(Boolean).join(' ')))}</p>}
          {layer.parts.map((part) => <PartText key={part.part} part={part} />)}
        </details>
      ))}
      <h3>{say('unread')}</h3>
      {product.gaps.length ? <ul className="gap-list">{product.gaps.map((g) => <li key={g}><StatusTag status="gap" /> {g}</li>)}</ul> : <p className="soft">{say('nothing_unread')}</p>}
    </article>
  );
}
