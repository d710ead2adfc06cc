import { type EventEmitter, getEventListeners, setMaxListeners } from 'node:events';
import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'memory-leak/listener-leak';

const ORDERS = Array.from({ length: 100 }, (_, index) => `order ${index}`);

function quietEmitter(emitter: EventEmitter): EventEmitter {
  return emitter.setMaxListeners(0);
}

type Effect = () => (() => void) | undefined;

/** The part of React that runs effects: gives what unmounts. */
function effects(): { useEffect: (effect: Effect) => void; unmount: () => void } {
  const cleanups: ReturnType<Effect>[] = [];
  return {
    useEffect: (effect) => cleanups.push(effect()),
    unmount: () => {
      for (const cleanup of cleanups.splice(0)) cleanup?.();
    },
  };
}

const page = new EventTarget();
setMaxListeners(0, page);
const react = effects();
const vue = { mounted: [] as (() => void)[], unmounted: [] as (() => void)[] };

export const listenerLeakProofs: readonly Proof[] = [
  proof<{ orders: EventEmitter; notifyWhenShipped: (id: string, notify: (text: string) => void) => void }>({
    rule,
    fix: 'self-removing',
    form: 'a handler that waits for its own event',
    program: program`
      import { EventEmitter } from 'node:events';

      export const orders = new EventEmitter();

      export function notifyWhenShipped(orderId: string, notify: (text: string) => void): void {
        orders.on('shipped', (id) => {
          if (id === orderId) notify(\`Order \${orderId} is on its way.\`);
        });
      }
    `,
    async observe({ orders, notifyWhenShipped }) {
      quietEmitter(orders);
      let told = 0;
      for (const id of ORDERS) notifyWhenShipped(id, () => (told += 1));
      for (const id of ORDERS) orders.emit('shipped', id);
      return { told, listeners: orders.listenerCount('shipped') };
    },
    before: { told: 100, listeners: 100 },
    after: { told: 100, listeners: 0 },
  }),
  proof<{ orders: EventEmitter; followOrder: (id: string, notify: (text: string) => void) => void }>({
    rule,
    fix: 'once',
    form: 'a handler of every event',
    program: program`
      import { EventEmitter } from 'node:events';

      export const orders = new EventEmitter();

      export function followOrder(orderId: string, notify: (text: string) => void): void {
        orders.on('progress', (text: string) => notify(\`\${orderId}: \${text}\`));
      }
    `,
    async observe({ orders, followOrder }) {
      quietEmitter(orders);
      let told = 0;
      for (const id of ORDERS) {
        followOrder(id, () => (told += 1));
        orders.emit('progress', 'half');
      }
      return { told, listeners: orders.listenerCount('progress') };
    },
    // Every call tells everyone who asked before once more.
    before: { told: 5050, listeners: 100 },
    after: { told: 100, listeners: 0 },
  }),
  proof<{ useWindowWidth: (show: (width: number) => void) => void }>({
    rule,
    fix: 'effect-cleanup',
    form: 'an effect',
    program: program`
      declare function useEffect(effect: () => void | (() => void), dependencies?: readonly unknown[]): void;

      export function useWindowWidth(show: (width: number) => void): void {
        useEffect(() => {
          window.addEventListener('resize', () => show(window.innerWidth));
        }, []);
      }
    `,
    globals: () => ({ window: page, useEffect: react.useEffect }),
    async observe({ useWindowWidth }) {
      let shown = 0;
      for (let mounted = 0; mounted < 100; mounted += 1) {
        useWindowWidth(() => (shown += 1));
        page.dispatchEvent(new Event('resize'));
        react.unmount();
      }
      const listeners = getEventListeners(page, 'resize');
      for (const listener of listeners) page.removeEventListener('resize', listener as () => void);
      return { shown, listeners: listeners.length };
    },
    before: { shown: 5050, listeners: 100 },
    after: { shown: 100, listeners: 0 },
  }),
  proof<{ useScrollTop: (show: (top: number) => void) => void }>({
    rule,
    fix: 'unmount-hook',
    form: "Vue's hooks",
    program: program`
      import { onMounted } from 'vue';

      export function useScrollTop(show: (top: number) => void): void {
        onMounted(() => {
          window.addEventListener('scroll', () => show(window.scrollY));
        });
      }
    `,
    declarations: program`
      declare module 'vue' {
        export function onMounted(hook: () => void): void;
        export function onUnmounted(hook: () => void): void;
      }
    `,
    modules: {
      vue: {
        onMounted: (hook: () => void) => vue.mounted.push(hook),
        onUnmounted: (hook: () => void) => vue.unmounted.push(hook),
      },
    },
    globals: () => ({ window: page }),
    async observe({ useScrollTop }) {
      let shown = 0;
      for (let mounted = 0; mounted < 100; mounted += 1) {
        useScrollTop(() => (shown += 1));
        for (const hook of vue.mounted.splice(0)) hook();
        page.dispatchEvent(new Event('scroll'));
        for (const hook of vue.unmounted.splice(0)) hook();
      }
      const listeners = getEventListeners(page, 'scroll');
      for (const listener of listeners) page.removeEventListener('scroll', listener as () => void);
      return { shown, listeners: listeners.length };
    },
    before: { shown: 5050, listeners: 100 },
    after: { shown: 100, listeners: 0 },
  }),
  proof<{ SizeBadge: new () => { updates: number; connectedCallback: () => void; disconnectedCallback?: () => void } }>(
    {
      rule,
      fix: 'teardown',
      form: 'a custom element',
      program: program`
      export class SizeBadge extends HTMLElement {
        updates = 0;

        readonly update = (): void => {
          this.updates += 1;
        };

        connectedCallback(): void {
          window.addEventListener('resize', this.update);
        }
      }
    `,
      globals: () => ({ window: page, HTMLElement: class {} }),
      async observe({ SizeBadge }) {
        let updates = 0;
        for (let connected = 0; connected < 100; connected += 1) {
          const badge = new SizeBadge();
          badge.connectedCallback();
          page.dispatchEvent(new Event('resize'));
          badge.disconnectedCallback?.();
          updates += badge.updates;
        }
        const listeners = getEventListeners(page, 'resize');
        for (const listener of listeners) page.removeEventListener('resize', listener as () => void);
        return { updates, listeners: listeners.length };
      },
      before: { updates: 100, listeners: 100 },
      after: { updates: 100, listeners: 0 },
    },
  ),
];
