// The scenarios as columns: what each says, what it changes of the base, what it comes to; a drawer to change it.
import { Button, Drawer, Switch } from 'antd';
import { useMemo, useState } from 'react';
import type { Mistake, Scenario, Side } from '../../api';
import { useHouse, useNarrow, usePlaceName, useTerm, useWords } from '../../house';
import { yuan } from '../../money';
import { dayOf, heldOf, packed, totalOf } from '../../scenario';
import { compareWords } from '../../words/compare';
import { Mistakes } from '../Parts';
import Amounts from '../pay/Amounts';
import Products from '../pay/Held';
import { Care, Who } from '../pay/Who';
import { withBill } from '../../scenario';

type Props = { sides: Scenario[]; found: Side[] | undefined; onChange: (sides: Scenario[]) => void };

export const mistakesOf = (side: Side | undefined): Mistake[] => (side && 'mistakes' in side ? side.mistakes : []);
export const paysOf = (side: Side | undefined): number | undefined => (side && 'year' in side ? side.year.bills.reduce((s, b) => s + b.member_pays, 0) : undefined);

export default function Columns({ sides, found, onChange }: Props) {
  const say = useWords(compareWords);
  const narrow = useNarrow();
  const [edited, setEdited] = useState<number>();
  const put = (at: number, side: Scenario) => onChange(sides.map((s, n) => (n === at ? side : s)));
  const side = edited === undefined ? undefined : sides[edited];
  return (
    <>
      <div className="columns" style={{ '--columns': sides.length } as React.CSSProperties}>
        {sides.map((one, at) => (
          <Column key={at} at={at} side={one} base={sides[0] as Scenario} found={found?.[at]} basePays={paysOf(found?.[0])} onEdit={() => setEdited(at)}
            onRemove={sides.length > 1 ? () => onChange(sides.filter((_, n) => n !== at)) : undefined} onPut={(s) => put(at, s)} />
        ))}
      </div>
      <Drawer open={edited !== undefined} onClose={() => setEdited(undefined)} title={say('edit_side', { n: (edited ?? 0) + 1 })} size={narrow ? '100%' : 520}
        footer={<Button type="primary" block onClick={() => setEdited(undefined)}>{say('done')}</Button>}>
        {side && edited !== undefined && <Editor side={side} found={found?.[edited]} onPut={(s) => put(edited, s)} />}
      </Drawer>
    </>
  );
}

function Column({ at, side, base, found, basePays, onEdit, onRemove, onPut }: { at: number; side: Scenario; base: Scenario; found: Side | undefined; basePays: number | undefined; onEdit: () => void; onRemove: (() => void) | undefined; onPut: (s: Scenario) => void }) {
  const say = useWords(compareWords);
  const says = useSays();
  const own = says(side);
  const first = useMemo(() => new Map(says(base).map((s) => [s.name, s.says])), [base, says]);
  const pays = paysOf(found);
  const wrong = mistakesOf(found);
  return (
    <section className="card column" aria-label={say(at ? 'side' : 'base', { n: at + 1 })}>
      <div className="row between">
        <h2>{say(at ? 'side' : 'base', { n: at + 1 })}</h2>
        {onRemove && <Button type="text" size="small" className="no-print" aria-label={say('remove', { n: at + 1 })} onClick={onRemove}>×</Button>}
      </div>
      <p className="pays" aria-live="polite">
        {pays !== undefined ? <><span className="soft">{say('member')}</span> <strong>{yuan(pays)}</strong></> : <span className="soft">{wrong.length ? say('cannot') : '…'}</span>}
        {at > 0 && pays !== undefined && basePays !== undefined && (
          <span className={pays < basePays ? 'less' : pays > basePays ? 'more' : 'soft'}>{pays === basePays ? say('equal') : say(pays < basePays ? 'cheaper' : 'dearer', { amount: yuan(Math.abs(pays - basePays)) })}</span>
        )}
      </p>
      <dl>
        {own.map(({ name, label, says: said }) => (
          <div key={name} className={at > 0 && first.get(name) !== said ? 'differs' : ''}>
            <dt>{label}</dt>
            <dd>{said}{at > 0 && first.get(name) !== said && <span className="sr"> {say('changed')}</span>}</dd>
          </div>
        ))}
        {at > 0 && [...first.keys()].filter((name) => !own.some((o) => o.name === name)).map((name) => (
          <div key={name} className="differs"><dt>{says(base).find((s) => s.name === name)?.label}</dt><dd>—</dd></div>
        ))}
      </dl>
      <Mistakes mistakes={wrong.slice(0, 4)} />
      {wrong.some((m) => m.code === 'P035') && <label className="switch"><Switch size="small" checked={side.allow_unverified} onChange={(on) => onPut({ ...side, allow_unverified: on })} /> {say('unverified')}</label>}
      <div className="row no-print">
        <Button onClick={onEdit} aria-label={say('edit_side', { n: at + 1 })}>{say('edit')}</Button>
        <Button type="link" href={`#/pay?c=${packed(side)}`}>{say('full')}</Button>
      </div>
    </section>
  );
}

