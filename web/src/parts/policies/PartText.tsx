// One part of a layer: its cells as a table, and right beside them the words, the source and how far they are checked.
import { useWords } from '../../house';
import { policiesWords } from '../../words/policies';
import { shell } from '../../words/shell';
import { StatusTag } from '../Parts';
import type { LawClause, Part } from './types';
import { readable } from './types';

export default function PartText({ part }: { part: Part }) {
  const say = useWords(policiesWords);
  return (
    <section className="part-text">
      <h3>{part.label}</h3>
      <div className="part-body">
        <div>
          {part.unread ? <p><StatusTag status="gap" /> {part.unread}</p> : <Cells part={part} />}
          {part.versions.length > 1 && (
            <p className="soft">{say('versions')}{part.versions.map((v) => <span key={v.from} className={v.now ? 'now' : ''}>{v.from} </span>)}</p>
          )}
        </div>
        {part.clause && <Words clause={part.clause} />}
      </div>
    </section>
  );
}

function Cells({ part }: { part: Part }) {
  return (
    <>
      {part.cells.map(({ key, cells }) => {
        const grid = pivot(cells);
        return grid ? <Grid key={key} caption={key} grid={grid} /> : <Pairs key={key} name={key} cells={cells} />;
      })}
    </>
  );
}

function Pairs({ name, cells }: { name: string; cells: [string, string][] }) {
  if (cells.length === 1 && !cells[0]?.[0]) {
    return <dl className="pair"><dt>{name}</dt><dd>{readable(cells[0]?.[1] ?? '')}</dd></dl>;
  }
  return (
    <table className="cells">
      <caption>{name}</caption>
      <tbody>{cells.map(([label, value], at) => <tr key={at}><th scope="row">{readable(label) || '—'}</th><td>{readable(value)}</td></tr>)}</tbody>
    </table>
  );
}

export type Pivot = { columns: string[]; rows: { head: string[]; values: string[] }[] };

// Cells by several attributes as a table: the last attribute across, where every row has every column.
export function pivot(cells: [string, string][]): Pivot | undefined {
  const split = cells.map(([label, value]) => ({ steps: label.split(' · '), value }));
  const depth = split[0]?.steps.length ?? 0;
  if (cells.length < 4 || depth < 2 || split.some((c) => c.steps.length !== depth)) return undefined;
  const columns = [...new Set(split.map((c) => c.steps[depth - 1] as string))];
  const heads = [...new Set(split.map((c) => c.steps.slice(0, -1).join(' · ')))];
  if (columns.length < 2 || columns.length > 7 || columns.length * heads.length !== cells.length) return undefined;
  const rows = heads.map((head) => ({ head: head.split(' · '), values: columns.map((column) => split.find((c) => c.steps.join(' · ') === `${head} · ${column}`)?.value ?? '') }));
  return rows.every((r) => r.values.every(Boolean)) ? { columns, rows } : undefined;
}

function Grid({ caption, grid }: { caption: string; grid: Pivot }) {
  const width = grid.rows[0]?.head.length ?? 1;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={caption}>
      <table className="grid">
        <caption>{caption}</caption>
        <thead><tr><th colSpan={width}><span className="sr">{caption}</span></th>{grid.columns.map((c) => <th key={c} scope="col">{c}</th>)}</tr></thead>
        <tbody>
          {grid.rows.map((row, at) => (
            <tr key={at}>
              {row.head.map((step, n) => <th key={n} scope="row">{at > 0 && grid.rows[at - 1]?.head.slice(0, n + 1).join() === row.head.slice(0, n + 1).join() && n < width - 1 ? <span className="sr">{readable(step)}</span> : readable(step)}</th>)}
              {row.values.map((value, n) => <td key={n}>{readable(value)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Words({ clause }: { clause: LawClause }) {
  const say = useWords(shell);
  return (
    <div className="words">
      {clause.quote && <blockquote>{clause.quote}</blockquote>}
      <p><StatusTag status={clause.gap ? 'gap' : clause.status} /> <span className="soft">{say('since', { day: clause.from })}{clause.quoted_from === 'note' && ` · ${say('from_note')}`}</span></p>
      <p className="soft">{clause.url.startsWith('http') ? <a href={clause.url} target="_blank" rel="noreferrer noopener">{clause.source}</a> : clause.source} {clause.number} {clause.cite}</p>
      {clause.note && <p className="soft">{say('note')}{clause.note}</p>}
    </div>
  );
}
