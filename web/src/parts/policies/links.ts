// Where a document is read, and where two are held against each other.
import type { Doc } from './types';

export const readLink = (policy: string, day: string): string => `#/policies?tab=read&policy=${policy}&day=${day}`;

export const diffLink = (first: string, day: string, second: string, other: string): string =>
  `#/policies?tab=diff&first=${first}&day=${day}&second=${second}&other=${other}`;

// The day on which a document is best looked at: its latest change, inside its window.
export function dayFor(doc: Doc | undefined): string {
  const last = doc?.days[doc.days.length - 1] ?? '2025-01-01';
  return doc?.until && doc.until < last ? doc.until : last;
}

export function dayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}
