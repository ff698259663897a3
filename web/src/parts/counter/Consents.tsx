// Products held, and whether their insurers may see and pay.
import { Button, Select } from 'antd';
import { useState } from 'react';
import type { Mistake } from '../../api';
import { useHouse, useTerm, useWords } from '../../house';
import { counterWords } from '../../words/counter';
import { Mistakes, Nothing } from '../Parts';
import ReceiptView from './ReceiptView';
import type { Desk, File, Receipt } from './session';
import { may, mistakesOf, newKey } from './session';

export default function Consents({ desk, member, file, onDone }: { desk: Desk; member: string; file: File | undefined; onDone: () => void }) {
  const { start } = useHouse();
  const say = useWords(counterWords);
  const term = useTerm();
  const [receipt, setReceipt] = useState<Receipt>();
  const [wrong, setWrong] = useState<Mistake[]>([]);
  const [product, setProduct] = useState<string>();
  if (!file) return <p className="soft">{say('not_for_role')}</p>;
  const held = [...new Set(file.facts.filter((f) => f.kind === 'contract').map((f) => f.policy ?? ''))];
  const agreed = new Set(file.facts.filter((f) => f.kind === 'consent' && (!f.ends || f.ends >= desk.today)).map((f) => f.policy));
  const ended = new Set(file.facts.filter((f) => f.kind === 'consent' && f.ends && f.ends < desk.today).map((f) => f.policy));
  const isAgreed = (policy: string) => agreed.has(policy) && !endedLater(file, policy, desk.today, ended);
  const act = async (path: string, body: unknown) => {
    try {
      setReceipt(await desk.ask<Receipt>('POST', `/v1/members/${member}/${path}`, body, newKey()));
      setWrong([]);
      onDone();
    } catch (error) {
      setReceipt(undefined);
      setWrong(mistakesOf(error));
    }
  };
  const name = (policy: string) => term(start.products.find((p) => p.policy === policy), policy);
  const every = [...new Set([...held, ...agreed].filter((p): p is string => !!p))];
  return (
    <section className="card">
      <h2>{say('contracts')}</h2>
      <p className="soft">{say('consent_says')}</p>
      <div aria-live="polite">{receipt && <ReceiptView receipt={receipt} />}<Mistakes mistakes={wrong} /></div>
      {!every.length && <Nothing>{say('no_contracts')}</Nothing>}
      <ul className="consents">
        {every.map((policy) => (
          <li key={policy} className="row between" data-policy={policy}>
            <span>{name(policy)} <span className="soft">{say(isAgreed(policy) ? 'agreed' : 'not_agreed')}</span></span>
            {may(desk.session, 'consent') && (isAgreed(policy)
              ? <Button onClick={() => act('consents/revocations', { product: policy })}>{say('revoke')}</Button>
              : <Button type="primary" onClick={() => act('consents', { product: policy, begins: desk.today })}>{say('agree')}</Button>)}
          </li>
        ))}
      </ul>
      {may(desk.session, 'consent') && (
        <div className="row"><Select aria-label={say('agree')} className="grow" value={product} placeholder={say('agree')} options={start.products.map((p) => ({ value: p.policy, label: term(p) }))} showSearch={{ optionFilterProp: 'label' }} onChange={setProduct} />
          <Button disabled={!product} onClick={() => product && act('consents', { product, begins: desk.today })}>{say('agree')}</Button></div>
      )}
    </section>
  );
}

// A consent is ended by a later fact that lies over it: the last one told decides.
function endedLater(file: File, policy: string, today: string, ended: Set<string | undefined>): boolean {
  if (!ended.has(policy)) return false;
  const facts = file.facts.filter((f) => f.kind === 'consent' && f.policy === policy);
  const last = facts[facts.length - 1];
  return !!last?.ends && last.ends < today;
}
