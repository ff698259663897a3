// The shell: language, navigation, the start data, one page at a time. Each page comes when it is first opened.
import { Button, ConfigProvider } from 'antd';
import en_US from 'antd/locale/en_US';
import zh_CN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { Suspense, lazy, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Lang, Start } from './api';
import { look } from './api';
import { HouseContext, useAddress } from './house';
import Pay from './pages/Pay';
import { Shelter, Waiting } from './parts/Parts';
import { shell } from './words/shell';

const Compare = lazy(() => import('./pages/Compare'));
const Products = lazy(() => import('./pages/Products'));
const Policies = lazy(() => import('./pages/Policies'));
const Counter = lazy(() => import('./pages/Counter'));
const PAGES = ['pay', 'compare', 'products', 'policies', 'counter'] as const;
type Page = (typeof PAGES)[number];

const THEME = {
  token: {
    colorPrimary: '#1f6f8b', colorLink: '#1a6480', colorInfo: '#1f6f8b', colorError: '#b3261e', colorInfoBg: '#e8f3f7', colorInfoBorder: '#a9cfdd', colorPrimaryHover: '#185a71', colorPrimaryActive: '#134a5d', colorLinkHover: '#134a5d', borderRadius: 6, fontSize: 15, colorTextPlaceholder: '#68737c',
    colorTextDescription: '#5c6a75', colorTextTertiary: '#5c6a75', colorTextQuaternary: '#68737c',
    fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
  },
};

function firstLanguage(): Lang {
  const kept = window.localStorage.getItem('lang');
  if (kept === 'zh' || kept === 'en') return kept;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : navigator.language.toLowerCase().startsWith('en') ? 'en' : 'zh';
}

export default function App() {
  const [lang, setLangState] = useState<Lang>(firstLanguage);
  const [start, setStart] = useState<Start>();
  const [broken, setBroken] = useState(false);
  const say = useCallback((key: keyof typeof shell, parts: Record<string, string | number> = {}) =>
    shell[key][lang === 'zh' ? 0 : 1].replace(/\{(\w+)\}/g, (_, name: string) => String(parts[name] ?? '')), [lang]);
  const begin = useCallback(() => {
    setBroken(false);
    look<Start>('start').then(setStart).catch(() => setBroken(true));
  }, []);
  useEffect(begin, [begin]);
  const setLang = useCallback((to: Lang) => {
    window.localStorage.setItem('lang', to);
    setLangState(to);
  }, []);
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
    dayjs.locale(lang === 'zh' ? 'zh-cn' : 'en');
  }, [lang]);
  const house = useMemo(() => (start ? { lang, setLang, start } : null), [lang, setLang, start]);

  return (
    <ConfigProvider locale={lang === 'zh' ? zh_CN : en_US} theme={THEME} button={{ autoInsertSpace: false }}>
      <HouseContext.Provider value={house}>
        {house ? <Inside say={say} /> : broken ? <div className="first"><Plain say={say} again={begin} /></div> : <Waiting label={say('loading')} />}
      </HouseContext.Provider>
    </ConfigProvider>
  );
}

type SayShell = (key: keyof typeof shell, parts?: Record<string, string | number>) => string;

function Plain({ say, again }: { say: SayShell; again: () => void }) {
  return (
    <div role="alert">
      <h1>{say('cannot_start')}</h1>
      <p>{say('cannot_start_why')}</p>
      <Button type="primary" onClick={again}>{say('again')}</Button>
    </div>
  );
}

function Inside({ say }: { say: SayShell }) {
  const address = useAddress();
  const page: Page = (PAGES as readonly string[]).includes(address.path) ? (address.path as Page) : 'pay';
  useEffect(() => {
    document.title = `${say(page)} · ${say('name')}`;
  }, [page, say]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById('main')?.focus(); }}>{say('skip')}</a>
      <Head say={say} page={page} />
      <main id="main" tabIndex={-1}>
        <Shelter key={page} words={{ head: say('went_wrong'), why: say('went_wrong_why'), again: say('again') }}>
          <Suspense fallback={<Waiting label={say('loading')} />}>
            {page === 'pay' && <Pay />}
            {page === 'compare' && <Compare />}
            {page === 'products' && <Products />}
            {page === 'policies' && <Policies />}
            {page === 'counter' && <Counter />}
          </Suspense>
        </Shelter>
      </main>
      <Foot say={say} />
    </>
  );
}

function Head({ say, page }: { say: SayShell; page: Page }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' });
  }, [page]);
  return (
    <header className="head">
      <a className="brand" href="#/pay">
        <img src="./assets/icon.svg" alt="" width="28" height="28" />
        <strong>{say('name')}</strong>
        <span className="soft wide-only">{say('tagline')}</span>
      </a>
      <nav ref={nav} aria-label={say('pages')}>
        {PAGES.map((name) => (
          <a key={name} href={`#/${name}`} aria-current={name === page ? 'page' : undefined}>{say(name)}</a>
        ))}
      </nav>
      <LanguageButton label={say('other_language')} />
    </header>
  );
}

function LanguageButton({ label }: { label: string }) {
  return (
    <HouseContext.Consumer>
      {(house) => house && (
        <Button type="text" className="language" lang={house.lang === 'zh' ? 'en' : 'zh-CN'} onClick={() => house.setLang(house.lang === 'zh' ? 'en' : 'zh')}>{label}</Button>
      )}
    </HouseContext.Consumer>
  );
}

function Foot({ say }: { say: SayShell }) {
  return (
    <HouseContext.Consumer>
      {(house) => {
        if (!house) return null;
        const { sums } = house.start;
        const values = sums.verified + sums.secondary + sums.unverified;
        return (
          <footer>
            <p>{say('foot', { documents: house.start.documents, values, verified: sums.verified })}</p>
            <p>Duoceng {house.start.version} · <a href="./docs">{say('interface')}</a> · <a href="./assets/licenses.txt">{say('licenses')}</a></p>
          </footer>
        );
      }}
    </HouseContext.Consumer>
  );
}

