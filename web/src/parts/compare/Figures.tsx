// What each scenario comes to, layer by layer: stacked bars, and the same numbers with the difference to the base.
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo } from 'react';
import type { Settled, Side } from '../../api';
import { useHouse, useNarrow, useTiers, useWords } from '../../house';
import { short, yuan } from '../../money';
import { compareWords } from '../../words/compare';
import Chart from '../Chart';
import { Money, TierDot } from '../Parts';

const settled = (side: Side): Settled | undefined => ('year' in side ? side : undefined);

function tierSum(side: Settled | undefined, tier: string): number | undefined {
  return side?.year.bills.reduce((sum, bill) => sum + bill.layers.filter((l) => l.tier === tier && !l.cash).reduce((s, l) => s + l.paid, 0), 0);
}

const total = (side: Settled | undefined, of: 'billed' | 'member_pays') => side?.year.bills.reduce((sum, bill) => sum + bill[of], 0);

export default function Figures({ found }: { found: Side[] }) {
  const { start, lang } = useHouse();
  const say = useWords(compareWords);
  const tiers = useTiers();
  const narrow = useNarrow();
  const sides = found.map(settled);
  const names = useMemo(() => start.tiers.map((t) => t.name).filter((tier) => sides.some((s) => tierSum(s, tier))), [start, sides]);
  const option = useMemo<EChartsCoreOption>(() => {
    const labels = found.map((_, at) => say(at ? 'side' : 'base', { n: at + 1 }));
    const bar = (name: string, colour: string, data: (number | undefined)[]) => ({ type: 'bar', stack: 's', name, itemStyle: { color: colour }, data: data.map((v) => v ?? 0), barMaxWidth: 34 });
    return {
      grid: { left: 8, right: 24, top: narrow ? 66 : 40, bottom: 20, containLabel: true },
      legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: '#1d2730' } },
      xAxis: { type: 'value', axisLabel: { formatter: (v: number) => short(v, lang), color: '#55626d', hideOverlap: true }, splitLine: { lineStyle: { color: '#eef1f3' } } },
      yAxis: { type: 'category', inverse: true, data: labels, axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: '#1d2730' } },
      tooltip: { trigger: 'item', formatter: (p: { seriesName: string; value: number }) => `${p.seriesName}<br><b>${yuan(p.value)}</b>` },
      series: [
        ...names.map((tier) => bar(tiers(tier).label, tiers(tier).colour, sides.map((s) => tierSum(s, tier)))),
        bar(say('member'), start.colours.member, sides.map((s) => total(s, 'member_pays'))),
      ],
    };
  }, [found, names, lang, narrow, say, sides, start, tiers]);
  return (
    <section className="card">
      <h2>{say('figures')}</h2>
      <Chart option={option} height={90 + found.length * 52} label={say('chart_label')} />
      <div className="scroll" tabIndex={0} role="region" aria-label={say('figures')}>
        <table className="plain">
          <thead><tr><th scope="col">{say('row')}</th>{found.map((_, at) => <th key={at} scope="col" className="n">{say(at ? 'side' : 'base', { n: at + 1 })}</th>)}</tr></thead>
          <tbody>
            <Row label={say('billed')} values={sides.map((s) => total(s, 'billed'))} />
            {names.map((tier) => <Row key={tier} label={<TierDot tier={tier} />} values={sides.map((s) => tierSum(s, tier))} />)}
            <Row label={say('member')} values={sides.map((s) => total(s, 'member_pays'))} you />
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ label, values, you = false }: { label: React.ReactNode; values: (number | undefined)[]; you?: boolean }) {
  const base = values[0];
  return (
    <tr className={you ? 'you' : ''}>
      <th scope="row">{label}</th>
      {values.map((value, at) => (
        <td key={at} className="n">
          <Money fen={value} strong={you} />
          {at > 0 && value !== undefined && base !== undefined && value !== base && <div className="soft"><Money fen={value - base} sign /></div>}
        </td>
      ))}
    </tr>
  );
}
