// Find a member by identity number, by member number, or among the invented people; then who it is.
import { Button, Input } from 'antd';
import { useState } from 'react';
import type { Mistake } from '../../api';
import { usePlaceName, useWords } from '../../house';
import { counterWords } from '../../words/counter';
import { Mistakes } from '../Parts';
import type { Desk, File } from './session';
import { may, mistakesOf, useRead } from './session';

export function Finder({ desk, onFound }: { desk: Desk; onFound: (member: string) => void }) {
  const say = useWords(counterWords);
  const [number, setNumber] = useState('');
  const [member, setMember] = useState('');
  const [wrong, setWrong] = useState<Mistake[]>([]);
  const find = async () => {
    try {
      const found = await desk.ask<{ member: string }>('POST', '/v1/members/find', { number: number.trim() });
      setWrong([]);
      onFound(found.member);
    } catch (error) {
      setWrong(mistakesOf(error));
    }
  };
  return (
    <section className="card finder">
      <h2>{say('find')}</h2>
      {may(desk.session, 'find') && (
        <form onSubmit={(e) => { e.preventDefault(); void find(); }}>
          <label htmlFor="identity-number">{say('by_identity')}</label>
          <div className="row"><Input id="identity-number" className="grow" autoComplete="off" value={number} onChange={(e) => setNumber(e.target.value)} /><Button htmlType="submit" disabled={!number.trim()}>{say('search')}</Button></div>
        </form>
      )}
      <form onSubmit={(e) => { e.preventDefault(); if (member.trim()) onFound(member.trim()); }}>
        <label htmlFor="member-number">{say('by_number')}</label>
        <div className="row"><Input id="member-number" className="grow" autoComplete="off" value={member} onChange={(e) => setMember(e.target.value)} /><Button htmlType="submit" disabled={!member.trim()}>{say('search')}</Button></div>
      </form>
      {desk.people.length > 0 && <div className="row people" role="group" aria-label={say('demo_people')}>{desk.people.map((p) => <Button key={p.member} size="small" onClick={() => onFound(p.member)}>{p.name}</Button>)}</div>}
      <Mistakes mistakes={wrong} />
    </section>
  );
}

export function Who({ desk, member, file }: { desk: Desk; member: string; file: File | undefined }) {
  const say = useWords(counterWords);
  const placeName = usePlaceName();
  const [shown, setShown] = useState(false);
  const { data } = useRead<{ name: string; number: string }>(desk, 'GET', may(desk.session, 'identity') ? `/v1/members/${member}/identity` : undefined);
  return (
    <section className="card who">
      <h2>{data?.name ?? member}</h2>
      <dl className="facts">
        <div><dt>{say('number')}</dt><dd>{member}</dd></div>
        {data && <div><dt>{say('identity')}</dt><dd>{shown ? data.number : `${data.number.slice(0, 3)}${'*'.repeat(Math.max(0, data.number.length - 5))}${data.number.slice(-2)}`} <Button type="link" size="small" onClick={() => setShown(!shown)}>{say(shown ? 'hide' : 'show')}</Button></dd></div>}
        {file && <div><dt>{say('place')}</dt><dd>{placeName(file.region)}</dd></div>}
        {file && <div><dt>{say('pages')}</dt><dd>{file.pages}</dd></div>}
      </dl>
      {!may(desk.session, 'file') && <p className="soft">{say('not_for_role')}</p>}
    </section>
  );
}
