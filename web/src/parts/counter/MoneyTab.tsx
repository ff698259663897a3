// Accounts, wallet and mutual aid: balances, credits, sendings offered and accepted, premiums, relatives on file.
import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import type { Mistake } from '../../api';
import { useWords } from '../../house';
import { fen, yuan } from '../../money';
import { counterWords } from '../../words/counter';
import { Mistakes, Money, Nothing } from '../Parts';
import ReceiptView, { useAccountName } from './ReceiptView';
import type { Desk, File, Receipt } from './session';
import { may, mistakesOf, newKey, useRead } from './session';

type Props = { desk: Desk; member: string; file: File | undefined; onDone: () => void };
type Offers = { sent: { number: number; to: string; amount: number; state: string; until: string }[]; offered: { number: number; sender: string; amount: number; until: string }[] };
const RELATIONS = ['spouse', 'parent', 'child', 'sibling', 'grandparent', 'grandchild'] as const;

export default function MoneyTab({ desk, member, file, onDone }: Props) {
  const say = useWords(counterWords);
  const [receipt, setReceipt] = useState<Receipt>();
  const [wrong, setWrong] = useState<Mistake[]>([]);
  const offers = useRead<Offers>(desk, 'GET', may(desk.session, 'offers') ? `/v1/members/${member}/offers` : undefined);
  const act = async (path: string, body: unknown, key = newKey()) => {
    try {
      setReceipt(await desk.ask<Receipt>('POST', `/v1/members/${member}/${path}`, body, key));
      setWrong([]);
      onDone();
      offers.again();
    } catch (error) {
      setReceipt(undefined);
      setWrong(mistakesOf(error));
    }
  };
  const name = (who: string) => desk.people.find((p) => p.member === who)?.name ?? who;
  const relatives = (file?.facts ?? []).filter((f) => f.kind === 'relative').map((f) => ({ who: f.said?.['who'] ?? '', relation: f.said?.['relation'] ?? '', proof: f.said?.['proof'] ?? '' }));
  if (!file) return <p className="soft">{say('not_for_role')}</p>;
  return (
    <>
      <div aria-live="polite">{receipt && <ReceiptView receipt={receipt} />}<Mistakes mistakes={wrong} /></div>
      <Balances file={file} />
      {may(desk.session, 'send') && <Send relatives={relatives.map((r) => r.who)} name={name} onSend={(to, amount) => act('sendings', { to, amount })} />}
      {offers.data && <Waiting offers={offers.data} desk={desk} name={name} onAccept={(o) => act('acceptances', { sender: o.sender, number: o.number })} onRecall={(n) => act('recalls', { number: n })} />}
      {may(desk.session, 'credit') && <Credit today={desk.today} onCredit={(amount, purpose) => act('credits', { amount, purpose })} />}
      {may(desk.session, 'premium') && <Premium choices={[member, ...relatives.map((r) => r.who)]} name={name} onPay={(relative, amount) => act('premiums', { relative, amount })} />}
      <section className="card">
        <h2>{say('relatives')}</h2>
        {!relatives.length && <Nothing>{say('no_relatives')}</Nothing>}
        <ul>{relatives.map((r) => <li key={r.who + r.relation}><strong>{name(r.who)}</strong> {say(r.relation as 'child')} <span className="soft">{r.proof}</span></li>)}</ul>
        {may(desk.session, 'enrol') && <FileRelative today={desk.today} onFile={(said) => act('facts', { facts: [said] })} />}
      </section>
    </>
  );
}

