// The bill itemised: pasted from Excel, uploaded, or typed. What could not be read is told by its row.
import { Alert, Button, Input, Select, Upload } from 'antd';
import { useState } from 'react';
import type { Line, Mistake } from '../../api';
import { Refused, ask, upload } from '../../api';
import { useHouse, useNarrow, useWords } from '../../house';
import { yuan } from '../../money';
import { totalOf } from '../../scenario';
import { pay } from '../../words/pay';
import { Mistakes } from '../Parts';

type Read = { lines: Line[]; faults: { row: number; why: string; cells: string[] }[]; unknown: string[] };
const SHOWN = 200;

export default function Lines({ lines, onChange }: { lines: Line[]; onChange: (lines: Line[]) => void }) {
  const { lang } = useHouse();
  const say = useWords(pay);
  const narrow = useNarrow();
  const [pasted, setPasted] = useState('');
  const [read, setRead] = useState<Read>();
  const [wrong, setWrong] = useState<Mistake[]>([]);
  const take = async (reading: Promise<Read>) => {
    try {
      const found = await reading;
      setRead(found);
      setWrong([]);
      onChange(found.lines);
      setPasted('');
    } catch (error) {
      setRead(undefined);
      setWrong(error instanceof Refused ? error.mistakes : [{ code: '', what: String(error), why: '', repair: '' }]);
    }
  };
  const change = (at: number, changes: Partial<Line>) => onChange(lines.map((line, n) => (n === at ? clean({ ...line, ...changes }) : line)));
  const total = totalOf({ id: '', lines });
  return (
    <div className="lines">
      <label className="label" htmlFor="paste">{say('paste')}</label>
      <Input.TextArea id="paste" rows={3} value={pasted} placeholder={say('paste_placeholder')} onChange={(e) => setPasted(e.target.value)}
        onPaste={(e) => { const text = e.clipboardData.getData('text'); if (text.includes('\n')) { e.preventDefault(); void take(ask<Read>('lines', { text, lang })); } }} />
      <div className="row">
        <Button onClick={() => take(ask<Read>('lines', { text: pasted, lang }))} disabled={!pasted.trim()}>{say('take_paste')}</Button>
        <Upload accept=".xlsx,.csv" showUploadList={false} beforeUpload={(file) => { void take(upload<Read>(file, lang)); return false; }}>
          <Button>{say('upload')}</Button>
        </Upload>
        <Button onClick={() => onChange([...lines, { code: `L${lines.length + 1}`, name: '', amount: '0', item_class: 'class_a' }])}>{say('add_line')}</Button>
      </div>
      <div aria-live="polite">
        {read && <p className="hint">{say('lines_read', { n: read.lines.length })}{read.unknown.length > 0 && ` · ${say('lines_unknown', { names: read.unknown.join(lang === 'zh' ? '、' : ', ') })}`}</p>}
        {read && read.faults.length > 0 && (
          <Alert type="warning" title={say('lines_faults', { n: read.faults.length })}
            description={<ul>{read.faults.slice(0, 20).map((f) => <li key={f.row}>{say('lines_fault', { row: f.row, why: f.why })} <span className="soft">{f.cells.join(' | ')}</span></li>)}</ul>} />
        )}
        <Mistakes mistakes={wrong} />
      </div>
      {lines.length === 0 ? <p className="hint">{say('no_lines')}</p> : (
        <ol className={narrow ? 'line-list narrow' : 'line-list'}>
          {lines.slice(0, SHOWN).map((line, at) => (
            <li key={at}>
              <Input aria-label={`${say('line', { n: at + 1 })} ${say('line_name')}`} value={line.name || line.code} onChange={(e) => change(at, { name: e.target.value })} />
              <Input className="n" inputMode="decimal" aria-label={`${say('line', { n: at + 1 })} ${say('line_amount')}`} value={line.amount} onChange={(e) => change(at, { amount: e.target.value.replace(/[,，\s]/g, '') })} />
              <Select aria-label={`${say('line', { n: at + 1 })} ${say('line_class')}`} value={line['item_class']} placeholder={say('line_class')} allowClear onChange={(v?: string) => change(at, { item_class: v })}
                options={(['class_a', 'class_b', 'class_c'] as const).map((c) => ({ value: c, label: say(c) }))} />
              <Input className="n" aria-label={`${say('line', { n: at + 1 })} ${say('line_first')}`} placeholder={line['item_class'] === 'class_b' ? '10%' : ''} value={line['borne_first'] ?? ''} onChange={(e) => change(at, { borne_first: e.target.value || undefined })} />
              <Button type="text" aria-label={say('line_remove', { n: at + 1 })} onClick={() => onChange(lines.filter((_, n) => n !== at))}>×</Button>
            </li>
          ))}
        </ol>
      )}
      {lines.length > 0 && <p className="hint">{say('lines_read', { n: lines.length })} · {yuan(total)}</p>}
    </div>
  );
}

function clean(line: Line): Line {
  return Object.fromEntries(Object.entries(line).filter(([, v]) => v !== undefined)) as Line;
}
