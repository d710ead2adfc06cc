/** A progress line on standard error, only where that is a terminal. */
import type { Progress } from '../driver/service.ts';

const WIDTH = 24;

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  readonly clear: () => void;
}

export function createProgressBar(stream: NodeJS.WriteStream): ProgressBar {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    show({ phase, done, total }) {
      const filled = total === 0 ? 0 : Math.round((WIDTH * Math.min(done, total)) / total);
      const bar = total === 0 ? '' : `[${'='.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${done}/${total} `;
      stream.write(`\r\u001B[K${`${bar}${phase}`.slice(0, (stream.columns || 80) - 1)}`);
    },
    clear: () => {
      stream.write('\r\u001B[K');
    },
  };
}
