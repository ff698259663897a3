// What each product would have paid on the bills of one year, what is left, and why a product pays nothing.
import { App as Ant, Button, Switch } from 'antd';
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo } from 'react';
import type { Answer, Mistake } from '../../api';
import { useAsk } from '../../asking';
import { useHouse, useNarrow, useTerm, useWords } from '../../house';
import { short, yuan } from '../../money';
import { questions } from '../../scenario';
import { productsWords } from '../../words/products';
import Chart from '../Chart';
import Field from '../Field';
import { Broken, Mistakes, Money, TierDot, Waiting } from '../Parts';
import CaseForm from './CaseForm';
import { ProductSelect } from './TermsTab';
import type { Shelf, State, Tried } from './types';

type Props = { state: State; onChange: (state: State) => void };

export default function PaidTab({ state, onChange }: Props) {
  return <Ant component={false}><Inside state={state} onChange={onChange} /></Ant>;
}

const mistakesOf = (tried: Tried): Mistake[] => ('mistakes' in tried ? tried.mistakes : []);

function Inside({ state, onChange }: Props) {
  const { start, lang } = useHouse();
  const say = useWords(productsWords);
  const body = useMemo(() => ({ ...state.scenario, products: state.products, answers: state.answers, lang }), [state, lang]);
  const { data, mistakes, broken, again } = useAsk<Shelf>('try', state.products.length ? body : undefined);
  const open = [...mistakes, ...(data?.products ?? []).flatMap(mistakesOf)].filter((m) => m.question);
  const names = new Set([...Object.keys(state.answers), ...open.map((m) => m.question ?? '')]);
  const asks = questions(start, ['product'], names).filter(([name]) => open.some((m) => m.question === name) || name in state.answers);
  return (
    <div className="try">
      <div>
        <CaseForm scenario={state.scenario} asked={open.map((m) => m.question ?? '')} open={open} onChange={(scenario) => onChange({ ...state, scenario })} />
        <section className="card no-print">
          <label className="soft" htmlFor="try-products">{say('products_try')}</label>
          <ProductSelect id="try-products" chosen={state.products} most={12} region={state.scenario.case.member.region} onChange={(products) => onChange({ ...state, products })} />
          <details className="answers" open={open.some((m) => start.attributes[m.question ?? '']?.of === 'product')}>
            <summary>{say('asks')}</summary>
            <div className="part-grid">
              {asks.map(([name, attribute]) => (
                <Field key={name} name={name} attribute={attribute} value={state.answers[name]} asked={state.answers[name] === undefined} onChange={(value) => onChange({ ...state, answers: put(state.answers, name, value) })} />
              ))}
            </div>
          </details>
          <label className="switch"><Switch size="small" checked={state.scenario.allow_unverified} onChange={(on) => onChange({ ...state, scenario: { ...state.scenario, allow_unverified: on } })} /> {say('unverified')}</label>
        </section>
      </div>
      <div aria-live="polite">
        {broken && <Broken again={again} />}
        <Mistakes mistakes={mistakes} />
        {!data && !broken && !mistakes.length && <Waiting label={say('waiting')} />}
        {data && <Result data={data} state={state} onChange={onChange} />}
      </div>
    </div>
  );
}

function put(answers: Record<string, Answer>, name: string, value: Answer | undefined): Record<string, Answer> {
  const { [name]: _, ...rest } = answers;
  return value === undefined ? rest : { ...rest, [name]: value };
}

