// Small things that every page uses: amounts, how far a value is checked, a clause, what is empty, waiting or wrong.
import { Alert, Button, Empty, Popover, Spin, Tag } from 'antd';
import { Component, type ReactNode } from 'react';
import type { Clause, Mistake, Status } from '../api';
import { useTiers, useWords } from '../house';
import { signed, yuan } from '../money';
import { shell } from '../words/shell';

export function Money({ fen, sign = false, strong = false }: { fen: number | null | undefined; sign?: boolean; strong?: boolean }) {
  if (fen === null || fen === undefined) return <span className="money">—</span>;
  return <span className={strong ? 'money strong' : 'money'}>{sign ? signed(fen) : yuan(fen)}</span>;
}

export function StatusTag({ status }: { status: Status }) {
  const say = useWords(shell);
  return <span className={`status status-${status}`}>{say(`status_${status}`)}</span>;
}

export function TierDot({ tier, label = true }: { tier: string; label?: boolean }) {
  const found = useTiers()(tier);
  return (
    <span className={label ? 'tier' : 'tier bare'}>
      <span className="dot" style={{ background: found.colour }} aria-hidden="true" />
      {label && found.label}
    </span>
  );
}

export function ClauseText({ clause }: { clause: Clause }) {
  const say = useWords(shell);
  return (
    <div className="clause">
      <blockquote>{clause.quote}</blockquote>
      <p>
        <StatusTag status={clause.status} /> {say('since', { day: clause.from })}
        {clause.quoted_from === 'note' && <Tag>{say('from_note')}</Tag>}
      </p>
      <p className="soft">
        {clause.source} {clause.cite}
        {clause.url.startsWith('http') && (
          <>
            {' · '}
            <a href={clause.url} target="_blank" rel="noreferrer noopener">{say('open_source')}</a>
          </>
        )}
      </p>
      {clause.note && <p className="soft">{say('note')}{clause.note}</p>}
      <p className="soft code"><a href={`#/policies?tab=read&policy=${clause.policy}&day=${clause.from}`}>{clause.policy}</a> · {clause.part}</p>
    </div>
  );
}

export function ClauseLink({ clause, number }: { clause: Clause; number: number }) {
  const say = useWords(shell);
  return (
    <Popover trigger="click" content={<div className="clause-pop"><ClauseText clause={clause} /></div>}>
      <button type="button" className={`cite status-${clause.status}`} aria-label={`[${number}] ${clause.source} ${say(`status_${clause.status}`)}`}>
        [{number}]
      </button>
    </Popover>
  );
}

export function Mistakes({ mistakes, children }: { mistakes: Mistake[]; children?: ReactNode }) {
  const say = useWords(shell);
  if (!mistakes.length) return null;
  return (
    <Alert
      type="warning"
      showIcon
      role="status"
      className="mistakes"
      title={mistakes[0]?.what}
      description={
        <>
          <ul>
            {mistakes.map((m, at) => (
              <li key={at}>
                {at > 0 && <strong>{m.what} </strong>}
                {m.why && <span>{m.why} </span>}
                {m.repair && <span className="soft">{say('repair')}{m.repair} </span>}
                <span className="soft code">{m.code}</span>
              </li>
            ))}
          </ul>
          {children}
        </>
      }
    />
  );
}

export function Broken({ again }: { again: () => void }) {
  const say = useWords(shell);
  return (
    <Alert type="error" showIcon role="alert" title={say('cannot_start')} description={say('cannot_start_why')}
      action={<Button onClick={again}>{say('again')}</Button>} />
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={children} />;
}

export function Waiting({ label }: { label: string }) {
  return (
    <div className="waiting" role="status" aria-live="polite">
      <Spin /> <span>{label}</span>
    </div>
  );
}

// A page that fails says so, and the others go on.
export class Shelter extends Component<{ children: ReactNode; words: { head: string; why: string; again: string } }, { error: Error | null }> {
  override state = { error: null as Error | null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    const { error } = this.state;
    const { words } = this.props;
    if (!error) return this.props.children;
    return (
      <Alert type="error" showIcon role="alert" title={words.head} description={<><p>{words.why}</p><code>{error.message}</code></>}
        action={<Button onClick={() => this.setState({ error: null })}>{words.again}</Button>} />
    );
  }
}
