// The bills of a member: one opened with its statement, saved as PDF, taken back.
import { Button, Input, Popconfirm } from 'antd';
import { useState } from 'react';
import type { Mistake, Settlement } from '../../api';
import { save } from '../../api';
import { useNarrow, useWords } from '../../house';
import { yuan } from '../../money';
import { counterWords } from '../../words/counter';
import { Mistakes, Money, Nothing, Waiting } from '../Parts';
import Statement from '../Statement';
import ReceiptView from './ReceiptView';
import type { Desk, File, Receipt } from './session';
import { may, mistakesOf, newKey, useRead } from './session';

export default function Bills({ desk, member, file, onDone }: { desk: Desk; member: string; file: File | undefined; onDone: () => void }) {
  const say = useWords(counterWords);
  const [opened, setOpened] = useState<string>();
  const [typed, setTyped] = useState('');
  const narrow = useNarrow();
  const state = (s: string) => (['live', 'reversed', 'replaced'].includes(s) ? say(`state_${s}` as 'state_live') : s);
  const toggle = (bill: string) => (
    <Button size="small" aria-label={say('open_bill', { bill })} aria-expanded={opened === bill} onClick={() => setOpened(opened === bill ? undefined : bill)}>{say(opened === bill ? 'close' : 'open')}</Button>
  );
  return (
    <>
      <section className="card">
        <h2>{say('bills')}</h2>
        {!file && (
          <form className="row" onSubmit={(e) => { e.preventDefault(); setOpened(typed.trim()); }}>
            <label htmlFor="look-bill">{say('look_up')}</label><Input id="look-bill" className="day" value={typed} onChange={(e) => setTyped(e.target.value)} /><Button htmlType="submit" disabled={!typed.trim()}>{say('open')}</Button>
          </form>
        )}
        {file && !file.bills.length && <Nothing>{say('no_bills')}</Nothing>}
        {file && file.bills.length > 0 && (narrow ? (
          <ul className="bill-cards">
            {file.bills.map((b) => (
              <li key={b.bill} className={b.state === 'live' ? '' : 'gone'} data-bill={b.bill}>
                <div className="row between"><strong>{b.bill}</strong> <span className="soft">{state(b.state)}</span></div>
                <div className="row between"><span className="soft">{say('billed')}</span> <Money fen={b.billed} /></div>
                <div className="row between"><span className="soft">{say('covered')}</span> <Money fen={b.covered} /></div>
                <div className="row between"><span className="soft">{say('member_pays')}</span> <Money fen={b.member_pays} strong /></div>
                {toggle(b.bill)}
              </li>
            ))}
          </ul>
        ) : (
          <div className="scroll" tabIndex={0} role="region" aria-label={say('bills')}>
            <table className="plain">
              <thead><tr><th scope="col">{say('bill_id')}</th><th scope="col">{say('state')}</th><th scope="col">{say('hospital')}</th><th scope="col" className="n">{say('billed')}</th><th scope="col" className="n">{say('covered')}</th><th scope="col" className="n">{say('member_pays')}</th><th scope="col"><span className="sr">{say('open')}</span></th></tr></thead>
              <tbody>
                {file.bills.map((b) => (
                  <tr key={b.bill} className={b.state === 'live' ? '' : 'gone'} data-bill={b.bill}>
                    <th scope="row">{b.bill}</th><td>{state(b.state)}</td><td className="code">{b.hospital}</td>
                    <td className="n"><Money fen={b.billed} /></td><td className="n"><Money fen={b.covered} /></td><td className="n"><Money fen={b.member_pays} /></td>
                    <td>{toggle(b.bill)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ))}
      </section>
      {opened && <Opened key={opened} desk={desk} member={member} bill={opened} onDone={onDone} />}
    </>
  );
}

function Opened({ desk, member, bill, onDone }: { desk: Desk; member: string; bill: string; onDone: () => void }) {
  const say = useWords(counterWords);
  const [key] = useState(newKey);
  const [receipt, setReceipt] = useState<Receipt>();
  const [wrong, setWrong] = useState<Mistake[]>([]);
  const path = `/v1/members/${member}/bills/${encodeURIComponent(bill)}`;
  const { data, mistakes } = useRead<Settlement & { state: string }>(desk, 'GET', path);
  const pdf = async () => {
    try {
      save(await desk.ask<Blob>('GET', `${path}/statement/pdf`), `${bill}.pdf`);
    } catch (error) {
      setWrong(mistakesOf(error));
    }
  };
  const reverse = async () => {
    try {
      setReceipt(await desk.ask<Receipt>('POST', '/v1/reversals', { member, bill }, key));
      setWrong([]);
      onDone();
    } catch (error) {
      setWrong(mistakesOf(error));
    }
  };
  if (mistakes.length) return <Mistakes mistakes={mistakes} />;
  if (!data) return <Waiting label={say('waiting')} />;
  const actions = (
    <div className="row actions no-print">
      {may(desk.session, 'statement') && <Button onClick={pdf}>{say('pdf')}</Button>}
      {may(desk.session, 'reverse') && data.state === 'live' && !receipt && (
        <Popconfirm title={say('reverse_sure', { bill, covered: yuan(data.covered), pays: yuan(data.member_pays) })} okText={say('yes')} cancelText={say('no')} onConfirm={reverse} styles={{ container: { maxWidth: 360 } }}>
          <Button danger>{say('reverse')}</Button>
        </Popconfirm>
      )}
    </div>
  );
  return (
    <>
      {receipt && <ReceiptView receipt={receipt} />}
      <Mistakes mistakes={wrong} />
      <Statement settlement={data} standing={[]} actions={actions} />
    </>
  );
}
