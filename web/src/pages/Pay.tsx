// What will I pay? The case on one side, the answer on the other, at once as it is typed; the state in the address, behind the #.
import { Alert, App as Ant, Button, Segmented, Switch, Upload } from 'antd';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Mistake, Scenario, Settled } from '../api';
import { Refused, download, save } from '../api';
import { useAsk } from '../asking';
import { keepInAddress, useAddress, useHouse, useWords } from '../house';
import { yuan } from '../money';
import { Broken, Mistakes, Waiting } from '../parts/Parts';
import Amounts from '../parts/pay/Amounts';
import Examples from '../parts/pay/Examples';
import Products from '../parts/pay/Held';
import Lines from '../parts/pay/Lines';
import { Care, Who } from '../parts/pay/Who';
import Statement from '../parts/Statement';
import { FIRST, isScenario, nextBill, packed, totalOf, unpacked, withBill } from '../scenario';
import { pay } from '../words/pay';
import './Pay.css';

export default function Pay() {
  return (
    <Ant component={false}>
      <Inside />
    </Ant>
  );
}

function useScenario(): [Scenario, (next: Scenario) => void] {
  const address = useAddress();
  const written = address.query.get('c');
  const [scenario, setScenario] = useState<Scenario>(() => read(written) ?? FIRST);
  const mine = useRef(written);
  useEffect(() => {
    if (written === mine.current) return; // our own words
    mine.current = written;
    setScenario(read(written) ?? FIRST);
  }, [written]);
  const change = useCallback((next: Scenario) => {
    setScenario(next);
    mine.current = packed(next);
    keepInAddress('pay', { c: mine.current });
  }, []);
  return [scenario, change];
}

function read(written: string | null): Scenario | undefined {
  const found = unpacked<Scenario>(written);
  return isScenario(found) ? found : undefined;
}

function Inside() {
  const { lang } = useHouse();
  const say = useWords(pay);
  const [scenario, change] = useScenario();
  const [at, setAt] = useState(0);
  const here = Math.min(at, scenario.case.bills.length - 1);
  const { data, mistakes, busy, broken, again } = useAsk<Settled>('settle', { ...scenario, lang });
  const asked = useMemo(() => new Set([...(data?.asked ?? []), ...named(scenario)]), [data, scenario]);
  const open = useMemo(() => mistakes.filter((m) => m.question), [mistakes]);
  const bill = scenario.case.bills[here];
  const settlement = data?.year.bills.find((b) => b.bill === bill?.id) ?? data?.year.bills[data.year.bills.length - 1];
  const result = useRef<HTMLElement>(null);
  return (
    <>
      <h1>{say('title')}</h1>
      <p className="soft no-print">{say('lead')}</p>
      <div className="pay">
        <form className="ask no-print" onSubmit={(e) => e.preventDefault()} aria-label={say('title')}>
          <section className="card examples">
            <Examples onPick={(s) => { change(s); setAt(0); }} />
            <FileRow scenario={scenario} onOpen={(s) => { change(s); setAt(0); }} />
          </section>
          <section className="card"><Who scenario={scenario} at={here} asked={asked} open={open} onChange={change} /></section>
          <section className="card">
            <Care scenario={scenario} at={here} asked={asked} open={open} onChange={change}><BillTabs scenario={scenario} at={here} setAt={setAt} onChange={change} /></Care>
          </section>
          <section className="card"><BillPart scenario={scenario} at={here} onChange={change} /></section>
          <section className="card">
            <Products scenario={scenario} asked={asked} open={open} onChange={change} />
            <label className="switch"><Switch size="small" checked={scenario.allow_unverified} onChange={(on) => change({ ...scenario, allow_unverified: on })} /> {say('unverified_used')}</label>
          </section>
        </form>
        <section className="answer" ref={result} aria-label={say('result')} aria-busy={busy}>
          <p className="sr" aria-live="polite">{settlement && !mistakes.length ? `${say('member_pays')} ${yuan(settlement.member_pays)}` : ''}</p>
          {broken && <Broken again={again} />}
          <Stopped mistakes={mistakes} open={open} onUnverified={() => change({ ...scenario, allow_unverified: true })} hasResult={!!settlement} />
          {settlement && data ? (
            <div className={mistakes.length ? 'old' : ''}>
              {data.year.bills.length > 1 && <YearTable data={data} chosen={settlement.bill} onPick={(id) => setAt(Math.max(0, scenario.case.bills.findIndex((b) => b.id === id)))} />}
              <Statement settlement={settlement} standing={data.standing} actions={<Actions scenario={scenario} />} />
            </div>
          ) : !mistakes.length && !broken && <Waiting label={say('settling')} />}
        </section>
      </div>
      {settlement && !mistakes.length && (
        <button type="button" className="jump no-print" onClick={() => result.current?.scrollIntoView({ block: 'start' })}>
          <span>{say('member_pays')}</span> <strong>{yuan(settlement.member_pays)}</strong> <span className="soft">{say('jump')}</span>
        </button>
      )}
    </>
  );
}

