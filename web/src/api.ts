// What the page asks, and what it is answered. Amounts are whole fen; what goes wrong is a Refused with every mistake.

export type Lang = 'zh' | 'en';
export type Both = { zh: string; en: string };
export type Status = 'verified' | 'secondary' | 'unverified' | 'gap';

export type Attribute = Both & {
  of: 'member' | 'product' | 'bill' | 'line' | 'history';
  type: 'choice' | 'set' | 'yes_no' | 'number' | 'money' | 'rate' | 'day' | 'text';
  values: (Both & { value: string })[];
  open: boolean;
  since: string;
};
export type Place = Both & { id: string; cares: Record<string, string[]>; policies: string[]; first: string };
export type Product = Both & { policy: string; region: string; from: string; until: string; tiers: string[] };
export type Start = {
  version: string;
  documents: number;
  places: Place[];
  attributes: Record<string, Attribute>;
  units: string[];
  kinds: (Both & { name: string })[];
  tiers: (Both & { name: string; colour: string })[];
  colours: { member: string; billed: string };
  products: Product[];
  sums: Record<Status, number>;
};

// A case as a bill file has it: every value text, as it was written.
export type Answer = string | number | boolean | string[];
export type Held = { policy: string; [answer: string]: Answer };
export type Member = { region: string; products?: (string | Held)[]; [answer: string]: Answer | (string | Held)[] | undefined };
export type Line = { code: string; amount: string; name?: string; quantity?: string; day?: string; [answer: string]: string | undefined };
export type Bill = {
  id: string;
  discharged?: string;
  day?: string;
  admitted?: string;
  amounts?: Record<string, string>;
  lines?: Line[];
  [answer: string]: unknown;
};
export type Case = { member: Member; bills: Bill[] };
export type Scenario = { case: Case; allow_unverified: boolean; order?: string[]; reforms?: string[] };

export type Clause = {
  number?: number; policy: string; part: string; from: string; source: string; cite: string; quote: string;
  quoted_from: string; url: string; status: Status; note: string;
};
export type StatementLine = {
  role: 'total' | 'kind' | 'layer' | 'move' | 'refusal' | 'member';
  label: string; detail: string; amount: number | null; clauses: number[]; tier: string; bar: [number, number] | null;
};
export type Layer = { layer: string; tier: string; title: string; english: string; payer: string; paid: number; cash: boolean; settled_before: boolean };
export type Settlement = {
  bill: string; title: string; day: string; billed: number; covered: number; member_pays: number; cash: number;
  self_pay: Record<string, number>; layers: Layer[]; statement: StatementLine[]; clauses: Clause[]; warnings: string[];
  about: { label: string; says: string }[]; refusals: { layer: string; asked: string; found: string; wanted: string }[];
  sights: { layer: string; kinds: Record<string, number>; paid: number }[];
};
export type Standing = {
  tier: string; layer: string; title: string; of: 'deductible' | 'payment' | 'expense'; label: string;
  limit: number; used: number; period: string; status: string;
};
export type Settled = { year: { bills: Settlement[]; differences: unknown[] }; standing: Standing[]; asked: string[] };
export type Mistake = { code: string; what: string; why: string; repair: string; field?: string; at?: string; question?: string };

export type Parting = {
  layer: string; tier: string; move: string; first: number | null; second: number | null; why: string; clauses: (Clause | null)[];
};
export type Against = {
  bills: [string, string]; alone: boolean; partings: Parting[];
  totals?: { name: string; label: string; first: number; second: number }[];
};
export type Side = (Settled & { against?: Against[] }) | { mistakes: Mistake[] };

export class Refused extends Error {
  constructor(readonly mistakes: Mistake[], readonly status: number) {
    super(mistakes.map((m) => m.what).join('; '));
  }
}

async function told(response: Response): Promise<Refused> {
  const said = await response.json().catch(() => null);
  const mistakes = said?.mistakes ?? [{ code: String(response.status), what: response.statusText || 'error', why: '', repair: '' }];
  return new Refused(mistakes, response.status);
}

export async function ask<T>(name: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const response = await fetch(`./page/${name}`, { method: 'POST', body: JSON.stringify(body), signal: signal ?? null });
  if (!response.ok) throw await told(response);
  return response.json();
}

export async function look<T>(name: string): Promise<T> {
  const response = await fetch(`./page/${name}`);
  if (!response.ok) throw await told(response);
  return response.json();
}

export async function download(name: string, body: unknown): Promise<Blob> {
  const response = await fetch(`./page/${name}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw await told(response);
  return response.blob();
}

export async function upload<T>(file: File, lang: Lang): Promise<T> {
  const response = await fetch(`./page/table?lang=${lang}&name=${encodeURIComponent(file.name)}`, { method: 'POST', body: await file.arrayBuffer() });
  if (!response.ok) throw await told(response);
  return response.json();
}

// The desk, with a token. `key` is new for each act, and the same when the act is tried again.
export async function desk<T>(token: string, method: string, path: string, lang: Lang, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'accept-language': lang };
  if (key) headers['idempotency-key'] = key;
  const response = await fetch(`.${path}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  if (!response.ok) throw await told(response);
  const type = response.headers.get('content-type') ?? '';
  return (type.startsWith('application/json') ? response.json() : response.blob()) as Promise<T>;
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
