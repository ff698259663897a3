// One document on a day: whom it covers, how it changed, each layer part by part with the words behind it.
import { Input, Select } from 'antd';
import { useMemo, useState } from 'react';
import { useAsk } from '../../asking';
import { useHouse, useListed, useNarrow, usePlaceName, useWords } from '../../house';
import { policiesWords } from '../../words/policies';
import { Broken, Mistakes, Nothing, StatusTag, TierDot, Waiting } from '../Parts';
import { dayBefore, dayFor, diffLink, readLink } from './links';
import PartText from './PartText';
import Timeline from './Timeline';
import type { Doc, LayerText, Policy } from './types';

export default function Read({ documents, query }: { documents: Doc[]; query: URLSearchParams }) {
  const narrow = useNarrow(900);
  const policy = query.get('policy') ?? 'shenzhen.outpatient';
  const chosen = documents.find((d) => d.policy === policy);
  const day = query.get('day') ?? dayFor(chosen);
  return (
    <div className="read">
      {narrow ? <Chooser documents={documents} chosen={policy} /> : <List documents={documents} chosen={policy} />}
      <Text documents={documents} policy={policy} day={day} />
    </div>
  );
}

function useGroups(documents: Doc[], typed: string): { name: string; docs: Doc[] }[] {
  const say = useWords(policiesWords);
  const placeName = usePlaceName();
  return useMemo(() => {
    const wanted = typed.trim().toLowerCase();
    const groups = new Map<string, Doc[]>();
    for (const doc of documents) {
      const name = doc.kind === 'product' ? say('products') : doc.kind === 'example' ? say('examples') : placeName(doc.region);
      if (wanted && !`${name} ${doc.title} ${doc.policy}`.toLowerCase().includes(wanted)) continue;
      groups.set(name, [...(groups.get(name) ?? []), doc]);
    }
    const order = (name: string) => (name === say('examples') ? 2 : name === say('products') ? 1 : 0);
    return [...groups].map(([name, docs]) => ({ name, docs })).sort((a, b) => order(a.name) - order(b.name));
  }, [documents, typed, say, placeName]);
}

function List({ documents, chosen }: { documents: Doc[]; chosen: string }) {
  const say = useWords(policiesWords);
  const { start, lang } = useHouse();
  const [typed, setTyped] = useState('');
  const [care, setCare] = useState('');
  const [year, setYear] = useState('');
  const shown = useMemo(() => documents.filter((d) => (!care || Object.values(d.cares).some((c) => c.includes(care))) && (!year || heldIn(d, year))), [documents, care, year]);
  const groups = useGroups(shown, typed);
  const years = useMemo(() => [...new Set(documents.flatMap((d) => d.days.map((day) => day.slice(0, 4))))].sort().reverse(), [documents]);
  return (
    <nav className="card doc-list no-print" aria-label={say('documents')}>
      <Input type="search" allowClear value={typed} placeholder={say('find')} aria-label={say('find')} onChange={(e) => setTyped(e.target.value)} />
      <div className="filters">
        <Select aria-label={say('care')} value={care} onChange={setCare} showSearch={{ optionFilterProp: 'label' }} options={[{ value: '', label: say('all_care') }, ...(start.attributes['care']?.values ?? []).map((v) => ({ value: v.value, label: v[lang] }))]} />
        <Select aria-label={say('year')} value={year} onChange={setYear} showSearch={{ optionFilterProp: 'label' }} options={[{ value: '', label: say('all_years') }, ...years.map((y) => ({ value: y, label: y }))]} />
      </div>
      {groups.length === 0 && <Nothing>{say('none_found')}</Nothing>}
      {groups.map(({ name, docs }) => (
        <details key={`${name}${typed || care || year ? 1 : 0}`} open={!!(typed || care || year) || docs.some((d) => d.policy === chosen)}>
          <summary>{name} <span className="soft">{docs.length}</span></summary>
          <ul>{docs.map((d) => <li key={d.policy}><a href={readLink(d.policy, dayFor(d))} aria-current={d.policy === chosen ? 'page' : undefined}>{d.title}</a></li>)}</ul>
        </details>
      ))}
    </nav>
  );
}

// Was some version of it in force in a year? It begins with its first version, or its window, and ends with its window.
function heldIn(doc: Doc, year: string): boolean {
  const first = doc.from || doc.days[0] || '';
  return first.slice(0, 4) <= year && (!doc.until || doc.until.slice(0, 4) >= year);
}

