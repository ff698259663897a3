// The products a person holds, first to claim first, and what each contract answers where its terms ask.
import { Select } from 'antd';
import { useId } from 'react';
import type { Answer, Held, Mistake, Scenario } from '../../api';
import { useHouse, usePlaceName, useTerm, useWords } from '../../house';
import { heldOf, questions } from '../../scenario';
import { pay } from '../../words/pay';
import Field from '../Field';
import { isOpen } from './Who';

type Props = { scenario: Scenario; asked: Set<string>; open: Mistake[]; onChange: (next: Scenario) => void };

export default function Products({ scenario, asked, open, onChange }: Props) {
  const { start } = useHouse();
  const say = useWords(pay);
  const term = useTerm();
  const placeName = usePlaceName();
  const id = useId();
  const held = heldOf(scenario.case.member);
  const region = scenario.case.member.region;
  const put = (products: Held[]) => onChange({ ...scenario, case: { ...scenario.case, member: { ...scenario.case.member, products } } });
  const option = (p: (typeof start.products)[number]) => ({ value: p.policy, label: `${term(p)}${p.region !== region && p.region !== 'cn' ? ` · ${placeName(p.region)}` : ''}` });
  const near = start.products.filter((p) => p.region === region || p.region === 'cn');
  const far = start.products.filter((p) => !near.includes(p));
  const names = new Set([...asked, ...open.map((m) => m.question ?? '')]);
  return (
    <fieldset className="part">
      <legend>{say('products')}</legend>
      <div className="field whole">
        <label htmlFor={id} className="hint">{say('products_hint')}</label>
        <Select id={id} mode="multiple" value={held.map((h) => h.policy)} placeholder={say('products_add')} showSearch={{ optionFilterProp: 'label' }}
          options={[{ label: say('here'), options: near.map(option) }, { label: say('elsewhere'), options: far.map(option) }]}
          onChange={(policies: string[]) => put(policies.map((policy) => held.find((h) => h.policy === policy) ?? { policy }))} />
      </div>
      {held.map((one, at) => {
        const product = start.products.find((p) => p.policy === one.policy);
        const own = new Set([...Object.keys(one), ...names]);
        const shown = questions(start, ['product'], own);
        if (!shown.length) return null;
        return (
          <div key={one.policy} className="held">
            <h3>{term(product, one.policy)}</h3>
            {shown.map(([name, attribute]) => {
              const missing = one[name] === undefined && isOpen(open.filter((m) => !m.at || m.at.startsWith(`member.products.${at}`) || m.at === 'member'), name);
              return (
                <Field key={name} name={`${one.policy}.${name}`} attribute={attribute} value={one[name] as Answer | undefined} asked={missing} hint={missing ? say('asked_for') : ''}
                  onChange={(value) => put(held.map((h, n) => (n === at ? answered(h, name, value) : h)))} />
              );
            })}
          </div>
        );
      })}
    </fieldset>
  );
}

function answered(held: Held, name: string, value: Answer | undefined): Held {
  const { [name]: _, ...rest } = held;
  return value === undefined ? ({ ...rest, policy: held.policy } as Held) : ({ ...held, [name]: value } as Held);
}
