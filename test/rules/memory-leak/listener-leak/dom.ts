// Idiom of github.com/excalidraw/excalidraw and github.com/amplication/amplication: listeners of effects, and of windows that answer.
declare function useEffect(effect: () => void | (() => void), dependencies?: readonly unknown[]): void;
declare function useState<T>(initial: T): [T, (value: T) => void];

export function useWindowWidth(): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    window.addEventListener('resize', () => setWidth(window.innerWidth));
  //       ^^^^^^^^^^^^^^^^ memory-leak/listener-leak high "'resize' to 'window'"
  }, []);
  return width;
}

export function Clipboard({ onPaste }: { onPaste: (text: string) => void }): void {
  useEffect(() => {
    const timer = setTimeout(() => onPaste(''), 1000);
    document.addEventListener('paste', (event) => {
  //         ^^^^^^^^^^^^^^^^ memory-leak/listener-leak high "'paste' to 'document'"
      onPaste(event.type);
    });
    return () => {
      clearTimeout(timer);
    };
  }, [onPaste]);
}

export function Keys({ onKey }: { onKey: (key: string) => void }): void {
  useEffect(() => {
    const handler = (event: KeyboardEvent): void => onKey(event.key);
    window.addEventListener('keydown', handler); // ok memory-leak/listener-leak: the clean-up removes it
    return () => window.removeEventListener('keydown', handler);
  }, [onKey]);
}

export function Online({ onChange }: { onChange: () => void }): void {
  useEffect(() => {
    const controller = new AbortController();
    window.addEventListener('online', () => onChange(), { signal: controller.signal }); // ok memory-leak/listener-leak: the signal ends it
    return () => controller.abort();
  }, [onChange]);
}

export function Box({ element }: { element: HTMLElement }): void {
  useEffect(() => {
    element.addEventListener('click', () => console.info('clicked')); // ok memory-leak/listener-leak: the element goes with the component
  }, [element]);
}

/** Asks another window and waits for the answer of its own. */
export function ask(question: string, answer: (text: string) => void): void {
  const onMessage = (event: MessageEvent<{ question: string; text: string }>): void => {
    if (event.data.question === question) answer(event.data.text);
  };
  window.addEventListener('message', onMessage);
  //     ^^^^^^^^^^^^^^^^ memory-leak/listener-leak medium "Every call of 'ask' adds a listener for 'message'"
  window.parent.postMessage(question, '*');
}

export function openMenu(close: () => void): void {
  document.addEventListener('click', () => close(), { once: true }); // ok memory-leak/listener-leak: once
}

function reportVisibility(): void {
  console.info(document.visibilityState);
}

export function followVisibility(): void {
  document.addEventListener('visibilitychange', reportVisibility); // ok memory-leak/listener-leak: the same function is added once only
}

export function whenLoaded(run: () => void): void {
  window.addEventListener('load', () => run()); // ok memory-leak/listener-leak: it happens once
}

/** `dispose` says that there are many of them over time. */
export class Tooltip {
  readonly #element: HTMLElement;
  constructor(element: HTMLElement) {
    this.#element = element;
    window.addEventListener('scroll', () => this.hide());
  //       ^^^^^^^^^^^^^^^^ memory-leak/listener-leak medium "Every new instance adds a listener for 'scroll'"
    element.addEventListener('mouseleave', () => this.hide()); // ok memory-leak/listener-leak: its own element
  }
  hide(): void {
    this.#element.hidden = true;
  }
  dispose(): void {
    this.#element.remove();
  }
}

export class SizeBadge extends HTMLElement {
  readonly update = (): void => {
    this.textContent = String(window.innerWidth);
  };
  connectedCallback(): void {
    window.addEventListener('resize', this.update);
  //       ^^^^^^^^^^^^^^^^ memory-leak/listener-leak high "Every instance that is mounted"
  }
}

export class ThemeBadge extends HTMLElement {
  readonly update = (): void => {
    this.textContent = document.documentElement.className;
  };
  connectedCallback(): void {
    document.addEventListener('themechange', this.update); // ok memory-leak/listener-leak: disconnectedCallback removes it
  }
  disconnectedCallback(): void {
    document.removeEventListener('themechange', this.update);
  }
}

export function Widget(this: { open: boolean }): void {
  window.addEventListener('blur', () => (this.open = false)); // ok memory-leak/listener-leak: a constructor, made once as far as is seen
}
