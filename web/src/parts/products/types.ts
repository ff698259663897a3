// What the service tells of products, and the state this page keeps in its address.
import type { Answer, Mistake, Product, Scenario } from '../../api';
import { unpacked, isScenario } from '../../scenario';
import type { LayerText } from '../policies/types';

export type Terms = Product & { day: string; covers: [string, string][]; layers: LayerText[]; gaps: string[]; asks: string[]; lists: string[] };
export type Drug = {
  code: string; name: string; english: string; brand: string; holder: string; indication: string; from: string; until: string; removed: string; because: string;
  status: 'verified' | 'secondary' | 'unverified'; note: string; list: string; title: string;
};
export type Drugs = { items: Drug[]; lists: { list: string; title: string; products: string[] }[]; unread: { list: string; products: string[] }[] };
export type CameTo = {
  billed: number; covered: number; member_pays: number; bills: { bill: string; day: string; billed: number; member_pays: number }[];
  left: { kind: string; label: string; amount: number }[];
};
export type Tried = { policy: string } & (
  | { mistakes: Mistake[] }
  | (CameTo & { paid: number; layers: { layer: string; title: string; tier: string; paid: number }[]; refusals: { layer: string; asked: string; found: string; wanted: string }[] })
);
export type Shelf = { without: CameTo; products: Tried[] };
export type Sweep = { tiers: string[]; points: { amount: number; billed: number; tiers: Record<string, number>; member_pays: number }[] };

export type State = { scenario: Scenario; products: string[]; answers: Record<string, Answer> };

const SHANGHAI: Scenario = {
  case: {
    member: { region: 'shanghai', scheme: 'resident', status: 'elderly', age: '70', aid: 'none', products: [] },
    bills: [{
      id: '1', discharged: '2024-03-01', care: 'inpatient', level: 'tertiary', diseases: ['cancer'], settled_by_basic: 'yes', item_kind: 'service',
      amounts: { in_scope: '118300.37', borne_first: '4000', outside_scope: '64120.50' },
    }],
  },
  allow_unverified: true,
};
const SECOND = { ...structuredClone(SHANGHAI.case.bills[0]), id: '2', discharged: '2024-05-10', amounts: { in_scope: '42600', borne_first: '1800', outside_scope: '9300' } } as Scenario['case']['bills'][number];
const CHENGDU: Scenario = {
  case: {
    member: { region: 'chengdu', scheme: 'employee', status: 'active', age: '45', aid: 'none', products: [] },
    bills: [{ id: '1', discharged: '2024-03-01', care: 'inpatient', level: 'tertiary', item_kind: 'service', settled_by_basic: 'yes', amounts: { in_scope: '180000', borne_first: '9000', outside_scope: '40000' } }],
  },
  allow_unverified: true,
};
export const CASES = {
  case_cancer: SHANGHAI,
  case_year: { ...SHANGHAI, case: { ...SHANGHAI.case, bills: [...SHANGHAI.case.bills, SECOND] } },
  case_chengdu: CHENGDU,
} as const;

export const ANSWERS: Record<string, Answer> = { pre_existing: 'no', healthy_years: '0', renewed: 'no', contract_from: '2024-01-01', days_since_enrolment: '200', bought_with_basic: 'yes' };
export const BEGIN: State = { scenario: SHANGHAI, products: ['shanghai.huhuibao.2023', 'chengdu.huirongbao.2023', 'zhenai.million-medical'], answers: ANSWERS };

export function readState(written: string | null): State {
  const found = unpacked<State>(written);
  return found && isScenario(found.scenario) && Array.isArray(found.products) ? { ...BEGIN, ...found } : BEGIN;
}
