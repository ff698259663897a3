// Fen as people read them, and back. Never a float: what is typed is cut at the point.

export function yuan(fen: number): string {
  const sign = fen < 0 ? '-' : '';
  const whole = String(Math.trunc(Math.abs(fen) / 100)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${sign}${whole}.${String(Math.abs(fen) % 100).padStart(2, '0')}`;
}

export function signed(fen: number): string {
  return fen > 0 ? `+${yuan(fen)}` : yuan(fen);
}

export function percent(part: number, whole: number): string {
  return whole ? `${((part / whole) * 100).toFixed(1)}%` : '—';
}

// What was typed, without separators; undefined where it is no amount. '12.3' -> 1230
export function fen(written: string): number | undefined {
  const plain = written.replace(/[,，\s￥¥元]/g, '');
  const found = /^(\d{1,11})(?:\.(\d{0,2}))?$/.exec(plain);
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0') || 0) : undefined;
}

export function short(fen: number, lang: 'zh' | 'en'): string {
  const value = Math.abs(fen) / 100;
  const sign = fen < 0 ? '-' : '';
  if (lang === 'zh' && value >= 10_000) return `${sign}${trim(value / 10_000)}万`;
  if (lang === 'en' && value >= 1_000) return `${sign}${trim(value / 1_000)}k`;
  return sign + trim(value);
}

function trim(value: number): string {
  return value.toFixed(value >= 100 || Number.isInteger(value) ? 0 : 1).replace(/\.0$/, '');
}