// What the case answers already, so that an answered question stays on the page.
function named(scenario: Scenario): string[] {
  return [...Object.keys(scenario.case.member), ...scenario.case.bills.flatMap((b) => Object.keys(b))];
}

function Stopped({ mistakes, open, onUnverified, hasResult }: { mistakes: Mistake[]; open: Mistake[]; onUnverified: () => void; hasResult: boolean }) {
  const { start, lang } = useHouse();
  const say = useWords(pay);
  const unverified = mistakes.some((m) => m.code === 'P035');
  const rest = mistakes.filter((m) => !m.question && m.code !== 'P035');
  return (
    <div aria-live="polite">
      {open.length > 0 && (
        <Alert type="info" showIcon title={say('open_questions', { n: new Set(open.map((m) => m.question)).size })}
          description={<>{say('open_questions_why')}<ul>{[...new Set(open.map((m) => start.attributes[m.question ?? '']?.[lang] ?? m.what))].map((w) => <li key={w}>{w}</li>)}</ul></>} />
      )}
      {unverified && (
        <Alert type="warning" showIcon title={say('unverified_stop')}
          description={<><ul>{mistakes.filter((m) => m.code === 'P035').map((m) => <li key={m.what}>{m.what}</li>)}</ul><Button type="primary" onClick={onUnverified}>{say('unverified_go')}</Button></>} />
      )}
      <Mistakes mistakes={rest} />
      {mistakes.length > 0 && hasResult && <p className="soft">{say('old')}</p>}
    </div>
  );
}

function BillTabs({ scenario, at, setAt, onChange }: { scenario: Scenario; at: number; setAt: (at: number) => void; onChange: (s: Scenario) => void }) {
  const say = useWords(pay);
  const bills = scenario.case.bills;
  const put = (next: typeof bills) => onChange({ ...scenario, case: { ...scenario.case, bills: next } });
  return (
    <div className="row bill-tabs">
      {bills.length > 1 && <Segmented value={at} onChange={setAt} options={bills.map((_, n) => ({ value: n, label: say('bill_number', { n: n + 1 }) }))} />}
      <Button size="small" title={say('next_bill_hint')} onClick={() => { put([...bills, nextBill(bills)]); setAt(bills.length); }}>{say('next_bill')}</Button>
      {bills.length > 1 && <Button size="small" type="text" onClick={() => { put(bills.filter((_, n) => n !== at)); setAt(Math.max(0, at - 1)); }}>{say('remove_bill')}</Button>}
    </div>
  );
}

function BillPart({ scenario, at, onChange }: { scenario: Scenario; at: number; onChange: (s: Scenario) => void }) {
  const say = useWords(pay);
  const bill = scenario.case.bills[at];
  if (!bill) return null;
  const way = bill.lines ? 'lines' : 'total';
  const turn = (to: string) => {
    if (to === way) return;
    if (to === 'lines') onChange(withBill(scenario, at, { lines: [], amounts: undefined }));
    else onChange(withBill(scenario, at, { lines: undefined, amounts: { in_scope: String((totalOf(bill) / 100).toFixed(2)) } }));
  };
  return (
    <fieldset className="part">
      <legend>{say('bill')}</legend>
      <div className="field whole"><Segmented block value={way} onChange={turn} aria-label={say('bill')} options={[{ value: 'total', label: say('by_total') }, { value: 'lines', label: say('by_lines') }]} /></div>
      <div className="field whole">
        {bill.lines ? <Lines lines={bill.lines} onChange={(lines) => onChange(withBill(scenario, at, { lines }))} /> : <Amounts bill={bill} onChange={(amounts) => onChange(withBill(scenario, at, { amounts }))} />}
      </div>
    </fieldset>
  );
}