// A scenario in words: who, where, what care, the bills, the products.
function useSays(): (side: Scenario) => { name: string; label: string; says: string }[] {
  const { start, lang } = useHouse();
  const say = useWords(compareWords);
  const term = useTerm();
  const placeName = usePlaceName();
  return useMemo(() => (side) => {
    const rows: { name: string; label: string; says: string }[] = [];
    const told = (name: string, value: unknown, prefix = '') => {
      const attribute = start.attributes[name];
      if (!attribute || value === undefined || name === 'region') return;
      const word = (v: unknown) => attribute.values.find((t) => t.value === v)?.[lang] ?? (v === 'yes' || v === true ? (lang === 'zh' ? '是' : 'yes') : v === 'no' || v === false ? (lang === 'zh' ? '否' : 'no') : String(v));
      rows.push({ name: prefix + name, label: attribute[lang], says: Array.isArray(value) ? value.map(word).join(lang === 'zh' ? '、' : ', ') || '—' : word(value) });
    };
    rows.push({ name: 'region', label: term(start.attributes['region']), says: placeName(side.case.member.region) });
    for (const [name, value] of Object.entries(side.case.member)) if (name !== 'products') told(name, value);
    side.case.bills.forEach((bill, at) => {
      const many = side.case.bills.length > 1;
      rows.push({ name: `bill${at}`, label: say('bill', { bill: many ? at + 1 : '' }).trim(), says: `${dayOf(bill)} · ${yuan(totalOf(bill))}` });
      if (at === 0 || many) for (const [name, value] of Object.entries(bill)) told(name, value, `${at}.`);
    });
    for (const held of heldOf(side.case.member)) rows.push({ name: `held.${held.policy}`, label: '+', says: term(start.products.find((p) => p.policy === held.policy), held.policy) });
    return rows;
  }, [start, lang, term, placeName, say]);
}

function Editor({ side, found, onPut }: { side: Scenario; found: Side | undefined; onPut: (s: Scenario) => void }) {
  const say = useWords(compareWords);
  const open = mistakesOf(found).filter((m) => m.question);
  const asked = new Set([...(found && 'asked' in found ? (found.asked ?? []) : []), ...Object.keys(side.case.member), ...side.case.bills.flatMap((b) => Object.keys(b))]);
  return (
    <form className="editor" onSubmit={(e) => e.preventDefault()}>
      <Who scenario={side} at={0} asked={asked} open={open} onChange={onPut} />
      {side.case.bills.map((bill, at) => (
        <div key={bill.id}>
          <Care scenario={side} at={at} asked={asked} open={open} onChange={onPut}>{side.case.bills.length > 1 ? <h3 className="whole">{say('bill', { bill: at + 1 })}</h3> : null}</Care>
          {!bill.lines && <Amounts bill={bill} onChange={(amounts) => onPut(withBill(side, at, { amounts }))} />}
        </div>
      ))}
      <Products scenario={side} asked={asked} open={open} onChange={onPut} />
      <label className="switch"><Switch size="small" checked={side.allow_unverified} onChange={(on) => onPut({ ...side, allow_unverified: on })} /> {say('unverified')}</label>
    </form>
  );
}
