// Idiom of github.com/hoppscotch/hoppscotch: composables that listen from `onMounted` on.
import { onMounted, onUnmounted, ref } from 'vue';

export function useScrollTop(): { value: number } {
  const top = ref(0);
  onMounted(() => {
    window.addEventListener('scroll', () => (top.value = window.scrollY));
  //       ^^^^^^^^^^^^^^^^ memory-leak/listener-leak high "'scroll' to 'window'"
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
