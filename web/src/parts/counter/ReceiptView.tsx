// What was done, fen by fen: the page it stands on, who paid, what it changed elsewhere.
import { Alert } from 'antd';
import { useHouse, useListed, useTerm, useWords } from '../../house';
import { counterWords } from '../../words/counter';
import { Money, TierDot } from '../Parts';
import type { Receipt } from './session';

export function useAccountName(): (account: string) => string {
  const say = useWords(counterWords);
  return (account) => {
    const kind = account.split('/')[0] ?? '';
    if (kind === 'account') return say('account');
    if (kind === 'wallet') return say('wallet');
    if (kind === 'cash') return say('cash_left');
    return account;
  };
}

export default function ReceiptView({ receipt }: { receipt: Receipt }) {
  const { start } = useHouse();
  const say = useWords(counterWords);
  const term = useTerm();
  const name = useAccountName();
  const listed = useListed();
  const words = receipt.kind === 'settle' || receipt.kind === 'correct' ? 'done_settle' : receipt.kind === 'reverse' ? 'done_reverse' : 'done_other';
  return (
    <Alert type="success" showIcon role="status" className="receipt" title={say(words, { bill: receipt.bill, page: receipt.page })}
      description={
        <>
          {receipt.repeated && <p><strong>{say('repeated')}</strong></p>}
          {receipt.billed > 0 && (
            <table className="plain receipt-table">
              <tbody>
                <tr><th scope="row">{say('billed')}</th><td className="n"><Money fen={receipt.billed} /></td></tr>
                {receipt.paid.map(([layer, tier, amount]) => <tr key={layer}><th scope="row"><TierDot tier={tier} /></th><td className="n"><Money fen={amount} /></td></tr>)}
                <tr className="you"><th scope="row">{say('member_pays')}</th><td className="n"><Money fen={receipt.member_pays} strong /></td></tr>
                {receipt.drawn.map(([account, amount]) => <tr key={account}><th scope="row">— {name(account)}</th><td className="n"><Money fen={amount} /></td></tr>)}
              </tbody>
            </table>
          )}
          {receipt.withheld.length > 0 && <p>{say('withheld', { names: listed(receipt.withheld.map((w) => term(start.products.find((p) => p.policy === w), w))) })}</p>}
          {receipt.changed.length > 0 && <p>{say('changed')}{listed(receipt.changed.map((c) => c.bill))}</p>}
        </>
      } />
  );
}
