// The bill as a total with a few amounts: what is not named otherwise counts as in scope.
import { Button, Input } from 'antd';
import { useEffect, useId, useState } from 'react';
import type { Bill } from '../../api';
import { useHouse, useWords } from '../../house';
import { fen, yuan } from '../../money';
import { plainYuan, totalOf } from '../../scenario';
import { pay } from '../../words/pay';

const FIRST_KINDS = ['borne_first', 'outside_scope', 'over_price'];
type Props = { bill: Bill; onChange: (amounts: Record<string, string>) => void };

export default function Amounts({ bill, onChange }: Props) {
  const { start, lang } = useHouse();
  const say = useWords(pay);
  const [more, setMore] = useState(false);
  const ids = useId();
  const amounts = bill.amounts ?? {};
  const [typed, setTyped] = useState<Record<string, string>>({});
  const key = JSON.stringify(amounts);
  // What was typed stays as it was typed while it comes to the same amount; a bill from elsewhere replaces it.
  useEffect(() => setTyped((t) => (sumOf(t) === JSON.stringify(plain(amounts)) ? t : shownOf(amounts))), [key]);

  const kinds = start.kinds.filter((k) => k.name !== 'in_scope' && (more || FIRST_KINDS.includes(k.name) || amounts[k.name] !== undefined));
  const change = (name: string, written: string) => {
    const next = { ...typed, [name]: written };
    setTyped(next);
    const found = amountsOf(next);
    if (found) onChange(found);
  };
  const total = fen(typed['total'] ?? '');
  const rest = Object.entries(typed).filter(([n]) => n !== 'total').reduce((sum, [, w]) => sum + (fen(w) ?? 0), 0);
  return (
    <div className="amounts">
      <div className="field total">
        <label htmlFor={`${ids}-total`}>{say('total')}</label>
        <Input id={`${ids}-total`} inputMode="decimal" autoComplete="off" value={typed['total'] ?? ''} status={total === undefined ? 'error' : ''} onChange={(e) => change('total', e.target.value)} />
        {total === undefined && <div className="hint wrong" role="alert">{say('not_money')}</div>}
      </div>
      <p className="label">{say('of_which')}</p>
      <div className="kinds">
        {kinds.map((kind) => (
          <div className="field" key={kind.name}>
            <label htmlFor={`${ids}-${kind.name}`}>{kind[lang]}</label>
            <Input id={`${ids}-${kind.name}`} inputMode="decimal" autoComplete="off" value={typed[kind.name] ?? ''} onChange={(e) => change(kind.name, e.target.value)}
              status={typed[kind.name] && fen(typed[kind.name] ?? '') === undefined ? 'error' : ''} />
            {typed[kind.name] && fen(typed[kind.name] ?? '') === undefined && <div className="hint wrong" role="alert">{say('not_money')}</div>}
          </div>
        ))}
      </div>
      {!more && <Button type="link" size="small" onClick={() => setMore(true)}>{say('more_kinds')}</Button>}
      {total !== undefined && (
        <p className={rest > total ? 'hint wrong' : 'hint'} role={rest > total ? 'alert' : undefined}>
          {rest > total ? say('too_much', { sum: yuan(rest), total: yuan(total) }) : say('rest_in_scope', { amount: yuan(total - rest) })}
        </p>
      )}
    </div>
  );
}

function shownOf(amounts: Record<string, string>): Record<string, string> {
  const total = totalOf({ id: '', amounts });
  const kinds = Object.entries(amounts).filter(([name]) => name !== 'in_scope');
  return { total: total ? plainYuan(total).replace(/\.00$/, '') : '', ...Object.fromEntries(kinds.map(([n, a]) => [n, String(a)])) };
}

// Amounts by kind out of what was typed; nothing where something is no amount, or the parts are more than the whole.
export function amountsOf(typed: Record<string, string>): Record<string, string> | undefined {
  const total = fen(typed['total'] ?? '');
  if (total === undefined) return undefined;
  const found: Record<string, string> = {};
  let rest = total;
  for (const [name, written] of Object.entries(typed)) {
    if (name === 'total' || !written.trim()) continue;
    const amount = fen(written);
    if (amount === undefined) return undefined;
    rest -= amount;
    if (amount) found[name] = plainYuan(amount);
  }
  return rest < 0 ? undefined : { in_scope: plainYuan(rest), ...found };
}

function plain(amounts: Record<string, string>): Record<string, string> {
  const rows = Object.entries(amounts).map(([n, a]) => [n, plainYuan(fen(String(a)) ?? 0)] as const).filter(([n, a]) => n === 'in_scope' || a !== '0.00');
  return Object.fromEntries([['in_scope', '0.00'], ...rows].sort());
}

const sumOf = (typed: Record<string, string>) => JSON.stringify(plain(amountsOf(typed) ?? {}));
