// The worked examples of the policies, to start from. They come when the field is first opened.
import { Select } from 'antd';
import { useId, useState } from 'react';
import type { Case, Scenario } from '../../api';
import { look } from '../../api';
import { useHouse, usePlaceName, useWords } from '../../house';
import { dayOf, totalOf } from '../../scenario';
import { short } from '../../money';
import { pay } from '../../words/pay';

type Example = { id: string; says: string; region: string; policy: string; allow_unverified: boolean; reforms: string[]; case: Case };

export default function Examples({ onPick }: { onPick: (scenario: Scenario) => void }) {
  const { start, lang } = useHouse();
  const say = useWords(pay);
  const placeName = usePlaceName();
  const id = useId();
  const [examples, setExamples] = useState<Example[]>();
  const word = (attribute: string, value: unknown) => start.attributes[attribute]?.values.find((v) => v.value === value)?.[lang] ?? '';
  const title = (e: Example) => {
    const bill = e.case.bills[e.case.bills.length - 1];
    const amount = bill ? totalOf(bill) : 0;
    return [placeName(e.region), word('scheme', e.case.member['scheme']), word('care', bill?.['care']), word('level', bill?.['level']), bill ? dayOf(bill).slice(0, 4) : '', amount ? short(amount, lang) : ''].filter(Boolean).join(' · ');
  };
  const open = () => examples ?? look<Example[]>('examples').then(setExamples).catch(() => setExamples([]));
  return (
    <div className="field whole">
      <label htmlFor={id}>{say('example')}</label>
      <Select id={id} value={null} placeholder={say('example_find')} onFocus={open} onOpenChange={(opened) => opened && open()}
        showSearch={{ filterOption: (typed, option) => String(option?.search).toLowerCase().includes(typed.toLowerCase()) }}
        options={(examples ?? []).map((e, at) => ({ value: at, label: <span>{title(e)} <span className="soft code">{e.id}</span></span>, search: `${title(e)} ${e.id} ${e.policy} ${e.region} ${e.says}` }))}
        onChange={(at: number | null) => {
          const found = at === null ? undefined : examples?.[at];
          if (found) onPick({ case: structuredClone(found.case), allow_unverified: found.allow_unverified, ...(found.reforms.length ? { reforms: found.reforms } : {}) });
        }} />
    </div>
  );
}