function FileRow({ scenario, onOpen }: { scenario: Scenario; onOpen: (s: Scenario) => void }) {
  const say = useWords(pay);
  const { message } = Ant.useApp();
  const open = async (file: File) => {
    const found = unpackedFile(await file.text());
    if (found) onOpen(found);
    else void message.warning(say('not_a_bill'));
  };
  return (
    <div className="row">
      <Upload accept=".json" showUploadList={false} beforeUpload={(file) => { void open(file); return false; }}><Button size="small">{say('open_file')}</Button></Upload>
      <Button size="small" onClick={() => save(new Blob([JSON.stringify(scenario.case, null, 1)], { type: 'application/json' }), 'bill.json')}>{say('save_file')}</Button>
    </div>
  );
}

function unpackedFile(text: string): Scenario | undefined {
  try {
    const said = JSON.parse(text);
    const bills = said.bills ?? (said.bill ? [said.bill] : undefined);
    const found = { case: { member: said.member, bills }, allow_unverified: false };
    return isScenario(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function YearTable({ data, chosen, onPick }: { data: Settled; chosen: string; onPick: (bill: string) => void }) {
  const say = useWords(pay);
  const bills = data.year.bills;
  const sum = (of: 'billed' | 'covered' | 'member_pays') => bills.reduce((s, b) => s + b[of], 0);
  return (
    <section className="card">
      <h2>{say('year')}</h2>
      <table className="plain">
        <thead><tr><th scope="col">{say('bill')}</th><th scope="col" className="n">{say('billed')}</th><th scope="col" className="n">{say('covered')}</th><th scope="col" className="n">{say('member_pays')}</th></tr></thead>
        <tbody>
          {bills.map((b) => (
            <tr key={b.bill} aria-current={b.bill === chosen ? 'true' : undefined}>
              <td><button type="button" className="link" onClick={() => onPick(b.bill)}>{b.bill} · {b.day}</button></td>
              <td className="n money">{yuan(b.billed)}</td><td className="n money">{yuan(b.covered)}</td><td className="n money">{yuan(b.member_pays)}</td>
            </tr>
          ))}
          <tr className="you"><td>{say('year')}</td><td className="n money">{yuan(sum('billed'))}</td><td className="n money">{yuan(sum('covered'))}</td><td className="n money">{yuan(sum('member_pays'))}</td></tr>
        </tbody>
      </table>
    </section>
  );
}

function Actions({ scenario }: { scenario: Scenario }) {
  const { lang } = useHouse();
  const say = useWords(pay);
  const { message } = Ant.useApp();
  const [busy, setBusy] = useState('');
  const file = async (format: 'pdf' | 'xlsx') => {
    setBusy(format);
    try {
      save(await download('statement', { ...scenario, lang, format }), `statement.${format}`);
    } catch (error) {
      void message.error(error instanceof Refused ? error.message : say('cannot_pdf'));
    }
    setBusy('');
  };
  const copy = async () => {
    await navigator.clipboard.writeText(`${window.location.href.split('#')[0]}#/pay?c=${packed(scenario)}`).catch(() => undefined);
    void message.success(say('copied'));
  };
  return (
    <div className="row actions no-print" role="group" aria-label={say('actions')}>
      <Button type="primary" href={`#/compare?s=${packed([scenario])}`}>{say('compare')}</Button>
      <Button onClick={copy}>{say('copy')}</Button>
      <Button loading={busy === 'pdf'} onClick={() => file('pdf')}>{say('pdf')}</Button>
      <Button loading={busy === 'xlsx'} onClick={() => file('xlsx')}>{say('excel')}</Button>
      <Button onClick={() => window.print()}>{say('print')}</Button>
    </div>
  );
}

