// One question of the vocabulary as a field with its label. What is typed is kept as text, as bill files have it.
import { Input, Select } from 'antd';
import { useId } from 'react';
import type { Answer, Attribute } from '../api';
import { useHouse, useWords } from '../house';
import { shell } from '../words/shell';

type Props = { name: string; attribute: Attribute; value: Answer | undefined; onChange: (value: Answer | undefined) => void; asked?: boolean; hint?: string };

export default function Field({ name, attribute, value, onChange, asked = false, hint = '' }: Props) {
  const { lang } = useHouse();
  const id = useId();
  return (
    <div className={asked ? 'field asked' : 'field'} data-field={name}>
      <label htmlFor={id}>{attribute[lang]}</label>
      <Control id={id} attribute={attribute} value={value} onChange={onChange} asked={asked} />
      {hint && <div className="hint" id={`${id}-hint`}>{hint}</div>}
    </div>
  );
}

function Control({ id, attribute, value, onChange, asked }: { id: string; attribute: Attribute; value: Answer | undefined; onChange: Props['onChange']; asked: boolean }) {
  const { lang } = useHouse();
  const say = useWords(shell);
  const status = asked ? ({ status: 'warning' } as const) : {};
  const text = value === undefined ? '' : String(value);
  const options = attribute.values.map((v) => ({ value: v.value, label: v[lang] || v.zh }));
  if (attribute.type === 'set') {
    const chosen = Array.isArray(value) ? value : value === undefined ? undefined : [String(value)].filter(Boolean);
    return (
      <Select id={id} {...status} mode={attribute.open ? 'tags' : 'multiple'} value={chosen} options={options} placeholder={chosen ? say('nothing') : '—'}
        allowClear showSearch={{ optionFilterProp: 'label' }} onChange={(v: string[]) => onChange(v)} onBlur={() => value === undefined && asked && onChange([])} />
    );
  }
  if (attribute.type === 'yes_no') {
    const both = [{ value: 'yes', label: say('yes') }, { value: 'no', label: say('no') }];
    return <Select id={id} {...status} value={text === 'true' ? 'yes' : text === 'false' ? 'no' : text || undefined} options={both} placeholder="—" allowClear onChange={onChange} />;
  }
  if (options.length) {
    return <Select id={id} {...status} value={text || undefined} options={options} placeholder="—" allowClear showSearch={{ optionFilterProp: 'label' }} onChange={onChange} />;
  }
  const mode = attribute.type === 'number' ? 'numeric' : attribute.type === 'money' || attribute.type === 'rate' ? 'decimal' : 'text';
  return (
    <Input id={id} {...status} type={attribute.type === 'day' ? 'date' : 'text'} inputMode={mode} value={text} placeholder={attribute.type === 'rate' ? '80%' : ''}
      onChange={(event) => onChange(event.target.value || undefined)} />
  );
}
