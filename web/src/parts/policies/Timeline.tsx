// The days on which a document changes, in a row; the one that holds on the day shown is filled. A click goes to that day.
import type { Status } from '../../api';
import { useWords } from '../../house';
import { policiesWords } from '../../words/policies';
import { shell } from '../../words/shell';
import { readLink } from './links';
import type { Policy } from './types';
import { STATUSES } from './types';

export default function Timeline({ data, day }: { data: Policy; day: string }) {
  const say = useWords(policiesWords);
  const state = useWords(shell);
  const holding = [...data.timeline].reverse().find((t) => t.day <= day)?.day;
  return (
    <ol className="timeline" tabIndex={0} aria-label={say('timeline')}>
      {data.timeline.map(({ day: begins, changes }) => {
        const worst = [...STATUSES].reverse().find((s) => changes.some((c) => c.status === s)) as Status;
        return (
          <li key={begins} className={begins === holding ? 'holding' : begins > day ? 'later' : ''}>
            <a href={readLink(data.policy, begins)} aria-current={begins === holding ? 'date' : undefined} title={changes.map((c) => `${c.layer} · ${c.part}`).join('\n')}
              aria-label={say('timeline_label', { day: begins, n: changes.length, status: state(`status_${worst}`) })}>
              <span className={`knot ${worst}`} aria-hidden="true" />
              <span>{begins}</span>
              <span className="soft">{say('changes', { n: changes.length })} · {state(`status_${worst}`)}</span>
            </a>
          </li>
        );
      })}
    </ol>
  );
}
