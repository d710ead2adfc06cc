// Idiom of github.com/hoppscotch/hoppscotch: composables that listen from `onMounted` on.
import { onMounted, onUnmounted, ref } from 'vue';

export function useScrollTop(): { value: number } {
  const top = ref(0);
  const handler = () => (top.value = window.scrollY);
  onMounted(() => {
    window.addEventListener('scroll', handler);
  //       ^^^^^^^^^^^^^^^^ memory-leak/listener-leak high "'scroll' to 'window'"
  });
  onUnmounted(() => {
    window.removeEventListener('scroll', handler);
  });
  return top;
}

export function useOffline(): { value: boolean } {
  const offline = ref(false);
  const update = (): void => {
    offline.value = !navigator.onLine;
  };
  onMounted(() => {
    window.addEventListener('offline', update); // ok memory-leak/listener-leak: onUnmounted removes it
  });
  onUnmounted(() => window.removeEventListener('offline', update));
  return offline;
}
