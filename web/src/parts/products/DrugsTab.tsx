// The drugs of the lists, searched as one types: by name, brand, company, disease or indication.
import { Button, Input } from 'antd';
import { useMemo, useState } from 'react';
import { useAsk } from '../../asking';
import { useHouse, useListed, useTerm, useWords } from '../../house';
import { productsWords } from '../../words/products';
import { Broken, Nothing, StatusTag, Waiting } from '../Parts';
import type { Drug, Drugs } from './types';

const COMMON: [string, string][] = [
  ['骨髓瘤', 'myeloma'], ['淋巴瘤', 'lymphoma'], ['白血病', 'leukaemia'], ['肺癌', 'lung cancer'], ['神经母细胞瘤', 'neuroblastoma'],
  ['胆道癌', 'biliary cancer'], ['阿尔茨海默', "Alzheimer's"], ['戈谢病', 'Gaucher'], ['短肠', 'short bowel'],
];

export default function DrugsTab() {
  const { lang } = useHouse();
  const say = useWords(productsWords);
  const { data, broken, again } = useAsk<Drugs>('drugs', { lang });
  const [typed, setTyped] = useState('');
  const [day, setDay] = useState('');
  const found = useMemo(() => (data?.items ?? []).filter((d) => matches(d, typed) && (!day || (d.from <= day && (!d.until || day <= d.until) && (!d.removed || day < d.removed)))), [data, typed, day]);
  if (broken) return <Broken again={again} />;
  if (!data) return <Waiting label={say('waiting')} />;
  return (
    <>
      <section className="card no-print">
        <div className="drug-search">
          <div><label className="soft" htmlFor="drug">{say('find_label')}</label><Input id="drug" type="search" allowClear value={typed} placeholder={say('find')} onChange={(e) => setTyped(e.target.value)} /></div>
          <div><label className="soft" htmlFor="drug-day">{say('on_day')}</label><Input id="drug-day" type="date" value={day} onChange={(e) => setDay(e.target.value)} /></div>
        </div>
        <div className="row chips" role="group" aria-label={say('common')}>
          {COMMON.map(([zh, en]) => <Button key={zh} size="small" type={typed === zh ? 'primary' : 'default'} aria-pressed={typed === zh} onClick={() => setTyped(typed === zh ? '' : zh)}>{lang === 'zh' ? zh : en}</Button>)}
        </div>
        <p className="soft">{say('list_note')}</p>
      </section>
      <p className="soft" role="status">{say('found', { n: found.length })}</p>
      {found.length === 0 && <Nothing>{say('nothing_found')}</Nothing>}
      <ul className="drugs">{found.map((d) => <li key={`${d.list}${d.code}`} className="card"><DrugCard drug={d} data={data} typed={typed} /></li>)}</ul>
      {data.unread.length > 0 && (
        <section className="card">
          <h2>{say('unread_lists')}</h2>
          <Unread data={data} />
        </section>
      )}
    </>
  );
}

function matches(drug: Drug, typed: string): boolean {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${drug.name} ${drug.english} ${drug.brand} ${drug.holder} ${drug.indication} ${drug.code}`.toLowerCase();
  return words.every((w) => text.includes(w));
}

function Marked({ text, typed }: { text: string; typed: string }) {
  const word = typed.trim().split(/\s+/)[0] ?? '';
  const at = word ? text.toLowerCase().indexOf(word.toLowerCase()) : -1;
  return at < 0 ? <>{text}</> : <>{text.slice(0, at)}<mark>{text.slice(at, at + word.length)}</mark>{text.slice(at + word.length)}</>;
}

function DrugCard({ drug, data, typed }: { drug: Drug; data: Drugs; typed: string }) {
  const { start } = useHouse();
  const say = useWords(productsWords);
  const term = useTerm();
  const listed = useListed();
  const payers = data.lists.find((l) => l.list === drug.list)?.products ?? [];
  return (
    <>
      <h2><Marked text={drug.name} typed={typed} /> <span className="soft">{drug.brand && <>（<Marked text={drug.brand} typed={typed} />）</>} <Marked text={drug.english} typed={typed} /></span></h2>
      <p><Marked text={drug.indication} typed={typed} /></p>
      <p className="soft"><Marked text={drug.holder} typed={typed} /></p>
      <p className="soft"><StatusTag status={drug.status} /> {drug.title} · {say('from_until', { from: drug.from, until: drug.until || '…' })}{drug.removed && <strong> · {say('removed', { day: drug.removed })}{drug.because}</strong>}</p>
      <p className="soft">{payers.length ? `${say('paid_by')}${listed(payers.map((p) => term(start.products.find((o) => o.policy === p), p)))}` : say('paid_by_none')}{drug.note && ` · ${drug.note}`}</p>
    </>
  );
}

function Unread({ data }: { data: Drugs }) {
  const { start } = useHouse();
  const term = useTerm();
  const listed = useListed();
  return <ul className="gap-list">{data.unread.map((u) => <li key={u.list}><StatusTag status="gap" /> {listed(u.products.map((p) => term(start.products.find((o) => o.policy === p), p)))} <span className="soft code">{u.list}</span></li>)}</ul>;
}
