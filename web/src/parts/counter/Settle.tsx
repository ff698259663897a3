// A bill at the counter: quoted as it is typed, settled once under a key of its own, however often the button is pressed.
import { Button, Input, Select } from 'antd';
import { useMemo, useState } from 'react';
import type { Answer, Bill, Mistake, Settlement, Standing } from '../../api';
import { useHouse, useWords } from '../../house';
import { fen } from '../../money';
import { questions } from '../../scenario';
import { counterWords } from '../../words/counter';
import Field from '../Field';
import { Mistakes, Money, TierDot, Waiting } from '../Parts';
import Amounts from '../pay/Amounts';
import Statement from '../Statement';
import ReceiptView from './ReceiptView';
import type { Desk, File, Receipt } from './session';
import { answerFor, may, mistakesOf, newKey, useRead } from './session';

type Draft = { id: string; key: string; hospital: string; day: string; answers: Record<string, Answer>; amounts: Record<string, string>; pays: string[] };
type Sums = { billed: number; covered: number; member_pays: number; paid: [string, string, number][] };

const HOSPITAL = 'H11010500001';

function begin(desk: Desk): Draft {
  const hospital = desk.session.role === 'hospital' ? desk.session.of : HOSPITAL;
  const id = `${desk.today.replaceAll('-', '')}-${crypto.randomUUID().slice(0, 6)}`;
  return { id, key: newKey(), hospital, day: desk.today, answers: { care: 'inpatient', level: 'tertiary' }, amounts: { in_scope: '30000.00', borne_first: '1200.00', outside_scope: '2500.00' }, pays: ['account'] };
}

export default function Settle({ desk, member, file, onDone }: { desk: Desk; member: string; file: File | undefined; onDone: () => void }) {
  const { start } = useHouse();
  const say = useWords(counterWords);
  const [draft, setDraft] = useState<Draft>(() => begin(desk));
  const [receipt, setReceipt] = useState<Receipt>();
  const [wrong, setWrong] = useState<Mistake[]>([]);
  const [busy, setBusy] = useState(false);
  const change = (changes: Partial<Draft>) => setDraft((d) => ({ ...d, ...changes, ...(receipt ? { key: d.key } : {}) }));
  const body = useMemo(() => ({
    member, hospital: draft.hospital, pays: draft.pays,
    bill: {
      id: draft.id, discharged: draft.day, answers: Object.fromEntries(Object.entries(draft.answers).map(([n, v]) => [n, answerFor(start.attributes[n], v)])),
      amounts: Object.fromEntries(Object.entries(draft.amounts).map(([n, v]) => [n, fen(v) ?? 0])),
    },
  }), [draft, member, start]);
  const told = may(desk.session, 'preview');
  const quote = useRead<Settlement & { standing: Standing[]; withheld: string[] } & Sums>(desk, 'POST', receipt ? undefined : told ? '/v1/quotes/statement' : '/v1/quotes', body);
  const settle = async () => {
    setBusy(true);
    try {
      setReceipt(await desk.ask<Receipt>('POST', '/v1/settlements', body, draft.key));
      setWrong([]);
      onDone();
    } catch (error) {
      setWrong(mistakesOf(error));
    }
    setBusy(false);
  };
  return (
    <>
      {receipt && <div className="card"><ReceiptView receipt={receipt} /><Button onClick={() => { setReceipt(undefined); setDraft(begin(desk)); }}>{say('another')}</Button> <Button loading={busy} onClick={settle}>{say('do_settle')}</Button></div>}
      <Form desk={desk} draft={draft} file={file} open={quote.mistakes.filter((m) => m.question)} onChange={change} />
      <section className="card">
        <div className="row between"><h2>{say('quote')} <span className="soft">{say('quote_only')}</span></h2>
          {may(desk.session, 'settle') && !receipt && <Button type="primary" size="large" loading={busy} disabled={!!quote.mistakes.length || !quote.data} onClick={settle}>{say('do_settle')}</Button>}</div>
        <p className="soft">{say('key_note', { key: draft.key })}</p>
        <Mistakes mistakes={wrong} />
        <Mistakes mistakes={quote.mistakes} />
        {!quote.data && !quote.mistakes.length && !receipt && <Waiting label={say('waiting')} />}
        {quote.data && !told && <SumsTable sums={quote.data} />}
      </section>
      {quote.data && told && !receipt && <Statement settlement={quote.data} standing={quote.data.standing} />}
    </>
  );
}

function Form({ desk, draft, file, open, onChange }: { desk: Desk; draft: Draft; file: File | undefined; open: Mistake[]; onChange: (changes: Partial<Draft>) => void }) {
  const { start } = useHouse();
  const say = useWords(counterWords);
  const names = new Set([...Object.keys(draft.answers), ...open.map((m) => m.question ?? '')]);
  const shown = questions(start, ['bill', 'line'], names);
  const bill: Bill = { id: draft.id, amounts: draft.amounts };
  const relatives = [...new Set((file?.facts ?? []).filter((f) => f.kind === 'relative').map((f) => f.said?.['who'] ?? ''))].filter(Boolean);
  const sources = [
    { value: 'rules', label: say('pay_rules') }, { value: 'account', label: say('pay_account') }, { value: 'wallet', label: say('pay_wallet') },
    ...relatives.map((who) => ({ value: `help:${who}`, label: say('pay_help', { who: desk.people.find((p) => p.member === who)?.name ?? who }) })),
  ];
  return (
    <section className="card">
      <h2>{say('bill')}</h2>
      <div className="part-grid">
        <div className="field"><label htmlFor="c-hospital">{say('hospital')}</label><Input id="c-hospital" value={draft.hospital} readOnly={desk.session.role === 'hospital'} onChange={(e) => onChange({ hospital: e.target.value })} /></div>
        <div className="field"><label htmlFor="c-bill">{say('bill_id')}</label><Input id="c-bill" value={draft.id} onChange={(e) => onChange({ id: e.target.value })} /></div>
        <div className="field"><label htmlFor="c-day">{say('day')}</label><Input id="c-day" type="date" value={draft.day} onChange={(e) => e.target.value && onChange({ day: e.target.value })} /></div>
        {shown.map(([name, attribute]) => (
          <Field key={name} name={name} attribute={attribute} value={draft.answers[name]} asked={open.some((m) => m.question === name) && draft.answers[name] === undefined}
            onChange={(value) => { const { [name]: _, ...rest } = draft.answers; onChange({ answers: value === undefined ? rest : { ...rest, [name]: value } }); }} />
        ))}
        <div className="field whole"><label htmlFor="c-pays">{say('pays')}</label><Select id="c-pays" mode="multiple" value={draft.pays} options={sources} placeholder={say('pay_cash')} onChange={(pays: string[]) => onChange({ pays })} /></div>
      </div>
      <Amounts bill={bill} onChange={(amounts) => onChange({ amounts })} />
    </section>
  );
}

function SumsTable({ sums }: { sums: Sums }) {
  const say = useWords(counterWords);
  return (
    <table className="plain">
      <tbody>
        <tr><th scope="row">{say('billed')}</th><td className="n"><Money fen={sums.billed} /></td></tr>
        {sums.paid.map(([layer, tier, amount]) => <tr key={layer}><th scope="row"><TierDot tier={tier} /></th><td className="n"><Money fen={amount} /></td></tr>)}
        <tr className="you"><th scope="row">{say('member_pays')}</th><td className="n" data-testid="quote-pays"><Money fen={sums.member_pays} strong /></td></tr>
      </tbody>
    </table>
  );
}
