// Two to four scenarios side by side; each is the first with something changed, and why they differ is told step by step.
import { App as Ant, Button, Dropdown } from 'antd';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Scenario, Side } from '../api';
import { useAsk } from '../asking';
import { keepInAddress, useAddress, useHouse, useWords } from '../house';
import Columns from '../parts/compare/Columns';
import Figures from '../parts/compare/Figures';
import { presets } from '../parts/compare/presets';
import Why from '../parts/compare/Why';
import { Broken, Nothing, Waiting } from '../parts/Parts';
import { FIRST, isScenario, packed, unpacked } from '../scenario';
import { compareWords } from '../words/compare';
import './Compare.css';

const MOST = 4;

export default function Compare() {
  return (
    <Ant component={false}>
      <Inside />
    </Ant>
  );
}

function read(written: string | null): Scenario[] | undefined {
  const found = unpacked<Scenario[]>(written);
  return Array.isArray(found) && found.length > 0 && found.every(isScenario) ? found.slice(0, MOST) : undefined;
}

function first(): Scenario[] {
  const other = structuredClone(FIRST);
  (other.case.bills[0] as Record<string, unknown>)['level'] = 'secondary';
  return [FIRST, other];
}

function Inside() {
  const { start, lang } = useHouse();
  const say = useWords(compareWords);
  const { message } = Ant.useApp();
  const address = useAddress();
  const written = address.query.get('s');
  const [sides, setSides] = useState<Scenario[]>(() => read(written) ?? first());
  const mine = useRef(written);
  useEffect(() => {
    if (written === mine.current) return;
    mine.current = written;
    setSides(read(written) ?? first());
  }, [written]);
  const change = useCallback((next: Scenario[]) => {
    setSides(next);
    mine.current = packed(next);
    keepInAddress('compare', { s: mine.current });
  }, []);
  const body = useMemo(() => ({ scenarios: sides.length > 1 ? sides : [...sides, ...sides], lang }), [sides, lang]);
  const { data, broken, again } = useAsk<{ sides: Side[] }>('compare', body);
  const found = data?.sides.slice(0, sides.length);
  const base = sides[0] as Scenario;
  const copy = async () => {
    await navigator.clipboard.writeText(`${window.location.href.split('#')[0]}#/compare?s=${packed(sides)}`).catch(() => undefined);
    void message.success(say('copied'));
  };
  return (
    <>
      <div className="row between">
        <div><h1>{say('title')}</h1><p className="soft">{say('lead')}</p></div>
        <div className="row no-print">
          <Dropdown disabled={sides.length >= MOST} trigger={['click']} menu={{
            items: [{ type: 'group', label: say('add_how'), children: presets(start, base).map((p) => ({ key: p.key, label: say(p.key) })) }],
            onClick: ({ key }) => { const preset = presets(start, base).find((p) => p.key === key); if (preset) change([...sides, preset.make()]); },
          }}>
            <Button type="primary">{say('add')}</Button>
          </Dropdown>
          <Button onClick={copy}>{say('copy')}</Button>
        </div>
      </div>
      {broken && <Broken again={again} />}
      <Columns sides={sides} found={found} onChange={change} />
      {!found && !broken && <Waiting label={say('waiting')} />}
      {found && sides.length > 1 && found.length === sides.length && (
        <>
          <Figures found={found} />
          <Why found={found} />
        </>
      )}
      {sides.length === 1 && <Nothing>{say('one_only')}</Nothing>}
    </>
  );
}
