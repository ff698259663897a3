// The policies: one read on a day, two held against each other, and how far all of them are checked. The choice stands in the address.
import { useMemo } from 'react';
import { useAsk } from '../asking';
import { useAddress, useHouse, useWords } from '../house';
import { Broken, Waiting } from '../parts/Parts';
import Sub from '../parts/Sub';
import Coverage from '../parts/policies/Coverage';
import DiffTab from '../parts/policies/DiffTab';
import Read from '../parts/policies/Read';
import type { Doc } from '../parts/policies/types';
import { policiesWords } from '../words/policies';
import './Policies.css';

const TABS = ['read', 'diff', 'coverage'] as const;

export default function Policies() {
  const { lang } = useHouse();
  const say = useWords(policiesWords);
  const { query } = useAddress();
  const tab = TABS.find((t) => t === query.get('tab')) ?? 'read';
  const { data, broken, again } = useAsk<{ documents: Doc[] }>('documents', { lang });
  const items = useMemo(() => TABS.map((key) => ({ key, label: say(key), href: `#/policies?tab=${key}` })), [say]);
  return (
    <>
      <h1>{say('title')}</h1>
      <p className="soft">{say('lead')}</p>
      <Sub label={say('tabs')} items={items} chosen={tab} />
      {broken && <Broken again={again} />}
      {!data && !broken && <Waiting label={say('waiting')} />}
      {data && tab === 'read' && <Read documents={data.documents} query={query} />}
      {data && tab === 'diff' && <DiffTab documents={data.documents} query={query} />}
      {tab === 'coverage' && <Coverage />}
    </>
  );
}
