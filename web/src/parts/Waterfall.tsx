// From the bill to what the member pays: a bar for each layer that looked, in the order they paid.
import type { EChartsCoreOption } from 'echarts/core';
import { useMemo } from 'react';
import type { Settlement, StatementLine } from '../api';
import { useHouse, useNarrow, useTiers, useWords } from '../house';
import { short, yuan } from '../money';
import { pay } from '../words/pay';
import Chart from './Chart';

export type Bar = { line: number; label: string; tier: string; from: number; to: number; amount: number; colour: string };

export function useBars(settlement: Settlement): Bar[] {
  const tiers = useTiers();
  const { start } = useHouse();
  const say = useWords(pay);
  return useMemo(() => {
    const bars: Bar[] = [];
    settlement.statement.forEach((line, at) => {
      if (!line.bar || (line.role === 'layer' && !line.amount)) return;
      bars.push({ line: at, label: line.label, tier: line.role === 'layer' ? tiers(line.tier).label : line.label, from: line.bar[0], to: line.bar[1], amount: line.amount ?? 0, colour: colourOf(line, tiers, start.colours) });
    });
    const last = bars[bars.length - 1];
    if (last) last.label = last.tier = say('member_pays');
    return bars;
  }, [settlement, tiers, start, say]);
}

function colourOf(line: StatementLine, tiers: ReturnType<typeof useTiers>, colours: { member: string; billed: string }): string {
  if (line.role === 'total') return colours.billed;
  return line.role === 'member' ? colours.member : tiers(line.tier).colour;
}

export default function Waterfall({ settlement, onPick, onPoint, chosen }: { settlement: Settlement; onPick: (line: number) => void; onPoint: (line: number) => void; chosen: number | undefined }) {
  const { lang } = useHouse();
  const say = useWords(pay);
  const narrow = useNarrow();
  const bars = useBars(settlement);
  const option = useMemo<EChartsCoreOption>(() => ({
    aria: { enabled: false },
    grid: { left: 8, right: narrow ? 60 : 96, top: 6, bottom: 22, containLabel: true },
    xAxis: { type: 'value', axisLabel: { formatter: (v: number) => short(v, lang), hideOverlap: true, color: '#55626d' }, splitLine: { lineStyle: { color: '#eef1f3' } } },
    yAxis: {
      type: 'category', inverse: true, data: bars.map((b) => (narrow ? b.tier : b.label)), axisTick: { show: false }, axisLine: { show: false },
      axisLabel: { color: '#1d2730', fontSize: 13, width: narrow ? 84 : 210, overflow: 'break', lineHeight: 16 },
    },
    tooltip: { trigger: 'item', formatter: (p: { dataIndex: number }) => `${bars[p.dataIndex]?.label}<br><b>${yuan(bars[p.dataIndex]?.amount ?? 0)}</b>` },
    series: [
      { type: 'bar', stack: 'w', silent: true, itemStyle: { color: 'transparent' }, data: bars.map((b) => b.from), barWidth: '62%' },
      {
        type: 'bar', stack: 'w', name: 'amount', cursor: 'pointer',
        data: bars.map((b) => ({ value: b.to - b.from, itemStyle: { color: b.colour, borderRadius: 2, ...(b.line === chosen ? { borderColor: '#1d2730', borderWidth: 2 } : {}) } })),
        label: { show: true, position: 'right', formatter: (p: { dataIndex: number }) => yuan(bars[p.dataIndex]?.amount ?? 0), color: '#1d2730', fontSize: 12 },
      },
    ],
  }), [bars, chosen, lang, narrow]);
  const height = Math.max(150, bars.length * (narrow ? 46 : 42) + 30);
  return (
    <Chart option={option} height={height} onPick={(index) => bars[index] && onPick(bars[index].line)} onPoint={(index) => bars[index] && onPoint(bars[index].line)}
      label={say('waterfall_label', { billed: yuan(settlement.billed), covered: yuan(settlement.covered), pays: yuan(settlement.member_pays) })} />
  );
}
