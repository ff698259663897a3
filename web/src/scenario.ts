// A scenario on the page: a case as a bill file has it, and how it travels in the address.
import { compressToEncodedURIComponent, decompressFromEncodedURIComponent } from 'lz-string';
import type { Answer, Attribute, Bill, Held, Member, Scenario, Start } from './api';
import { fen } from './money';

// The first thing shown: a stay in Shanghai, so that there is an answer before anything is typed.
export const FIRST: Scenario = {
  case: {
    member: { region: 'shanghai', scheme: 'resident', status: 'elderly', age: '70', aid: 'none', products: [] },
    bills: [
      {
        id: '1', discharged: '2024-03-01', care: 'inpatient', level: 'tertiary', diseases: ['cancer'],
        amounts: { in_scope: '118300.37', borne_first: '4000', outside_scope: '64120.50' },
      },
    ],
  },
  allow_unverified: false,
};

export function packed(value: unknown): string {
  return compressToEncodedURIComponent(JSON.stringify(value));
}

export function unpacked<T>(written: string | null): T | undefined {
  if (!written) return undefined;
  try {
    return JSON.parse(decompressFromEncodedURIComponent(written) ?? '') as T;
  } catch {
    return undefined;
  }
}

export function isScenario(found: unknown): found is Scenario {
  const said = found as Scenario | undefined;
  return typeof said?.case?.member?.region === 'string' && Array.isArray(said.case.bills) && said.case.bills.length > 0;
}

export const dayOf = (bill: Bill): string => String(bill.discharged ?? bill.day ?? '');

export function withMember(scenario: Scenario, name: string, value: Answer | undefined): Scenario {
  return { ...scenario, case: { ...scenario.case, member: without({ ...scenario.case.member, [name]: value }) } };
}

export function withBill(scenario: Scenario, at: number, changes: Partial<Bill>): Scenario {
  const bills = scenario.case.bills.map((bill, n) => (n === at ? (without({ ...bill, ...changes }) as Bill) : bill));
  return { ...scenario, case: { ...scenario.case, bills } };
}

export function withDay(scenario: Scenario, at: number, day: string): Scenario {
  return withBill(scenario, at, { discharged: day, day: undefined });
}

function without<T extends object>(said: T): T {
  return Object.fromEntries(Object.entries(said).filter(([, v]) => v !== undefined && v !== '')) as T;
}

export function heldOf(member: Member): Held[] {
  return (member.products ?? []).map((h) => (typeof h === 'string' ? { policy: h } : h));
}

// The whole bill in fen: its lines, or its amounts by kind.
export function totalOf(bill: Bill): number {
  if (bill.lines) return bill.lines.reduce((sum, line) => sum + (fen(line.amount) ?? 0), 0);
  return Object.values(bill.amounts ?? {}).reduce((sum, amount) => sum + (fen(String(amount)) ?? 0), 0);
}

export function plainYuan(amount: number): string {
  return `${Math.trunc(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
}

// The next bill of the year: like the last, a month later, a new stay.
export function nextBill(bills: Bill[]): Bill {
  const last = bills[bills.length - 1] as Bill;
  const { admitted: _, ...rest } = last;
  const names = new Set(bills.map((b) => b.id));
  let number = bills.length + 1;
  while (names.has(String(number))) number += 1;
  return { ...structuredClone(rest), id: String(number), discharged: moved(dayOf(last), 30), day: undefined } as Bill;
}

export function moved(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export function yearBefore(day: string): string {
  const [year = '', month, date] = day.split('-');
  return month === '02' && date === '29' ? `${Number(year) - 1}-02-28` : `${Number(year) - 1}-${month}-${date}`;
}

// Which questions to show, in the order of the vocabulary: those the rules looked at or ask for.
export function questions(start: Start, of: Attribute['of'][], names: Set<string>): [string, Attribute][] {
  return Object.entries(start.attributes).filter(([name, a]) => of.includes(a.of) && names.has(name));
}

