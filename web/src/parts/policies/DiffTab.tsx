// Two documents, or one on two days: what they say otherwise, part by part and cell by cell.
import { Button, Input } from 'antd';
import { useAsk } from '../../asking';
import { useHouse, useWords } from '../../house';
import { policiesWords } from '../../words/policies';
import { Broken, Mistakes, Nothing, TierDot, Waiting } from '../Parts';
import { dayFor, diffLink, readLink } from './links';
import { Words } from './PartText';
import { Chooser } from './Read';
import type { Diff, Doc } from './types';
import { readable } from './types';

export default function DiffTab({ documents, query }: { documents: Doc[]; query: URLSearchParams }) {
  const { lang } = useHouse();
  const say = useWords(policiesWords);
  const first = query.get('first') ?? 'beijing.employee.inpatient';
  const second = query.get('second') ?? 'shanghai.employee.inpatient';
  const day = query.get('day') ?? latest(documents, first, second);
  const other = query.get('other') ?? day;
  const go = (a: string, d: string, b: string, o: string) => { window.location.hash = diffLink(a, d, b, o); };
  const { data, mistakes, broken, again } = useAsk<Diff>('diff', { first, second, day, other_day: other, lang });
  return (
    <>
      <div className="card diff-head">
        <Side n={1} documents={documents} policy={first} day={day} onPolicy={(p) => go(p, day, second, other)} onDay={(d) => go(first, d, second, other)} />
        <Button className="no-print" onClick={() => go(second, other, first, day)}>⇄ {say('swap')}</Button>
        <Side n={2} documents={documents} policy={second} day={other} onPolicy={(p) => go(first, day, p, other)} onDay={(d) => go(first, day, second, d)} />
      </div>
      {broken && <Broken again={again} />}
      <Mistakes mistakes={mistakes} />
      {!data && !broken && !mistakes.length && <Waiting label={say('waiting')} />}
      {data && <Rows data={data} />}
    </>
  );
}

function latest(documents: Doc[], first: string, second: string): string {
  return [first, second].map((p) => dayFor(documents.find((d) => d.policy === p))).sort().pop() as string;
}

function Side({ n, documents, policy, day, onPolicy, onDay }: { n: 1 | 2; documents: Doc[]; policy: string; day: string; onPolicy: (p: string) => void; onDay: (d: string) => void }) {
  const say = useWords(policiesWords);
  return (
    <div className="side" role="group" aria-label={say(n === 1 ? 'first' : 'second')}>
      <strong>{say(n === 1 ? 'first' : 'second')}</strong>
      <Chooser id={`doc-${n}`} documents={documents} chosen={policy} onChoose={onPolicy} />
      <Input type="date" value={day} aria-label={`${say(n === 1 ? 'first' : 'second')} ${say('on_day')}`} onChange={(e) => e.target.value && onDay(e.target.value)} />
      <a href={readLink(policy, day)}>{say('read')}</a>
    </div>
  );
}

function Rows({ data }: { data: Diff }) {
  const say = useWords(policiesWords);
  const count = data.rows.reduce((sum, row) => sum + row.cells.length, 0);
  if (!count) return <Nothing>{say('no_difference')}</Nothing>;
  const [one, two] = data.sides;
  const same = one?.policy === two?.policy;
  return (
    <div aria-live="polite">
      <p className="soft">{say('differences', { n: count })}</p>
      {data.rows.map((row, at) => (
        <section className="card diff-row" key={at}>
          <h2><TierDot tier={row.tier} /> {row.layer} · {row.part}</h2>
          <div className="scroll" tabIndex={0} role="region" aria-label={`${row.layer} ${row.part}`}>
            <table className="plain diff-table">
              <thead><tr><th scope="col">{say('item')}</th><th scope="col">{one?.title}<br /><span className="soft">{one?.day}</span></th><th scope="col">{two?.title}<br /><span className="soft">{two?.day}</span></th></tr></thead>
              <tbody>
                {row.cells.map(([label, before, after], n) => (
                  <tr key={n}><th scope="row">{readable(label)}</th><td>{before === null ? <span className="soft">{say('only_here')}</span> : same ? <del>{readable(before)}</del> : <span className="other">{readable(before)}</span>}</td><td>{after === null ? <span className="soft">{say('only_here')}</span> : same ? <ins>{readable(after)}</ins> : <span className="other">{readable(after)}</span>}</td></tr>
                ))}
              </tbody>
            </table>
          </div>
          <details className="both-words"><summary>{say('clause')}</summary><div className="part-body">{row.clauses.map((c, n) => (c ? <Words key={n} clause={c} /> : <p key={n} className="soft">—</p>))}</div></details>
        </section>
      ))}
    </div>
  );
}
