// Ask the server, and keep the last answer on the page until the next is there: nothing flickers, nothing old overtakes.
import { useEffect, useRef, useState } from 'react';
import { Refused, ask, look } from './api';
import type { Mistake } from './api';

export type Asking<T> = { data: T | undefined; mistakes: Mistake[]; busy: boolean; broken: boolean; again: () => void };

export function useAsk<T>(name: string, body: unknown | undefined): Asking<T> {
  const [state, setState] = useState<Omit<Asking<T>, 'again'>>({ data: undefined, mistakes: [], busy: false, broken: false });
  const [turn, setTurn] = useState(0);
  const said = body === undefined ? undefined : JSON.stringify(body);
  const latest = useRef(0);
  useEffect(() => {
    if (said === undefined) return;
    const mine = ++latest.current;
    const stop = new AbortController();
    setState((s) => ({ ...s, busy: true }));
    ask<T>(name, JSON.parse(said), stop.signal)
      .then((data) => mine === latest.current && setState({ data, mistakes: [], busy: false, broken: false }))
      .catch((error: unknown) => {
        if (mine !== latest.current || stop.signal.aborted) return;
        if (error instanceof Refused) setState((s) => ({ data: s.data, mistakes: error.mistakes, busy: false, broken: false }));
        else setState((s) => ({ ...s, busy: false, broken: true }));
      });
    return () => stop.abort();
  }, [name, said, turn]);
  return { ...state, again: () => setTurn((t) => t + 1) };
}

export function useLook<T>(name: string): Asking<T> {
  const [state, setState] = useState<Omit<Asking<T>, 'again'>>({ data: undefined, mistakes: [], busy: true, broken: false });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let gone = false;
    look<T>(name)
      .then((data) => !gone && setState({ data, mistakes: [], busy: false, broken: false }))
      .catch((error: unknown) => !gone && setState({ data: undefined, mistakes: error instanceof Refused ? error.mistakes : [], busy: false, broken: !(error instanceof Refused) }));
    return () => {
      gone = true;
    };
  }, [name, turn]);
  return { ...state, again: () => setTurn((t) => t + 1) };
}