function Balances({ file }: { file: File }) {
  const say = useWords(counterWords);
  const name = useAccountName();
  const rows = Object.entries(file.balances).filter(([account]) => /^(account|wallet)\//.test(account));
  return (
    <section className="card">
      <h2>{say('balances')}</h2>
      {!rows.length && <Nothing>{say('no_accounts')}</Nothing>}
      <div className="row balances">
        {rows.map(([account, b]) => <div key={account} className="balance" data-account={account.split('/')[0]}><span className="soft">{name(account)}</span><strong className="money">{yuan(b.amount)}</strong>{b.held > 0 && <span className="soft">{say('held', { amount: yuan(b.held) })}</span>}</div>)}
      </div>
    </section>
  );
}

function Send({ relatives, name, onSend }: { relatives: string[]; name: (who: string) => string; onSend: (to: string, amount: number) => void }) {
  const say = useWords(counterWords);
  const [to, setTo] = useState(relatives[0] ?? '');
  const [amount, setAmount] = useState('');
  return (
    <form className="card" onSubmit={(e) => { e.preventDefault(); const sum = fen(amount); if (to && sum) onSend(to, sum); }}>
      <h2>{say('send')}</h2>
      <p className="soft">{say('send_rules')}</p>
      <div className="act">
        <div className="field"><label htmlFor="send-to">{say('to')}</label><Select id="send-to" value={to || undefined} options={relatives.map((r) => ({ value: r, label: name(r) }))} onChange={setTo} /></div>
        <div className="field"><label htmlFor="send-amount">{say('amount')}</label><Input id="send-amount" inputMode="decimal" value={amount} onChange={(e) => setAmount(e.target.value)} /></div>
        <Button htmlType="submit" disabled={!to || !fen(amount)}>{say('do_send')}</Button>
      </div>
    </form>
  );
}

function Waiting({ offers, desk, name, onAccept, onRecall }: { offers: Offers; desk: Desk; name: (who: string) => string; onAccept: (o: Offers['offered'][number]) => void; onRecall: (n: number) => void }) {
  const say = useWords(counterWords);
  if (!offers.sent.length && !offers.offered.length) return null;
  return (
    <section className="card">
      {offers.offered.length > 0 && <h2>{say('offered')}</h2>}
      <ul>{offers.offered.map((o) => <li key={o.number} className="row">{name(o.sender)} <Money fen={o.amount} strong /> <span className="soft">{say('until', { until: o.until.slice(0, 16).replace('T', ' ') })}</span> {may(desk.session, 'accept') && <Button size="small" type="primary" onClick={() => onAccept(o)}>{say('accept')}</Button>}</li>)}</ul>
      {offers.sent.length > 0 && <h2>{say('sent')}</h2>}
      <ul>{offers.sent.map((s) => <li key={s.number} className="row">{name(s.to)} <Money fen={s.amount} strong /> <span className="soft">{say(`hold_${s.state}` as 'hold_open')}</span> {s.state === 'open' && may(desk.session, 'send') && <Button size="small" onClick={() => onRecall(s.number)}>{say('recall')}</Button>}</li>)}</ul>
    </section>
  );
}

function Credit({ today, onCredit }: { today: string; onCredit: (amount: number, purpose: string) => void }) {
  const say = useWords(counterWords);
  const [amount, setAmount] = useState('');
  const [month, setMonth] = useState(today.slice(0, 7));
  return (
    <form className="card" onSubmit={(e) => { e.preventDefault(); const sum = fen(amount); if (sum) onCredit(sum, month); }}>
      <h2>{say('credit')}</h2>
      <div className="act">
        <div className="field"><label htmlFor="credit-month">{say('month')}</label><Input id="credit-month" type="month" value={month} onChange={(e) => setMonth(e.target.value)} /></div>
        <div className="field"><label htmlFor="credit-amount">{say('amount')}</label><Input id="credit-amount" inputMode="decimal" value={amount} onChange={(e) => setAmount(e.target.value)} /></div>
        <Button htmlType="submit" disabled={!fen(amount) || !month}>{say('do_credit')}</Button>
      </div>
    </form>
  );
}

function Premium({ choices, name, onPay }: { choices: string[]; name: (who: string) => string; onPay: (relative: string, amount: number) => void }) {
  const say = useWords(counterWords);
  const [who, setWho] = useState(choices[0] ?? '');
  const [amount, setAmount] = useState('');
  return (
    <form className="card" onSubmit={(e) => { e.preventDefault(); const sum = fen(amount); if (sum) onPay(who, sum); }}>
      <h2>{say('premium')}</h2>
      <div className="act">
        <div className="field"><label htmlFor="premium-for">{say('for_whom')}</label><Select id="premium-for" value={who} options={choices.map((c) => ({ value: c, label: name(c) }))} onChange={setWho} /></div>
        <div className="field"><label htmlFor="premium-amount">{say('amount')}</label><Input id="premium-amount" inputMode="decimal" value={amount} onChange={(e) => setAmount(e.target.value)} /></div>
        <Button htmlType="submit" disabled={!fen(amount)}>{say('do_premium')}</Button>
      </div>
    </form>
  );
}

function FileRelative({ today, onFile }: { today: string; onFile: (fact: unknown) => void }) {
  const say = useWords(counterWords);
  const [who, setWho] = useState('');
  const [relation, setRelation] = useState<(typeof RELATIONS)[number]>('spouse');
  const [proof, setProof] = useState('');
  return (
    <form className="act" onSubmit={(e) => { e.preventDefault(); onFile({ kind: 'relative', begins: today, who: who.trim(), relation, proof: proof.trim() }); }} aria-label={say('file_relative')}>
      <div className="field"><label htmlFor="rel-who">{say('number')}</label><Input id="rel-who" value={who} onChange={(e) => setWho(e.target.value)} /></div>
      <div className="field"><label htmlFor="rel-kind">{say('relation')}</label><Select id="rel-kind" value={relation} options={RELATIONS.map((r) => ({ value: r, label: say(r) }))} onChange={setRelation} /></div>
      <div className="field"><label htmlFor="rel-proof">{say('proof')}</label><Input id="rel-proof" value={proof} onChange={(e) => setProof(e.target.value)} /></div>
      <Button htmlType="submit" disabled={!who.trim() || !proof.trim()}>{say('file_relative')}</Button>
    </form>
  );
}
