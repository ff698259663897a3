// What the service tells of policies.
import type { Status } from '../../api';

export type Doc = {
  policy: string; title: string; region: string; kind: 'public' | 'product' | 'example'; cares: Record<string, string[]>;
  from: string; until: string; days: string[]; tiers: string[]; verified: number; secondary: number; unverified: number; gap: number;
};
export type LawClause = {
  from: string; cite: string; quote: string; quoted_from: string; status: Status; note: string; gap: string; source: string; number: string; url: string; trust: string;
};
export type Part = {
  part: string; label: string; unread: string; cells: { key: string; cells: [string, string][] }[]; clause: LawClause | null;
  versions: { from: string; status: Status; now: boolean }[];
};
export type LayerText = {
  layer: string; tier: string; title: string; sees: { kind: string; label: string }[]; only: [string, string][]; settled: string; parts: Part[]; unread: string[];
};
export type Policy = {
  policy: string; zh: string; en: string; region: string; kind: string; day: string; from: string; until: string; outside: boolean; covers: [string, string][];
  over: string; layers: LayerText[]; sources: { key: string; title: string; number: string; url: string; trust: string }[]; gaps: string[];
  timeline: { day: string; changes: { layer: string; tier: string; part: string; status: Status }[] }[]; worked: number; file: string;
};
export type Diff = {
  sides: { policy: string; title: string; region: string; day: string }[];
  rows: { layer: string; tier: string; part: string; cells: [string, string | null, string | null][]; clauses: (LawClause | null)[] }[];
};
export type Coverage = {
  rows: { region: string; policy: string; title: string; kind: string; year: number; verified: number; secondary: number; unverified: number; gap: number }[];
  regions: { id: string; code: string; zh: string; en: string; verified: number; secondary: number; unverified: number; gap: number }[];
  gaps: { policy: string; title: string; gap: string }[];
};

export const STATUSES = ['verified', 'secondary', 'unverified', 'gap'] as const;
export const valuesOf = (row: { verified: number; secondary: number; unverified: number }): number => row.verified + row.secondary + row.unverified;

// Plain amounts of a document as people read them: 100000 -> 100,000.
export function readable(written: string): string {
  return written.replace(/(?<![\d.\-/])\d{5,}(?=(?:\.\d+)?(?![\d\-/]))/g, (digits) => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ','));
}