function Result({ data, state, onChange }: { data: Shelf } & Props) {
  const { start, lang } = useHouse();
  const say = useWords(productsWords);
  const term = useTerm();
  const narrow = useNarrow();
  const title = (policy: string) => term(start.products.find((p) => p.policy === policy), policy);
  const rows = data.products.filter((p): p is Extract<Tried, { paid: number }> => 'paid' in p);
  const option = useMemo<EChartsCoreOption>(() => {
    const bars = [{ name: say('without'), paid: 0, left: data.without.member_pays }, ...rows.map((r) => ({ name: title(r.policy), paid: r.paid, left: r.member_pays }))];
    return {
      grid: { left: 8, right: 24, top: 34, bottom: 20, containLabel: true },
      legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: '#1d2730' } },
      xAxis: { type: 'value', axisLabel: { formatter: (v: number) => short(v, lang), color: '#55626d', hideOverlap: true }, splitLine: { lineStyle: { color: '#eef1f3' } } },
      yAxis: { type: 'category', inverse: true, data: bars.map((b) => b.name), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: '#1d2730', width: narrow ? 104 : 190, overflow: 'break' } },
      tooltip: { trigger: 'item', formatter: (p: { seriesName: string; value: number }) => `${p.seriesName}<br><b>${yuan(p.value)}</b>` },
      series: [
        { type: 'bar', stack: 's', name: say('pays'), itemStyle: { color: '#0f8a6d' }, data: bars.map((b) => b.paid), barMaxWidth: 30 },
        { type: 'bar', stack: 's', name: say('left'), itemStyle: { color: start.colours.member }, data: bars.map((b) => b.left), barMaxWidth: 30 },
      ],
    };
  }, [data, lang, narrow, say, start]); // eslint-disable-line
  return (
    <>
      <section className="card">
        <h2>{say('paid')}</h2>
        {state.scenario.allow_unverified && <p className="soft">{say('unverified_note')}</p>}
        <Chart option={option} height={70 + (rows.length + 1) * (narrow ? 54 : 44)} label={say('chart_label')} />
        <div className="scroll" tabIndex={0} role="region" aria-label={say('numbers')}>
          <table className="plain">
            <thead><tr><th scope="col">{say('product')}</th><th scope="col" className="n">{say('pays')}</th><th scope="col" className="n">{say('left')}</th></tr></thead>
            <tbody>
              <tr><th scope="row">{say('without')}</th><td className="n">—</td><td className="n"><Money fen={data.without.member_pays} /></td></tr>
              {data.products.map((p) => <Row key={p.policy} tried={p} title={title(p.policy)} />)}
            </tbody>
          </table>
        </div>
      </section>
      {data.products.map((p) => <Told key={p.policy} tried={p} title={title(p.policy)} state={state} onChange={onChange} />)}
    </>
  );
}

function Row({ tried, title }: { tried: Tried; title: string }) {
  const say = useWords(productsWords);
  if (!('paid' in tried)) return <tr><th scope="row">{title}</th><td colSpan={2} className="n soft">{say('must_answer')} …</td></tr>;
  return <tr><th scope="row">{title}</th><td className="n"><Money fen={tried.paid} strong /></td><td className="n"><Money fen={tried.member_pays} /></td></tr>;
}

function Told({ tried, title, state, onChange }: { tried: Tried; title: string } & Props) {
  const { start } = useHouse();
  const say = useWords(productsWords);
  const product = start.products.find((p) => p.policy === tried.policy);
  const wrong = mistakesOf(tried);
  const paying = 'paid' in tried ? tried.layers.filter((l) => l.paid) : [];
  const reasons = 'paid' in tried ? tried.refusals : [];
  const outside = !('paid' in tried) || tried.paid > 0 ? false : reasons.some((r) => /\d{4}-\d\d-\d\d\.\./.test(r.wanted) || r.wanted.includes('..'));
  const into = () => onChange({ ...state, scenario: { ...state.scenario, case: { ...state.scenario.case, bills: state.scenario.case.bills.map((b) => ({ ...b, discharged: inside(String(b.discharged ?? ''), product?.from ?? '', product?.until ?? '') })) } } });
  return (
    <section className="card told">
      <h3>{title}</h3>
      {paying.length > 0 && <ul>{paying.map((l) => <li key={l.layer}><TierDot tier={l.tier} label={false} />{l.title} <Money fen={l.paid} strong /></li>)}</ul>}
      {'paid' in tried && tried.paid === 0 && <p><strong>{say('why_nothing')}</strong>{!reasons.length && ` · ${say('no_reason')}`}</p>}
      {'paid' in tried && tried.paid === 0 && <ul className="soft">{reasons.slice(0, 4).map((r, at) => <li key={at}>{say('why', r)}</li>)}</ul>}
      {outside && product?.from && <Button size="small" className="no-print" onClick={into}>{say('in_window')}</Button>}
      <Mistakes mistakes={wrong.slice(0, 6)} />
    </section>
  );
}

// The same day and month inside a window, or its first day.
function inside(day: string, from: string, until: string): string {
  for (const year of [from.slice(0, 4), until.slice(0, 4)]) {
    const moved = `${year}${day.slice(4)}`;
    if (from <= moved && (!until || moved <= until)) return moved;
  }
  return from || until;
}
