// Why a scenario differs from the base: the first step where they part, what decided it, and every step after it.
import { Collapse } from 'antd';
import type { Against, Parting, Side } from '../../api';
import { useWords } from '../../house';
import { compareWords } from '../../words/compare';
import { ClauseLink, Money, TierDot } from '../Parts';

export default function Why({ found }: { found: Side[] }) {
  const say = useWords(compareWords);
  const rows = found.map((side, at) => ({ side, at })).filter(({ side, at }) => at > 0 && 'against' in side);
  if (!rows.length) return null;
  return (
    <section className="card">
      <h2>{say('why')}</h2>
      {rows.map(({ side, at }) => (
        <div key={at} className="why">
          <h3>{say('why_side', { n: at + 1 })}</h3>
          {'against' in side && side.against?.map((one, n) => <Pair key={n} pair={one} many={(side.against?.length ?? 0) > 1} />)}
        </div>
      ))}
    </section>
  );
}

function Pair({ pair, many }: { pair: Against; many: boolean }) {
  const say = useWords(compareWords);
  const name = [...new Set(pair.bills.filter(Boolean))].join(' → ');
  if (pair.alone) return <p>{say('alone', { bill: name })}</p>;
  const [first, ...rest] = pair.partings;
  return (
    <div>
      {many && <p className="soft">{say('bill', { bill: name })}</p>}
      {!first ? <p>{say('no_difference')}</p> : (
        <>
          <p className="parting"><TierDot tier={first.tier} label={false} /> {say('first_part', { layer: first.layer, move: first.move })}<Money fen={first.first} /> → <Money fen={first.second} strong /> <span className="reason">{first.why}</span> <Clauses parting={first} /></p>
          {rest.length > 0 && <Collapse size="small" ghost items={[{ key: '1', label: `${say('then')} (${rest.length})`, children: <Partings partings={rest} /> }]} />}
        </>
      )}
    </div>
  );
}

function Partings({ partings }: { partings: Parting[] }) {
  const say = useWords(compareWords);
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={say('then')}>
      <table className="plain">
        <thead><tr><th scope="col">{say('step')}</th><th scope="col" className="n">{say('base_column')}</th><th scope="col" className="n">→</th><th scope="col">{say('why')}</th></tr></thead>
        <tbody>
          {partings.map((p, at) => (
            <tr key={at}><td><TierDot tier={p.tier} label={false} /> {p.layer} · {p.move}</td><td className="n"><Money fen={p.first} /></td><td className="n"><Money fen={p.second} /></td><td>{p.why} <Clauses parting={p} /></td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Clauses({ parting }: { parting: Parting }) {
  const found = parting.clauses.filter((c, at, all) => c && all.findIndex((o) => JSON.stringify(o) === JSON.stringify(c)) === at);
  return <>{found.map((clause, at) => clause && <ClauseLink key={at} clause={clause} number={at + 1} />)}</>;
}
