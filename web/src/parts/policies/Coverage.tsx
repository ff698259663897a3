// How much is read, and how far it is checked: a map of squares, totals, every document, and the gaps in words.
import { Input, Table } from 'antd';
import { useMemo, useState } from 'react';
import { useAsk } from '../../asking';
import { useHouse, usePlaceName, useWords } from '../../house';
import { policiesWords } from '../../words/policies';
import { shell } from '../../words/shell';
import { Broken, StatusTag, Waiting } from '../Parts';
import { readLink } from './links';
import type { Province } from './provinces';
import { PROVINCES } from './provinces';
import type { Coverage as Told } from './types';
import { STATUSES, valuesOf } from './types';

type Row = Told['rows'][number];

export default function Coverage() {
  const { lang } = useHouse();
  const say = useWords(policiesWords);
  const { data, broken, again } = useAsk<Told>('coverage', { lang });
  const [province, setProvince] = useState<string>();
  if (broken) return <Broken again={again} />;
  if (!data) return <Waiting label={say('waiting')} />;
  return (
    <>
      <Totals data={data} />
      <section className="card">
        <h2>{say('map')}</h2>
        <div className="map-and-list">
          <Map data={data} chosen={province} onChoose={setProvince} />
          <Places data={data} province={province} />
        </div>
      </section>
      <Documents data={data} />
      <section className="card">
        <h2>{say('all_gaps', { n: data.gaps.length })}</h2>
        <details><summary>{say('show_gaps')}</summary><ul className="gap-list">{data.gaps.map((g, at) => <li key={at}><a href={readLink(g.policy, '2025-06-30')}>{g.title}</a> · {g.gap}</li>)}</ul></details>
      </section>
    </>
  );
}

function Totals({ data }: { data: Told }) {
  const say = useWords(policiesWords);
  const sums = Object.fromEntries(STATUSES.map((s) => [s, data.rows.reduce((sum, r) => sum + r[s], 0)])) as Record<(typeof STATUSES)[number], number>;
  return (
    <section className="card">
      <h2>{say('totals')} · {say('values', { n: valuesOf(sums) })}</h2>
      <Share row={sums} />
      <ul className="row legend">{STATUSES.map((s) => <li key={s}><span className={`swatch ${s}`} aria-hidden="true" /> <StatusTag status={s} /> <strong>{sums[s]}</strong></li>)}</ul>
    </section>
  );
}

function Share({ row }: { row: Record<(typeof STATUSES)[number], number> }) {
  const state = useWords(shell);
  const whole = STATUSES.reduce((sum, s) => sum + row[s], 0) || 1;
  return (
    <div className="share" role="img" aria-label={STATUSES.map((s) => `${state(`status_${s}`)} ${row[s]}`).join(', ')}>
      {STATUSES.map((s) => row[s] > 0 && <span key={s} className={s} style={{ width: `${(row[s] / whole) * 100}%` }} />)}
    </div>
  );
}

function placesOf(data: Told, code: string | undefined) {
  return data.regions.filter((r) => (r.code || '').slice(0, 2) === code).sort((a, b) => valuesOf(b) - valuesOf(a));
}

function Map({ data, chosen, onChoose }: { data: Told; chosen: string | undefined; onChoose: (code: string) => void }) {
  const { lang } = useHouse();
  const say = useWords(policiesWords);
  return (
    <div>
      <div className="tiles">
        {PROVINCES.map((p) => {
          const places = placesOf(data, p.code);
          const n = places.reduce((sum, r) => sum + valuesOf(r), 0);
          return (
            <button key={p.code} type="button" className={`tile depth-${depth(n)}`} style={{ gridColumn: p.column, gridRow: p.row }} aria-pressed={chosen === p.code} onClick={() => onChoose(p.code)}
              aria-label={say('map_label', { name: p[lang], n, places: places.length })} title={p[lang]}>
              <span>{p.short}</span><small>{n || ''}</small>
            </button>
          );
        })}
      </div>
      <p className="soft">{say('map_hint')}</p>
      <p className="row soft">{say('legend')} {[0, 1, 2, 3, 4].map((d) => <span key={d} className="row"><span className={`swatch tile depth-${d}`} aria-hidden="true" /> {['0', '1–19', '20–59', '60–119', '120+'][d]}</span>)}</p>
    </div>
  );
}

function depth(values: number): number {
  return [1, 20, 60, 120].filter((limit) => values >= limit).length;
}

function Places({ data, province }: { data: Told; province: string | undefined }) {
  const { lang } = useHouse();
  const say = useWords(policiesWords);
  const found: Province | undefined = PROVINCES.find((p) => p.code === province);
  const places = found ? placesOf(data, province) : [...data.regions].sort((a, b) => valuesOf(b) - valuesOf(a)).slice(0, 10);
  return (
    <div aria-live="polite">
      {found && <h3>{say('places_of', { name: found[lang], n: places.length })}</h3>}
      {places.length === 0 && <p className="soft">{say('nothing_read')}</p>}
      <ul className="place-list">
        {places.map((place) => {
          const rows = new Set(data.rows.filter((r) => r.region === place.id && r.kind === 'public').map((r) => r.policy));
          return (
            <li key={place.id}>
              <div className="row between"><strong>{place[lang]}</strong><span className="soft">{say('values', { n: valuesOf(place) })}</span></div>
              <Share row={place} />
              {found && <div className="soft">{[...rows].map((policy) => { const row = data.rows.filter((r) => r.policy === policy).pop(); return <div key={policy}><a href={readLink(policy, `${row?.year}-12-31`)}>{row?.title}</a></div>; })}</div>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Documents({ data }: { data: Told }) {
  const say = useWords(policiesWords);
  const state = useWords(shell);
  const placeName = usePlaceName();
  const [typed, setTyped] = useState('');
  const rows = useMemo(() => data.rows.filter((r) => !typed || `${placeName(r.region)} ${r.title} ${r.policy} ${r.year}`.toLowerCase().includes(typed.toLowerCase())), [data, typed, placeName]);
  const number = (name: (typeof STATUSES)[number]) => ({ title: state(`status_${name}`), dataIndex: name, align: 'right' as const, sorter: (a: Row, b: Row) => a[name] - b[name], render: (n: number) => n || '' });
  return (
    <section className="card">
      <div className="row between"><h2>{say('all_rows')}</h2><Input type="search" allowClear className="filter" value={typed} placeholder={say('filter')} aria-label={say('filter')} onChange={(e) => setTyped(e.target.value)} /></div>
      <Table<Row> size="small" dataSource={rows} rowKey={(r) => `${r.policy}${r.year}`} pagination={{ pageSize: 15, showSizeChanger: false, size: 'small' }} scroll={{ x: 760 }}
        columns={[
          { title: say('place'), dataIndex: 'region', sorter: (a, b) => a.region.localeCompare(b.region), render: (r: string) => placeName(r), width: 110 },
          { title: say('document_title'), dataIndex: 'title', render: (t: string, r) => <a href={readLink(r.policy, `${r.year}-12-31`)}>{t}</a> },
          { title: say('from_year'), dataIndex: 'year', sorter: (a, b) => a.year - b.year, width: 76 },
          number('verified'), number('secondary'), number('unverified'), number('gap'),
        ]} />
    </section>
  );
}
