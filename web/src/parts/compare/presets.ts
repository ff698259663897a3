// The base with one thing changed: what people ask most.
import type { Scenario, Start } from '../../api';
import { dayOf, heldOf, nextBill, withBill, withDay, withMember, yearBefore } from '../../scenario';
import type { compareWords } from '../../words/compare';

type Preset = { key: Extract<keyof typeof compareWords, `preset_${string}`>; make: () => Scenario };
const LEVELS = ['tertiary', 'secondary', 'primary'];
const REFERRALS = ['local', 'referred', 'unreferred'];

export function presets(start: Start, base: Scenario): Preset[] {
  const last = base.case.bills.length - 1;
  const bill = base.case.bills[last];
  const region = base.case.member.region;
  const each = (change: (s: Scenario, at: number) => Scenario) => () => base.case.bills.reduce((s, _, at) => change(s, at), structuredClone(base));
  const nearest = start.products.find((p) => p.region === region && !heldOf(base.case.member).some((h) => h.policy === p.policy) && covers(p, dayOf(bill ?? { id: '' })))
    ?? start.products.find((p) => p.region === region) ?? start.products[0];
  const scheme = String(base.case.member['scheme'] ?? '');
  const care = String(bill?.['care'] ?? '');
  const city = start.places.find((p) => p.id !== region && ['beijing', 'shanghai', 'guangzhou', 'hangzhou'].includes(p.id) && p.cares[scheme]?.includes(care));
  return [
    { key: 'preset_level', make: each((s, at) => withBill(s, at, { level: next(LEVELS, String(s.case.bills[at]?.['level'] ?? '')) })) },
    { key: 'preset_referral', make: each((s, at) => withBill(s, at, { referral: next(REFERRALS, String(s.case.bills[at]?.['referral'] ?? 'local')) })) },
    { key: 'preset_product', make: () => {
      const member = structuredClone(base.case.member);
      return { ...base, case: { ...base.case, member: { ...member, products: [...heldOf(member), ...(nearest ? [{ policy: nearest.policy }] : [])] } } };
    } },
    { key: 'preset_next', make: () => ({ ...base, case: { ...base.case, bills: [...base.case.bills, nextBill(base.case.bills)] } }) },
    { key: 'preset_place', make: () => withMember(base, 'region', city?.id ?? region) },
    { key: 'preset_year', make: each((s, at) => withDay(s, at, yearBefore(dayOf(s.case.bills[at] ?? { id: '' })))) },
    { key: 'preset_same', make: () => structuredClone(base) },
  ];
}

function covers(product: { from: string; until: string }, day: string): boolean {
  return (!product.from || product.from <= day) && (!product.until || day <= product.until);
}

function next(values: string[], value: string): string {
  return values[(values.indexOf(value) + 1) % values.length] as string;
}
