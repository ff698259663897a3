// A chart. It is drawn when its library has come (the page is usable before that); the same numbers always stand in a table beside it.
import type { ECharts, EChartsCoreOption } from 'echarts/core';
import { useEffect, useRef, useState } from 'react';

let library: Promise<typeof import('./charts')> | undefined;
export const loadCharts = () => (library ??= import('./charts'));

type Props = {
  option: EChartsCoreOption;
  height: number;
  label: string;
  onPick?: (index: number, series: string) => void;
  onPoint?: (index: number) => void;
};

// Said in full: the library measures text with it.
const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

export default function Chart({ option, height, label, onPick, onPoint }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<ECharts>();
  const heard = useRef({ onPick, onPoint });
  heard.current = { onPick, onPoint };

  useEffect(() => {
    let made: ECharts | undefined;
    let gone = false;
    let watching: ResizeObserver | undefined;
    loadCharts().then(({ init }) => {
      if (gone || !box.current) return;
      made = init(box.current, undefined, { renderer: 'svg' }) as ECharts;
      made.on('click', (event) => heard.current.onPick?.(event.dataIndex, event.seriesName ?? ''));
      made.on('mouseover', (event) => heard.current.onPoint?.(event.dataIndex));
      watching = new ResizeObserver(() => made?.resize());
      watching.observe(box.current);
      setChart(made);
    });
    return () => {
      gone = true;
      watching?.disconnect();
      made?.dispose();
    };
  }, []);

  useEffect(() => {
    chart?.setOption({ animation: false, textStyle: { fontFamily: FONT }, ...option }, { notMerge: true });
  }, [chart, option]);
  useEffect(() => {
    chart?.resize();
  }, [chart, height]);

  return <div ref={box} className="chart" role="img" aria-label={label} style={{ height }} />;
}
