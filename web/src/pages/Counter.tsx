// The counter: sign in, find a member, and everything the desk of record does for them. No person ever stands in the address.
import { Button } from 'antd';
import { useCallback, useState } from 'react';
import { useLook } from '../asking';
import { useAddress, usePlaceName, useWords } from '../house';
import Bills from '../parts/counter/Bills';
import Consents from '../parts/counter/Consents';
import { Finder, Who } from '../parts/counter/Finder';
import MoneyTab from '../parts/counter/MoneyTab';
import Overview from '../parts/counter/Overview';
import type { CounterStart, File, Session } from '../parts/counter/session';
import { may, useDesk, useRead, useSession } from '../parts/counter/session';
import Settle from '../parts/counter/Settle';
import SignIn from '../parts/counter/SignIn';
import { Broken, Mistakes, Nothing, Waiting } from '../parts/Parts';
import Sub from '../parts/Sub';
import { counterWords } from '../words/counter';
import './Counter.css';

const TABS = ['overview', 'settle', 'bills', 'money', 'consents'] as const;

export default function Counter() {
  const say = useWords(counterWords);
  const { data, broken, again } = useLook<CounterStart>('counter');
  const [session, setSession] = useSession();
  const [expired, setExpired] = useState(false);
  const out = useCallback(() => { setExpired(true); setSession(undefined); }, [setSession]);
  return (
    <>
      <h1>{say('title')}</h1>
      <p className="soft no-print">{say('lead')}</p>
      {broken && <Broken again={again} />}
      {!data && !broken && <Waiting label={say('waiting')} />}
      {data && !session && <SignIn start={data} expired={expired} onEnter={(s) => { setExpired(false); setSession(s); }} />}
      {data && session && <Inside key={session.token} start={data} session={session} onExpired={out} onOut={() => { setExpired(false); setSession(undefined); }} />}
    </>
  );
}

function Inside({ start, session, onExpired, onOut }: { start: CounterStart; session: Session; onExpired: () => void; onOut: () => void }) {
  const say = useWords(counterWords);
  const placeName = usePlaceName();
  const desk = useDesk(session, start, onExpired);
  const [member, setMember] = useState(session.role === 'member' ? session.of : '');
  const who = session.role === 'member' ? (desk.people.find((p) => p.member === session.of)?.name ?? session.of) : session.role === 'bureau' ? placeName(session.of) : session.of;
  return (
    <>
      <div className="row between session no-print">
        <span><span className="soft">{say('signed_in')}</span> <strong>{say(`role_${session.role}`)}</strong> {who}</span>
        <Button size="small" onClick={onOut}>{say('sign_out')}</Button>
      </div>
      <div className="counter">
        <div>
          {session.role !== 'member' && <Finder desk={desk} onFound={setMember} />}
        </div>
        {member ? <AtWork key={member} desk={desk} member={member} /> : <div className="card"><Nothing>{say('nobody')}</Nothing></div>}
      </div>
    </>
  );
}

function AtWork({ desk, member }: { desk: ReturnType<typeof useDesk>; member: string }) {
  const say = useWords(counterWords);
  const { query } = useAddress();
  const allowed = TABS.filter((t) => (t === 'overview' ? may(desk.session, 'file') : t === 'settle' ? may(desk.session, 'quote') : t === 'money' || t === 'consents' ? may(desk.session, 'file') : true));
  const tab = allowed.find((t) => t === query.get('tab')) ?? allowed[0] ?? 'bills';
  const { data: file, mistakes, again } = useRead<File>(desk, 'GET', may(desk.session, 'file') ? `/v1/members/${member}` : undefined);
  if (mistakes.length) return <Mistakes mistakes={mistakes} />;
  if (may(desk.session, 'file') && !file) return <Waiting label={say('waiting')} />;
  return (
    <div className="work">
      <Who desk={desk} member={member} file={file} />
      <Sub label={say('sections')} chosen={tab} items={allowed.map((key) => ({ key, label: say(key), href: `#/counter?tab=${key}` }))} />
      {tab === 'overview' && <Overview desk={desk} member={member} file={file} />}
      {tab === 'settle' && <Settle desk={desk} member={member} file={file} onDone={again} />}
      {tab === 'bills' && <Bills desk={desk} member={member} file={file} onDone={again} />}
      {tab === 'money' && <MoneyTab desk={desk} member={member} file={file} onDone={again} />}
      {tab === 'consents' && <Consents desk={desk} member={member} file={file} onDone={again} />}
    </div>
  );
}
