// Who is signed in, what they may do, and asking the desk in their name. The token lives in this window only, never in the address.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Answer, Attribute, Mistake } from '../../api';
import { Refused, desk } from '../../api';
import { useHouse } from '../../house';
import { fen } from '../../money';

export type Role = 'bureau' | 'hospital' | 'insurer' | 'member' | 'auditor' | 'operator';
export type Session = { role: Role; of: string; name: string; token: string };
export type Person = { member: string; name: string; number: string; region: string };
export type Tries = { people: Person[]; roles: Session[] };
export type CounterStart = { today: string; tries: Tries | null };

// What each role may do, as the service's own table has it; the service decides all the same.
const MAY: Record<string, Role[]> = {
  find: ['bureau', 'hospital'], file: ['bureau', 'member', 'auditor'], identity: ['bureau', 'member'], standing: ['bureau', 'member', 'auditor'],
  quote: ['bureau', 'hospital', 'member'], preview: ['bureau', 'member'], settle: ['bureau', 'hospital'], reverse: ['bureau', 'hospital'],
  bill: ['bureau', 'hospital', 'member', 'auditor'], statement: ['bureau', 'hospital', 'member'], offers: ['bureau', 'member'],
  enrol: ['bureau'], consent: ['bureau', 'member'], credit: ['bureau'], send: ['member'], accept: ['member'], premium: ['member'],
};
export const may = (session: Session, act: string): boolean => MAY[act]?.includes(session.role) ?? false;

const KEPT = 'duoceng-session';

export function useSession(): [Session | undefined, (session: Session | undefined) => void] {
  const [session, setSession] = useState<Session | undefined>(() => {
    try {
      return JSON.parse(window.sessionStorage.getItem(KEPT) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  });
  const change = useCallback((next: Session | undefined) => {
    if (next) window.sessionStorage.setItem(KEPT, JSON.stringify(next));
    else window.sessionStorage.removeItem(KEPT);
    setSession(next);
  }, []);
  return [session, change];
}

// Who a token says it is for; the service checks it, this only reads it.
export function sessionOf(token: string): Session | undefined {
  try {
    const said = JSON.parse(atob((token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')));
    return { token, role: said.role, of: said.of ?? '', name: said.sub ?? '' };
  } catch {
    return undefined;
  }
}

export type Desk = { session: Session; today: string; people: Person[]; ask: <T>(method: string, path: string, body?: unknown, key?: string) => Promise<T> };

export function useDesk(session: Session, start: CounterStart, onExpired: () => void): Desk {
  const { lang } = useHouse();
  const ask = useCallback(async <T,>(method: string, path: string, body?: unknown, key?: string): Promise<T> => {
    try {
      return await desk<T>(session.token, method, path, lang, body, key);
    } catch (error) {
      if (error instanceof Refused && error.status === 401) onExpired();
      throw error;
    }
  }, [session, lang, onExpired]);
  return { session, today: start.today, people: start.tries?.people ?? [], ask };
}

export type Read<T> = { data: T | undefined; mistakes: Mistake[]; busy: boolean; again: () => void };

// Read something of the desk, and again when `since` changes; `undefined` as the path reads nothing.
export function useRead<T>(desk: Desk, method: 'GET' | 'POST', path: string | undefined, body?: unknown, since = 0): Read<T> {
  const [state, setState] = useState<Omit<Read<T>, 'again'>>({ data: undefined, mistakes: [], busy: false });
  const [turn, setTurn] = useState(0);
  const latest = useRef(0);
  const said = body === undefined ? undefined : JSON.stringify(body);
  const { ask } = desk;
  useEffect(() => {
    const mine = ++latest.current;
    if (!path) {
      setState({ data: undefined, mistakes: [], busy: false });
      return;
    }
    setState((s) => ({ ...s, busy: true }));
    ask<T>(method, path, said === undefined ? undefined : JSON.parse(said))
      .then((data) => mine === latest.current && setState({ data, mistakes: [], busy: false }))
      .catch((error: unknown) => mine === latest.current && setState((s) => ({ data: s.data, mistakes: mistakesOf(error), busy: false })));
  }, [ask, method, path, said, since, turn]);
  return { ...state, again: () => setTurn((t) => t + 1) };
}

export function mistakesOf(error: unknown): Mistake[] {
  return error instanceof Refused ? error.mistakes : [{ code: '', what: String(error), why: '', repair: '' }];
}

export const newKey = (): string => `page-${crypto.randomUUID().slice(0, 18)}`;

// An answer as the desk takes it: whole numbers, fen, parts of 10,000, yes or no, lists; the rest as words.
export function answerFor(attribute: Attribute | undefined, value: Answer): unknown {
  if (Array.isArray(value)) return value;
  const text = String(value);
  if (attribute?.type === 'set') return [text];
  if (attribute?.type === 'yes_no') return text === 'yes' || text === 'true';
  if (attribute?.type === 'number') return Number.parseInt(text, 10) || 0;
  if (attribute?.type === 'money') return fen(text) ?? 0;
  if (attribute?.type === 'rate') return (fen(text.replace('%', '')) ?? 0);
  return text;
}

export type Fact = { kind: string; begins: string; ends?: string; region?: string; policy?: string; answers?: Record<string, unknown>; said?: Record<string, string> };
export type BillRow = { bill: string; state: string; hospital: string; billed: number; covered: number; member_pays: number; cash: number };
export type File = { member: string; region: string; pages: number; facts: Fact[]; balances: Record<string, { amount: number; held: number }>; bills: BillRow[] };
export type Moved = { debit: string; credit: string; amount: number; tier: string; bill: string };
export type Receipt = {
  kind: string; member: string; bill: string; page: number; billed: number; covered: number; member_pays: number; cash: number;
  paid: [string, string, number][]; drawn: [string, number][]; moved: Moved[]; changed: { bill: string; before: Record<string, number>; after: Record<string, number> }[];
  withheld: string[]; repeated: boolean;
};
