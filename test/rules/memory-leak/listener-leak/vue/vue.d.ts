declare module 'vue' {
  export function onMounted(hook: () => void): void;
  export function onUnmounted(hook: () => void): void;
  export function ref<T>(value: T): { value: T };
}
