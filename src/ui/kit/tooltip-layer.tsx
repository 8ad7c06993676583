import { useEffect, useId, useRef, useState } from 'react';
import { Kbd } from './kbd.tsx';
import styles from './tooltip-layer.module.css';

/** Wall ms of rest before a tooltip opens; none while another one was open a moment ago. */
const DELAY_MS = 450;
const WARM_MS = 400;
interface Tip {
  text: string;
  shortcut: string | null;
  x: number;
  y: number;
  below: boolean;
}

/** One tooltip for the whole page: shows `data-tip` and `data-tip-key` of what the pointer or the keyboard focus is on. */
export function TooltipLayer() {
  const [tip, setTip] = useState<Tip | null>(null);
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer = 0;
    let closedAt = -Infinity;
    let owner: Element | null = null;
    const close = () => {
      window.clearTimeout(timer);
      if (owner?.getAttribute('aria-describedby') === id) owner.removeAttribute('aria-describedby');
      if (owner) closedAt = performance.now();
      owner = null;
      setTip(null);
    };
    const open = (target: Element) => {
      const text = target.getAttribute('data-tip');
      if (!text || !target.isConnected) return;
      const box = target.getBoundingClientRect();
      const below = box.bottom + 40 < window.innerHeight;
      owner = target;
      if (!target.hasAttribute('aria-describedby') && target.getAttribute('aria-label') !== text) {
        target.setAttribute('aria-describedby', id);
      }
      setTip({
        text,
        shortcut: target.getAttribute('data-tip-key'),
        x: Math.min(window.innerWidth - 8, Math.max(8, box.left + box.width / 2)),
        y: below ? box.bottom + 6 : box.top - 6,
        below,
      });
    };
    const plan = (event: Event, delay: number) => {
      const target = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
      if (target === owner && target) return;
      close();
      if (!target) return;
      const warm = performance.now() - closedAt < WARM_MS && closedAt > 0;
      timer = window.setTimeout(() => open(target), warm ? 0 : delay);
    };
    const over = (event: PointerEvent) => {
      if (event.pointerType !== 'touch') plan(event, DELAY_MS);
    };
    const focus = (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches(':focus-visible')) plan(event, DELAY_MS);
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape' || owner) close();
    };
    window.addEventListener('pointerover', over);
    window.addEventListener('pointerdown', close, true);
    window.addEventListener('focusin', focus);
    window.addEventListener('focusout', close);
    window.addEventListener('keydown', key, true);
    window.addEventListener('wheel', close, { passive: true });
    return () => {
      close();
      window.removeEventListener('pointerover', over);
      window.removeEventListener('pointerdown', close, true);
      window.removeEventListener('focusin', focus);
      window.removeEventListener('focusout', close);
      window.removeEventListener('keydown', key, true);
      window.removeEventListener('wheel', close);
    };
  }, [id]);

  useEffect(() => {
    const element = ref.current;
    if (!element || !tip) return;
    // Keeps the whole tooltip inside the window.
    const half = element.offsetWidth / 2;
    const x = Math.min(window.innerWidth - half - 6, Math.max(half + 6, tip.x));
    element.style.left = `${x}px`;
  }, [tip]);

  return (
    <div
      ref={ref}
      id={id}
      role="tooltip"
      className={styles.tip}
      hidden={!tip}
      data-below={tip?.below}
      style={tip ? { left: tip.x, top: tip.y } : undefined}
    >
      {tip?.text}
      {tip?.shortcut && <Kbd shortcut={tip.shortcut} />}
    </div>
  );
}
