// Sign in: with a token of one's institution, or, in a service to try, as one of the invented people.
import { Alert, Button, Input } from 'antd';
import { useState } from 'react';
import { useWords } from '../../house';
import { counterWords } from '../../words/counter';
import type { CounterStart, Session } from './session';
import { sessionOf } from './session';

export default function SignIn({ start, expired, onEnter }: { start: CounterStart; expired: boolean; onEnter: (session: Session) => void }) {
  const say = useWords(counterWords);
  const [token, setToken] = useState('');
  const tries = start.tries;
  const roles = tries?.roles.filter((r) => ['bureau', 'hospital', 'member'].includes(r.role)) ?? [];
  const label = (r: Session) => `${say(`role_${r.role}`)}${r.role === 'member' ? `：${tries?.people.find((p) => p.member === r.of)?.name ?? r.of}` : ''}`;
  const enter = () => { const session = sessionOf(token.trim()); if (session) onEnter(session); };
  return (
    <section className="card sign-in">
      <h2>{say('sign_in')}</h2>
      {expired && <Alert type="warning" showIcon title={say('expired')} />}
      {tries && (
        <>
          <Alert type="info" showIcon title={say('demo')} />
          <div className="row roles" role="group" aria-label={say('as')}>
            {roles.map((r) => <Button key={`${r.role}${r.of}`} size="large" onClick={() => onEnter(r)}>{label(r)}</Button>)}
          </div>
        </>
      )}
      <form onSubmit={(e) => { e.preventDefault(); enter(); }}>
        <label htmlFor="token">{say('token')} <span className="soft">{say('token_hint')}</span></label>
        <div className="row"><Input.Password id="token" value={token} autoComplete="off" onChange={(e) => setToken(e.target.value)} className="grow" /><Button htmlType="submit" disabled={!sessionOf(token.trim())}>{say('enter')}</Button></div>
      </form>
    </section>
  );
}
