// The person and the bills that products are tried on: the same questions as on the first page, folded away once answered.
import { Button, Dropdown } from 'antd';
import type { Mistake, Scenario } from '../../api';
import { useWords } from '../../house';
import { nextBill, withBill } from '../../scenario';
import { productsWords } from '../../words/products';
import Amounts from '../pay/Amounts';
import { Care, Who } from '../pay/Who';
import { CASES } from './types';

type Props = { scenario: Scenario; asked: string[]; open: Mistake[]; onChange: (scenario: Scenario) => void };

export default function CaseForm({ scenario, asked, open, onChange }: Props) {
  const say = useWords(productsWords);
  const names = new Set([...asked, ...Object.keys(scenario.case.member), ...scenario.case.bills.flatMap((b) => Object.keys(b))]);
  return (
    <details className="card case-form no-print" open>
      <summary><h2>{say('person_bill')}</h2></summary>
      <div className="row">
        <Dropdown trigger={['click']} menu={{ items: Object.keys(CASES).map((key) => ({ key, label: say(key as keyof typeof CASES) })), onClick: ({ key }) => onChange(structuredClone(CASES[key as keyof typeof CASES]) as Scenario) }}>
          <Button size="small">{say('start_from')}</Button>
        </Dropdown>
        <Button size="small" onClick={() => onChange({ ...scenario, case: { ...scenario.case, bills: [...scenario.case.bills, nextBill(scenario.case.bills)] } })}>{say('next_bill')}</Button>
      </div>
      <Who scenario={scenario} at={0} asked={names} open={open} onChange={onChange} />
      {scenario.case.bills.map((bill, at) => (
        <div key={bill.id} className="case-bill">
          <div>
            <Care scenario={scenario} at={at} asked={names} open={open} onChange={onChange}>
              {scenario.case.bills.length > 1 ? <div className="row between whole"><h3>{say('bill', { n: at + 1 })}</h3><Button type="text" size="small" aria-label={`× ${say('bill', { n: at + 1 })}`} onClick={() => onChange({ ...scenario, case: { ...scenario.case, bills: scenario.case.bills.filter((_, n) => n !== at) } })}>×</Button></div> : null}
            </Care>
          </div>
          <Amounts bill={bill} onChange={(amounts) => onChange(withBill(scenario, at, { amounts }))} />
        </div>
      ))}
    </details>
  );
}
