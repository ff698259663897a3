// A settled bill: three figures, the waterfall and its numbers, every step in words with its clause, the clauses themselves.
import { Alert } from 'antd';
import { memo, useEffect, useRef, useState } from 'react';
import type { Clause, Settlement, Standing, StatementLine } from '../api';
import { useNarrow, useTiers, useWords } from '../house';
import { percent, yuan } from '../money';
import { pay } from '../words/pay';
import { ClauseLink, ClauseText, Money, TierDot } from './Parts';
import Waterfall from './Waterfall';

function Figures({ settlement }: { settlement: Settlement }) {
  const say = useWords(pay);
  return (
    <dl className="figures">
      <div><dt>{say('billed')}</dt><dd>{yuan(settlement.billed)}</dd></div>
      <div><dt>{say('covered')}</dt><dd>{yuan(settlement.covered)}<small>{say('share_of_bill', { share: percent(settlement.covered, settlement.billed) })}</small></dd></div>
      <div className="you"><dt>{say('member_pays')}</dt><dd data-testid="member-pays">{yuan(settlement.member_pays)}<small>{say('share_of_bill', { share: percent(settlement.member_pays, settlement.billed) })}</small></dd></div>
      {settlement.cash > 0 && <div><dt>{say('cash')}</dt><dd>{yuan(settlement.cash)}</dd></div>}
    </dl>
  );
}

function LayerTable({ settlement, onPick }: { settlement: Settlement; onPick: (line: number) => void }) {
  const say = useWords(pay);
  let left = settlement.billed;
  const rows = settlement.statement.map((line, at) => ({ line, at })).filter(({ line }) => line.role === 'layer');
  return (
    <table className="plain layers">
      <caption className="sr">{say('waterfall')}</caption>
      <thead>
        <tr><th scope="col">{say('layer')}</th><th scope="col" className="n">{say('pays')}</th><th scope="col" className="n wide-only">{say('of_bill')}</th><th scope="col" className="n">{say('left_after')}</th></tr>
      </thead>
      <tbody>
        {rows.map(({ line, at }) => {
          left -= line.bar ? (line.amount ?? 0) : 0;
          return (
            <tr key={at}>
              <td><button type="button" className="link" onClick={() => onPick(at)}><TierDot tier={line.tier} label={false} /> {line.label}</button></td>
              <td className="n"><Money fen={line.amount} /></td>
              <td className="n wide-only">{percent(line.amount ?? 0, settlement.billed)}</td>
              <td className="n"><Money fen={left} /></td>
            </tr>
          );
        })}
        <tr className="you"><td>{say('you_pay')}</td><td className="n"><Money fen={settlement.member_pays} strong /></td><td className="n wide-only">{percent(settlement.member_pays, settlement.billed)}</td><td /></tr>
      </tbody>
    </table>
  );
}

function Step({ line, at, clauses, chosen }: { line: StatementLine; at: number; clauses: Clause[]; chosen: boolean }) {
  const tiers = useTiers();
  const say = useWords(pay);
  const unverified = line.clauses.some((n) => clauses[n - 1]?.status === 'unverified');
  return (
    <tr id={`step-${at}`} className={`step ${line.role}${chosen ? ' chosen' : ''}`} tabIndex={line.role === 'layer' ? -1 : undefined}>
      <td>
        {line.role === 'layer' && <span className="dot" style={{ background: tiers(line.tier).colour }} aria-hidden="true" />}
        <span>{line.label}</span>
        {line.clauses.map((n) => { const clause = clauses[n - 1]; return clause ? <ClauseLink key={n} clause={clause} number={n} /> : null; })}
        {unverified && <span className="mark">{say('unverified_mark')}</span>}
        {line.detail && <span className="detail">{line.detail}</span>}
      </td>
      <td className="n">{line.amount === null ? '' : yuan(line.amount)}</td>
    </tr>
  );
}

export const Steps = memo(function Steps({ settlement, chosen }: { settlement: Settlement; chosen: number | undefined }) {
  const say = useWords(pay);
  return (
    <table className="steps">
      <caption className="sr">{say('statement')}</caption>
      <thead className="sr"><tr><th scope="col">{say('says')}</th><th scope="col">{say('amount')}</th></tr></thead>
      <tbody>
        {settlement.statement.map((line, at) => (
          <Step key={at} line={line} at={at} clauses={settlement.clauses} chosen={chosen !== undefined && at >= chosen && at < endOf(settlement.statement, chosen)} />
        ))}
      </tbody>
    </table>
  );
});

function endOf(lines: StatementLine[], from: number): number {
  const next = lines.findIndex((line, at) => at > from && ['layer', 'total', 'member'].includes(line.role));
  return next < 0 ? lines.length : next;
}

export function Gauges({ standing }: { standing: Standing[] }) {
  const say = useWords(pay);
  if (!standing.length) return null;
  return (
    <ul className="gauges">
      {standing.map((one, at) => (
        <li key={at}>
          <div className="row between"><span><TierDot tier={one.tier} label={false} /> {one.title} · {one.label} <span className="soft">{one.period}</span></span></div>
          <div className="gauge" role="img" aria-label={say('standing_says', { label: one.label, used: yuan(one.used), limit: yuan(one.limit), left: yuan(one.limit - one.used) })}>
            <span style={{ width: `${one.limit ? Math.min(100, (one.used / one.limit) * 100) : 0}%` }} />
          </div>
          <div className="soft">{say('standing_says', { label: one.label, used: yuan(one.used), limit: yuan(one.limit), left: yuan(one.limit - one.used) })}</div>
        </li>
      ))}
    </ul>
  );
}

export default function Statement({ settlement, standing, actions }: { settlement: Settlement; standing: Standing[]; actions?: React.ReactNode }) {
  const say = useWords(pay);
  const narrow = useNarrow();
  const [chosen, setChosen] = useState<number>();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => setChosen(undefined), [settlement.bill]);
  const pick = (line: number) => {
    setChosen(line);
    const row = document.getElementById(`step-${line}`);
    row?.scrollIntoView({ behavior: window.matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth', block: narrow ? 'start' : 'center' });
    row?.focus({ preventScroll: true });
  };
  return (
    <div ref={box}>
      <section className="card">
        <Figures settlement={settlement} />
        <p className="about">{settlement.about.map((a) => <span key={a.label}><span className="soft">{a.label}</span> {a.says}</span>)}<span><span className="soft">{say('day_of')}</span> {settlement.day}</span></p>
        {actions}
        {settlement.warnings.map((w) => <Alert key={w} type="warning" title={w} className="warning" />)}
        <h2>{say('waterfall')}</h2>
        <Waterfall settlement={settlement} onPick={pick} onPoint={setChosen} chosen={chosen} />
        <p className="soft no-print">{say('waterfall_hint')}</p>
        <LayerTable settlement={settlement} onPick={pick} />
      </section>
      <section className="card">
        <h2>{say('statement')}</h2>
        <Steps settlement={settlement} chosen={chosen} />
      </section>
      {standing.length > 0 && (
        <section className="card">
          <h2>{say('standing')}</h2>
          <Gauges standing={standing} />
        </section>
      )}
      <section className="card">
        <h2>{say('clauses')}</h2>
        <ol className="clauses">
          {settlement.clauses.map((clause) => <li key={clause.number}><ClauseText clause={clause} /></li>)}
        </ol>
      </section>
    </div>
  );
}
