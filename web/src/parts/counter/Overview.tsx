// The year so far as gauges for a kind of care, and the file of the member in words.
import { Select } from 'antd';
import { useMemo, useState } from 'react';
import type { Answer, Standing } from '../../api';
import { useHouse, usePlaceName, useTerm, useWords } from '../../house';
import { questions } from '../../scenario';
import { counterWords } from '../../words/counter';
import Field from '../Field';
import { Mistakes, Nothing } from '../Parts';
import { Gauges } from '../Statement';
import type { Desk, Fact, File } from './session';
import { answerFor, may, useRead } from './session';

export default function Overview({ desk, member, file }: { desk: Desk; member: string; file: File | undefined }) {
  return (
    <>
      {may(desk.session, 'standing') && <Year desk={desk} member={member} pages={file?.pages ?? 0} />}
      {file && <Facts file={file} desk={desk} />}
    </>
  );
}

function Year({ desk, member, pages }: { desk: Desk; member: string; pages: number }) {
  const { start, lang } = useHouse();
  const say = useWords(counterWords);
  const [answers, setAnswers] = useState<Record<string, Answer>>({ care: 'outpatient', level: 'tertiary' });
  const body = useMemo(() => ({ answers: Object.fromEntries(Object.entries(answers).map(([n, v]) => [n, answerFor(start.attributes[n], v)])), day: desk.today }), [answers, start, desk.today]);
  const { data, mistakes } = useRead<{ standing: Standing[] }>(desk, 'POST', `/v1/members/${member}/standing`, body, pages);
  const open = mistakes.filter((m) => m.question);
  const asked = questions(start, ['bill', 'line'], new Set([...Object.keys(answers), ...open.map((m) => m.question ?? '')])).filter(([n]) => n !== 'care');
  const put = (name: string, value: Answer | undefined) => setAnswers(({ [name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [name]: value }));
  return (
    <section className="card" aria-live="polite">
      <h2>{say('year_so_far')}</h2>
      <div className="part-grid">
        <div className="field"><label htmlFor="year-care">{say('for_care')}</label>
          <Select id="year-care" value={String(answers['care'])} options={start.attributes['care']?.values.map((v) => ({ value: v.value, label: v[lang] })) ?? []} onChange={(care: string) => put('care', care)} /></div>
        {asked.map(([name, attribute]) => <Field key={name} name={name} attribute={attribute} value={answers[name]} asked={open.some((m) => m.question === name)} onChange={(v) => put(name, v)} />)}
      </div>
      <Mistakes mistakes={mistakes.filter((m) => !m.question)} />
      {open.length > 0 && <p className="hint">{say('answer_first')} {open.map((m) => start.attributes[m.question ?? '']?.[lang] ?? m.question).join(lang === 'zh' ? '、' : ', ')}</p>}
      {data && !mistakes.length && (data.standing.length ? <Gauges standing={data.standing} /> : <Nothing>{say('no_standing')}</Nothing>)}
    </section>
  );
}

function Facts({ file, desk }: { file: File; desk: Desk }) {
  const say = useWords(counterWords);
  return (
    <section className="card">
      <h2>{say('facts')}</h2>
      <table className="plain facts-table"><tbody>{file.facts.map((f, at) => <FactRow key={at} fact={f} desk={desk} />)}</tbody></table>
    </section>
  );
}

function FactRow({ fact, desk }: { fact: Fact; desk: Desk }) {
  const { start, lang } = useHouse();
  const say = useWords(counterWords);
  const term = useTerm();
  const placeName = usePlaceName();
  const words = [
    fact.region && placeName(fact.region),
    fact.policy && term(start.products.find((p) => p.policy === fact.policy), fact.policy),
    fact.said?.['who'] && `${desk.people.find((p) => p.member === fact.said?.['who'])?.name ?? fact.said['who']}（${say((fact.said['relation'] ?? 'child') as 'child')}）${fact.said['proof'] ?? ''}`,
    ...Object.entries(fact.answers ?? {}).map(([name, value]) => {
      const attribute = start.attributes[name];
      const word = (v: unknown) => attribute?.values.find((t) => t.value === v)?.[lang] ?? (v === true ? (lang === 'zh' ? '是' : 'yes') : v === false ? (lang === 'zh' ? '否' : 'no') : String(v));
      return `${attribute?.[lang] ?? name} ${Array.isArray(value) ? value.map(word).join(lang === 'zh' ? '、' : ', ') : word(value)}`;
    }),
  ].filter(Boolean);
  return (
    <tr>
      <th scope="row">{say(`fact_${fact.kind}` as 'fact_status')}</th>
      <td>{words.join(' · ')}</td>
      <td className="soft">{say('from_to', { from: fact.begins })}{fact.ends && ` ${say('until', { until: fact.ends })}`}</td>
    </tr>
  );
}
