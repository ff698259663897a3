// One person's layers as a picture: who looks at which money, what is left over (a gap), what two look at (an overlap).
import { Input, Segmented, Switch } from 'antd';
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo, useState } from 'react';
import type { Settled, Settlement } from '../../api';
import { useAsk } from '../../asking';
import { useHouse, useListed, useNarrow, useTiers, useWords } from '../../house';
import { fen, percent, short, yuan } from '../../money';
import { heldOf } from '../../scenario';
import { productsWords } from '../../words/products';
import Chart from '../Chart';
import { Broken, Mistakes, Money, TierDot, Waiting } from '../Parts';
import Products from '../pay/Held';
import CaseForm from './CaseForm';
import type { State, Sweep } from './types';

type Props = { state: State; onChange: (state: State) => void };
const COMMERCIAL = ['huiminbao', 'commercial', 'charity', 'supplement'];

// The person of this tab holds the first of the products that are tried, until they say otherwise.
function begun(state: State): State {
  const held = heldOf(state.scenario.case.member);
  if (held.length || 'products' in state.scenario.case.member && state.scenario.case.member['_chosen']) return state;
  const policy = state.products[0];
  const member = { ...state.scenario.case.member, products: policy ? [{ policy, pre_existing: 'no', healthy_years: '0' }] : [] };
  return { ...state, scenario: { ...state.scenario, case: { ...state.scenario.case, member } } };
}

export default function GapsTab({ state: given, onChange }: Props) {
  const { lang } = useHouse();
  const say = useWords(productsWords);
  const [touched, setTouched] = useState(false);
  const state = useMemo(() => (touched ? given : begun(given)), [given, touched]);
  const change = (next: State) => { setTouched(true); onChange(next); };
  const { data, mistakes, broken, again } = useAsk<Settled>('settle', { ...state.scenario, lang });
  const open = mistakes.filter((m) => m.question);
  const asked = new Set([...(data?.asked ?? []), ...Object.keys(state.scenario.case.member)]);
  const bill = data?.year.bills[data.year.bills.length - 1];
  return (
    <div className="try">
      <div>
        <section className="card no-print">
          <Products scenario={state.scenario} asked={asked} open={open} onChange={(scenario) => change({ ...state, scenario })} />
          <label className="switch"><Switch size="small" checked={state.scenario.allow_unverified} onChange={(on) => change({ ...state, scenario: { ...state.scenario, allow_unverified: on } })} /> {say('unverified')}</label>
        </section>
        <CaseForm scenario={state.scenario} asked={[...asked]} open={open} onChange={(scenario) => change({ ...state, scenario })} />
      </div>
      <div aria-live="polite">
        {broken && <Broken again={again} />}
        <Mistakes mistakes={mistakes} />
        {!data && !broken && !mistakes.length && <Waiting label={say('waiting')} />}
        {bill && <Matrix bill={bill} />}
        {bill && <Growing state={state} />}
      </div>
    </div>
  );
}

type Look = { tier: string; title: string; kinds: Set<string>; paid: number; commercial: boolean };

function looksOf(bill: Settlement): Look[] {
  return bill.sights.map((sight) => {
    const layer = bill.layers.find((l) => l.layer === sight.layer);
    return { tier: layer?.tier ?? '', title: layer?.title ?? sight.layer, kinds: new Set(Object.keys(sight.kinds)), paid: sight.paid, commercial: COMMERCIAL.includes(layer?.tier ?? '') };
  });
}

