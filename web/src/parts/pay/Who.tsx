// Who and what care: the place, the scheme, and every question the rules of the place look at.
import { Input, Select, Segmented } from 'antd';
import { useId, type ReactNode } from 'react';
import type { Answer, Attribute, Mistake, Scenario } from '../../api';
import { useHouse, useWords } from '../../house';
import { dayOf, questions, withBill, withDay, withMember } from '../../scenario';
import { pay } from '../../words/pay';
import Field from '../Field';

type Props = { scenario: Scenario; at: number; asked: Set<string>; open: Mistake[]; onChange: (next: Scenario) => void };

export function Who({ scenario, asked, open, onChange }: Props) {
  const { start, lang } = useHouse();
  const say = useWords(pay);
  const [placeId, schemeId] = [useId(), useId()];
  const member = scenario.case.member;
  const place = start.places.find((p) => p.id === member.region);
  const schemes = Object.keys(place?.cares ?? {});
  const terms = start.attributes['scheme']?.values ?? [];
  const shown = questions(start, ['member'], named(asked, open)).filter(([name]) => !['region', 'scheme'].includes(name));
  return (
    <fieldset className="part">
      <legend>{say('person')}</legend>
      <div className="field">
        <label htmlFor={placeId}>{say('place')}</label>
        <Select id={placeId} value={member.region} showSearch={{ filterOption: (typed, option) => String(option?.search).includes(typed.toLowerCase()) }}
          options={start.places.map((p) => ({ value: p.id, label: p[lang], search: `${p.id} ${p.zh} ${p.en}`.toLowerCase() }))}
          onChange={(region: string) => onChange(moveTo(scenario, region, start.places.find((p) => p.id === region)?.cares ?? {}))} />
      </div>
      <div className="field scheme">
        <span className="label" id={schemeId}>{say('scheme')}</span>
        <Segmented block aria-labelledby={schemeId} value={String(member['scheme'] ?? '')} onChange={(value) => onChange(underScheme(scenario, value))}
          options={schemes.map((s) => ({ value: s, label: terms.find((t) => t.value === s)?.[lang] ?? s }))} />
      </div>
      {shown.map(([name, attribute]) => (
        <Field key={name} name={name} attribute={name === 'status' ? ofScheme(attribute, String(member['scheme'] ?? '')) : attribute} value={member[name] as Answer | undefined} asked={isOpen(open, name)} hint={isOpen(open, name) ? say('asked_for') : ''}
          onChange={(value) => onChange(withMember(scenario, name, value))} />
      ))}
    </fieldset>
  );
}

export function Care({ scenario, at, asked, open, onChange, children }: Props & { children: ReactNode }) {
  const { start, lang } = useHouse();
  const say = useWords(pay);
  const [careId, dayId, admittedId] = [useId(), useId(), useId()];
  const bill = scenario.case.bills[at];
  if (!bill) return null;
  const place = start.places.find((p) => p.id === scenario.case.member.region);
  const cares = place?.cares[String(scenario.case.member['scheme'] ?? '')] ?? [];
  const terms = start.attributes['care']?.values ?? [];
  const names = named(asked, open);
  names.add('level');
  const shown = questions(start, ['bill', 'line'], names).filter(([name]) => name !== 'care' && name !== 'billed');
  const units = start.units.filter((unit) => bill[unit] !== undefined || isOpen(open, unit));
  return (
    <fieldset className="part">
      <legend>{say('care_part')}</legend>
      {children}
      <div className="field">
        <label htmlFor={careId}>{say('care')}</label>
        <Select id={careId} value={String(bill['care'] ?? '') || undefined} onChange={(care: string) => onChange(withBill(scenario, at, { care }))}
          options={terms.filter((t) => cares.includes(t.value) || t.value === bill['care']).map((t) => ({ value: t.value, label: t[lang] }))} />
      </div>
      <div className="field">
        <label htmlFor={dayId}>{say('day')}</label>
        <Input id={dayId} type="date" value={dayOf(bill)} onChange={(event) => onChange(withDay(scenario, at, event.target.value))} />
      </div>
      {shown.map(([name, attribute]) => (
        <Field key={name} name={name} attribute={attribute} value={bill[name] as Answer | undefined} asked={isOpen(open, name)} hint={isOpen(open, name) ? say('asked_for') : ''}
          onChange={(value) => onChange(withBill(scenario, at, { [name]: value }))} />
      ))}
      {units.map((unit) => (
        <Field key={unit} name={unit} attribute={{ zh: UNITS[unit]?.[0] ?? unit, en: unit, of: 'bill', type: 'number', values: [], open: false, since: '' }} asked={isOpen(open, unit)}
          value={bill[unit] as Answer | undefined} onChange={(value) => onChange(withBill(scenario, at, { [unit]: value }))} />
      ))}
      {bill['care'] === 'inpatient' && (
        <div className="field">
          <label htmlFor={admittedId}>{say('admitted')}</label>
          <Input id={admittedId} type="date" value={String(bill.admitted ?? '')} onChange={(event) => onChange(withBill(scenario, at, { admitted: event.target.value || undefined }))} />
        </div>
      )}
    </fieldset>
  );
}

const UNITS: Record<string, [string]> = { days: ['天数'], hours: ['小时数'], visits: ['就诊次数'], months: ['月数'], quantity: ['数量'] };

function named(asked: Set<string>, open: Mistake[]): Set<string> {
  return new Set([...asked, ...open.map((m) => m.question ?? '')]);
}

export function isOpen(open: Mistake[], name: string): boolean {
  return open.some((m) => m.question === name);
}

// Who is insured as an employee is in work or retired; everybody else is a resident. A class of the other scheme is asked for anew.
const EMPLOYEES = ['active', 'retired'];
const isOf = (scheme: string, status: string) => (scheme === 'employee') === EMPLOYEES.includes(status);

function ofScheme(attribute: Attribute, scheme: string): Attribute {
  return scheme ? { ...attribute, values: attribute.values.filter((v) => isOf(scheme, v.value)) } : attribute;
}

function underScheme(scenario: Scenario, scheme: string): Scenario {
  const status = scenario.case.member['status'];
  const moved = withMember(scenario, 'scheme', scheme);
  return typeof status === 'string' && !isOf(scheme, status) ? withMember(moved, 'status', undefined) : moved;
}

// Another place: the scheme and the kind of care stay where it has them, and become the first it has where not.
function moveTo(scenario: Scenario, region: string, cares: Record<string, string[]>): Scenario {
  const scheme = String(scenario.case.member['scheme'] ?? '');
  const there = cares[scheme] ? scheme : (Object.keys(cares)[0] ?? scheme);
  const bills = scenario.case.bills.map((b) => (cares[there]?.includes(String(b['care'])) ? b : { ...b, care: cares[there]?.[0] ?? b['care'] }));
  const moved = underScheme(withMember(scenario, 'region', region), there);
  return { ...moved, case: { ...moved.case, bills } };
}