export function Chooser({ documents, chosen, onChoose, id }: { documents: Doc[]; chosen: string; onChoose?: (policy: string) => void; id?: string }) {
  const say = useWords(policiesWords);
  const groups = useGroups(documents, '');
  return (
    <Select id={id ?? 'chooser'} className="chooser" value={chosen} aria-label={say('choose')} showSearch={{ filterOption: (typed, option) => String((option as { search?: string })?.search ?? '').includes(typed.toLowerCase()) }}
      options={groups.map((g) => ({ label: g.name, options: g.docs.map((d) => ({ value: d.policy, label: d.title, search: `${g.name} ${d.title} ${d.policy}`.toLowerCase() })) }))}
      onChange={(policy: string) => { if (onChoose) onChoose(policy); else window.location.hash = readLink(policy, dayFor(documents.find((d) => d.policy === policy))); }} />
  );
}

function Text({ documents, policy, day }: { documents: Doc[]; policy: string; day: string }) {
  const { lang } = useHouse();
  const say = useWords(policiesWords);
  const { data, mistakes, broken, again } = useAsk<Policy>('policy', { policy, day, lang });
  if (broken) return <Broken again={again} />;
  if (mistakes.length) return <Mistakes mistakes={mistakes} />;
  if (!data) return <Waiting label={say('waiting')} />;
  return (
    <article className="text" aria-live="polite">
      <Head data={data} documents={documents} day={day} />
      {data.layers.map((layer) => <Layer key={layer.layer} layer={layer} />)}
      {data.gaps.length > 0 && <section className="card"><h2>{say('gaps')}</h2><ul>{data.gaps.map((g) => <li key={g}>{g}</li>)}</ul></section>}
      <section className="card">
        <h2>{say('sources')}</h2>
        <ul>{data.sources.map((s) => <li key={s.key}>{s.url.startsWith('http') ? <a href={s.url} target="_blank" rel="noreferrer noopener">{s.title}</a> : s.title} {s.number} <span className="soft">{say(`trust_${s.trust}` as 'trust_news')}</span></li>)}</ul>
        <p className="soft code">{data.file}</p>
      </section>
    </article>
  );
}

function Head({ data, documents, day }: { data: Policy; documents: Doc[]; day: string }) {
  const { lang } = useHouse();
  const say = useWords(policiesWords);
  const placeName = usePlaceName();
  const before = [...data.timeline].reverse().find((t) => t.day <= day);
  const city = documents.find((d) => d.kind === data.kind && d.region !== data.region && same(d, documents.find((o) => o.policy === data.policy)));
  return (
    <section className="card">
      <h2 className="doc-title">{data[lang]}</h2>
      <p><span className="soft">{placeName(data.region)}</span> <span className="soft code">{data.policy}</span> {data.over && <span className="soft">{say('over', { policy: data.over })}</span>}</p>
      <dl className="facts">
        {data.covers.map(([label, value], at) => <div key={at}><dt>{label || say('covers')}</dt><dd>{value}</dd></div>)}
        {(data.from || data.until) && <div><dt>{say('window')}</dt><dd>{data.from || '…'} – {data.until || say('open_end')}</dd></div>}
      </dl>
      {data.outside && <p className="hint wrong">{say('outside')}</p>}
      <h3>{say('timeline')}</h3>
      <Timeline data={data} day={day} />
      <div className="row no-print">
        <label className="row" htmlFor="law-day"><span className="soft">{say('day')}</span> <Input id="law-day" type="date" value={day} className="day" onChange={(e) => e.target.value && (window.location.hash = readLink(data.policy, e.target.value))} /></label>
        {before && <a href={diffLink(data.policy, dayBefore(before.day), data.policy, day)}>{say('compare_before')}</a>}
        {city && <a href={diffLink(data.policy, day, city.policy, day)}>{say('compare_city')}</a>}
      </div>
    </section>
  );
}

// Another place's document for the same scheme and care.
function same(one: Doc, other: Doc | undefined): boolean {
  return !!other && Object.entries(other.cares).some(([scheme, cares]) => one.tiers[0] === other.tiers[0] && one.cares[scheme]?.some((c) => cares.includes(c)));
}

function Layer({ layer }: { layer: LayerText }) {
  const listed = useListed();
  const say = useWords(policiesWords);
  return (
    <section className="card layer">
      <h2><TierDot tier={layer.tier} /> {layer.title}</h2>
      <p className="soft">{say('looks_at')}{listed(layer.sees.map((s) => s.label))}{layer.settled === 'year_end' && ` · ${say('year_end')}`}</p>
      {layer.only.length > 0 && <p className="soft">{say('only')}{listed(layer.only.map(([label, value]) => [label, value].filter(Boolean).join(' ')))}</p>}
      {layer.unread.map((u) => <p key={u}><StatusTag status="gap" /> {u}</p>)}
      {layer.parts.map((part) => <PartText key={part.part} part={part} />)}
    </section>
  );
}