function Matrix({ bill }: { bill: Settlement }) {
  const { start, lang } = useHouse();
  const say = useWords(productsWords);
  const looks = looksOf(bill).map((l, at) => ({ ...l, title: lang === 'zh' ? l.title : (bill.layers.find((y) => y.layer === bill.sights[at]?.layer)?.english ?? l.title) }));
  const kinds = start.kinds.filter((k) => (bill.self_pay[k.name] ?? 0) > 0 || looks.some((l) => l.kinds.has(k.name)));
  const name = (kind: string) => start.kinds.find((k) => k.name === kind)?.[lang] ?? kind;
  const listed = useListed();
  const verdicts = verdictsOf(bill, looks, kinds.map((k) => k.name), listed);
  return (
    <section className="card">
      <h2>{say('matrix')}</h2>
      <div className="scroll" tabIndex={0} role="region" aria-label={say('matrix_label')}>
        <table className="matrix">
          <thead>
            <tr><th scope="col">{say('kind')}</th>{looks.map((l, at) => <th key={at} scope="col"><TierDot tier={l.tier} label={false} /><span>{l.title}</span><small>{say('layer_paid', { amount: yuan(l.paid) })}</small></th>)}<th scope="col" className="n">{say('remains')}</th></tr>
          </thead>
          <tbody>
            {kinds.map((kind) => {
              const left = bill.self_pay[kind.name] ?? 0;
              return (
                <tr key={kind.name} className={verdicts.some((v) => v.kind === kind.name && v.what === 'gap') ? 'gap' : ''}>
                  <th scope="row">{kind[lang]}</th>
                  {looks.map((l, at) => <td key={at}>{l.kinds.has(kind.name) ? <span className={l.paid ? 'sees pays' : 'sees'}>{say(l.paid ? 'looks_paid' : 'looks')}</span> : ''}</td>)}
                  <td className="n"><Money fen={left} strong={left > 0} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <h3>{say('verdict')}</h3>
      <ul className="verdicts">
        {verdicts.map((v, at) => <li key={at} className={v.what}>{say(v.what, { kind: name(v.kind), amount: yuan(v.amount), product: v.products, products: v.products })}</li>)}
        {!verdicts.length && <li>{say('well')}</li>}
      </ul>
    </section>
  );
}

type Verdict = { what: 'gap' | 'gap_under' | 'overlap'; kind: string; amount: number; products: string };

function verdictsOf(bill: Settlement, looks: Look[], kinds: string[], listed: (words: string[]) => string): Verdict[] {
  const found: Verdict[] = [];
  for (const kind of kinds) {
    const left = bill.self_pay[kind] ?? 0;
    const lookers = looks.filter((l) => l.commercial && l.kinds.has(kind));
    const products = listed([...new Set(lookers.map((l) => l.title))]);
    if (left > 0) found.push({ what: lookers.length ? 'gap_under' : 'gap', kind, amount: left, products });
    if (new Set(lookers.map((l) => l.title)).size > 1) found.push({ what: 'overlap', kind, amount: 0, products });
  }
  const order = { gap: 0, overlap: 1, gap_under: 2 };
  return found.sort((a, b) => order[a.what] - order[b.what] || b.amount - a.amount);
}

function Growing({ state }: { state: State }) {
  const { start, lang } = useHouse();
  const say = useWords(productsWords);
  const tiers = useTiers();
  const narrow = useNarrow();
  const [kind, setKind] = useState<'in_scope' | 'outside_scope'>('in_scope');
  const [most, setMost] = useState('500000');
  const { data, mistakes } = useAsk<Sweep>('sweep', { ...state.scenario, kind, most: Math.max(100, fen(most) ?? 50_000_000), points: 41, lang });
  const label = (name: string) => start.kinds.find((k) => k.name === name)?.[lang] ?? name;
  const option = useMemo<EChartsCoreOption>(() => {
    const area = (name: string, colour: string, values: number[]) => ({ type: 'line', stack: 's', name, symbol: 'none', lineStyle: { width: 1, color: colour }, areaStyle: { color: colour, opacity: 0.88 }, itemStyle: { color: colour }, data: values });
    return {
      grid: { left: 8, right: 18, top: narrow ? 74 : 44, bottom: 24, containLabel: true },
      legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: '#1d2730' } },
      tooltip: { trigger: 'axis', valueFormatter: (v: number) => yuan(v) },
      xAxis: { type: 'category', boundaryGap: false, data: data?.points.map((p) => short(p.amount, lang)) ?? [], axisLabel: { color: '#55626d' } },
      yAxis: { type: 'value', axisLabel: { formatter: (v: number) => short(v, lang), color: '#55626d' }, splitLine: { lineStyle: { color: '#eef1f3' } } },
      series: [
        area(say('left'), start.colours.member, data?.points.map((p) => p.member_pays) ?? []),
        ...(data?.tiers ?? []).map((tier) => area(tiers(tier).label, tiers(tier).colour, data?.points.map((p) => p.tiers[tier] ?? 0) ?? [])),
      ],
    };
  }, [data, lang, narrow, say, start, tiers]);
  return (
    <section className="card">
      <h2>{say('growing')}</h2>
      <div className="row no-print">
        <Segmented aria-label={say('growing_kind')} value={kind} onChange={setKind} options={(['in_scope', 'outside_scope'] as const).map((k) => ({ value: k, label: label(k) }))} />
        <label className="row" htmlFor="most"><span className="soft">{say('growing_most')}</span><Input id="most" className="day" inputMode="numeric" value={most} onChange={(e) => setMost(e.target.value)} /></label>
      </div>
      <Mistakes mistakes={mistakes} />
      <Chart option={option} height={320} label={say('growing_label')} />
      {data && (
        <details><summary>{say('numbers')}</summary>
          <div className="scroll" tabIndex={0} role="region" aria-label={say('numbers')}>
            <table className="plain">
              <thead><tr><th scope="col" className="n">{say('amount')}</th>{data.tiers.map((t) => <th key={t} scope="col" className="n">{tiers(t).label}</th>)}<th scope="col" className="n">{say('left')}</th><th scope="col" className="n">{say('share_left')}</th></tr></thead>
              <tbody>{data.points.filter((_, at) => at % 4 === 0).map((p) => <tr key={p.amount}><td className="n"><Money fen={p.amount} /></td>{data.tiers.map((t) => <td key={t} className="n"><Money fen={p.tiers[t] ?? 0} /></td>)}<td className="n"><Money fen={p.member_pays} /></td><td className="n">{percent(p.member_pays, p.billed)}</td></tr>)}</tbody>
            </table>
          </div>
        </details>
      )}
    </section>
  );
}
